"""Student's t test of a score at each visit; the paired one where the same people have both conditions."""

from __future__ import annotations

from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.analysis.rows import RowMethod
from limen.analysis.t_test import t_tests


def _fit(frame: Frame, options: Options) -> Fitted:
    return t_tests(frame, options, equal=True)


MODEL = RowMethod("t test, paired within people", _fit)
