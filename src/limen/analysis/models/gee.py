"""Generalised estimating equations: exchangeable within a person, robust errors with Mancl and DeRouen's correction.

A score of 0 and 1 is modelled by its log odds, any other by its mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.analysis.marginal import differences
from limen.analysis.rows import RowMethod, prepare

WORDS = "generalised estimating equations, exchangeable"


def _fit(frame: Frame, options: Options) -> Fitted:
    import statsmodels.api as sm

    ready = prepare(frame, options)
    score = ready.frame.score
    binary = bool(np.isin(score, (0.0, 1.0)).all())
    family = sm.families.Binomial() if binary else sm.families.Gaussian()
    exchangeable = sm.cov_struct.Exchangeable()
    model = sm.GEE(
        score, ready.effects.matrix, groups=ready.frame.owner, family=family, cov_struct=exchangeable
    )
    found: Any = model.fit(cov_type="bias_reduced")
    what = "log odds ratio" if binary else "difference"
    told = (what, "robust, bias reduced", f"{ready.formula}; {WORDS}")
    return differences(ready, np.asarray(found.params), np.asarray(found.cov_params()), options, told)


MODEL = RowMethod(WORDS, _fit)
