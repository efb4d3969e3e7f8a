"""Generalised estimating equations: exchangeable within a person, robust errors with Mancl and DeRouen's correction.

A score of 0 and 1 is modelled by its log odds, any other by its mean.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.analysis.marginal import differences
from limen.analysis.rows import RowMethod, prepare
from limen.errors import DataError

WORDS = "generalised estimating equations, exchangeable"


def _fit(frame: Frame, options: Options) -> Fitted:
    import statsmodels.api as sm

    ready = prepare(frame, options)
    score = ready.frame.score
    binary = bool(np.isin(score, (0.0, 1.0)).all())
    family = sm.families.Binomial() if binary else sm.families.Gaussian()
    exchangeable = sm.cov_struct.Exchangeable()
    if binary and len(set(score.tolist())) < 2:
        raise DataError("every score is the same", remedy="there is nothing to compare")
    model = sm.GEE(
        score, ready.effects.matrix, groups=ready.frame.owner, family=family, cov_struct=exchangeable
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found: Any = model.fit(cov_type="bias_reduced")
            covariance = np.asarray(found.cov_params())
        except (Warning, ValueError, np.linalg.LinAlgError, ZeroDivisionError):
            raise DataError("the estimating equations have no solution that can be trusted: too few people, or a group whose scores are all the same", remedy="fewer effects, another --method, or more people") from None  # fmt: skip
    if not (np.isfinite(covariance).all() and (np.diag(covariance) > 0).all()):
        raise DataError("the estimating equations leave no spread to test against: too few people, or scores that are predicted without error", remedy="fewer effects, or more people")  # fmt: skip
    what = "log odds ratio" if binary else "difference"
    told = (what, "robust, bias reduced", f"{ready.formula}; {WORDS}")
    return differences(ready, np.asarray(found.params), covariance, options, told)


MODEL = RowMethod(WORDS, _fit)
