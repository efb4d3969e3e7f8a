"""Logistic regression of a score of 0 and 1, one row a person."""

from __future__ import annotations

import numpy as np

from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.analysis.marginal import differences
from limen.analysis.rows import RowMethod, prepare
from limen.errors import DataError

WORDS = "logistic regression"


def _fit(frame: Frame, options: Options) -> Fitted:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationError, PerfectSeparationWarning

    ready = prepare(frame.of(_asked(frame, options)), options)
    if not np.isin(ready.frame.score, (0.0, 1.0)).all():
        raise DataError(
            "a logistic regression needs a score of 0 and 1",
            remedy="for responders of a scale: --method responders",
        )
    if len(ready.frame.people) < len(ready.frame.score):
        raise DataError(
            "a person has several rows", remedy="name one visit with --visit-of-interest, or choose gee"
        )
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            found = sm.Logit(ready.frame.score, ready.effects.matrix).fit(disp=False)
        except (PerfectSeparationError, PerfectSeparationWarning, np.linalg.LinAlgError):
            raise DataError("the shares are told apart without error: no odds ratio is finite", remedy="choose responders, which gives the difference of shares") from None  # fmt: skip
    told = ("log odds ratio", "model", f"{ready.formula}; {WORDS}")
    return differences(ready, np.asarray(found.params), np.asarray(found.cov_params()), options, told)


def _asked(frame: Frame, options: Options) -> np.ndarray:
    """Rows of the visit that is asked about."""
    return (frame.table["visit"].astype(str) == options.visit).to_numpy()


MODEL = RowMethod(WORDS, _fit)
