"""Do small trials say something else than large ones? Egger's regression and the rank test of Begg and
Mazumdar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from limen.errors import DataError
from limen.evidence.pool import Listed
from limen.units import number_of

FEWEST = 3  # below this neither test is defined
ADVISED = 10  # below this both have little power; the Cochrane Handbook (13.3.5.4) advises against them


@dataclass(frozen=True)
class Asymmetry:
    """One test: its statistic, p, and whether there are enough trials for it to mean much."""

    test: str
    statistic: float
    p: float
    k: int

    @property
    def enough(self) -> bool:
        return self.k >= ADVISED


def egger(y: Listed, v: Listed) -> Asymmetry:
    """Weighted regression of y on its SE (weights 1/v, free residual scale): t of the slope on k-2 df.

    The same test as the intercept of y/SE on 1/SE. Raises DataError below three trials.
    """
    from scipy.special import stdtr

    effects, se = np.asarray(y, float), np.sqrt(np.asarray(v, float))
    k = _enough(len(effects))
    if _alike(se):
        raise DataError("every trial has the same standard error", remedy="nothing to regress on")
    if _alike(effects):
        raise DataError("every trial has the same effect", remedy="nothing to regress")
    design = np.column_stack([1 / se, np.ones(k)])
    beta, *_ = np.linalg.lstsq(design, effects / se, rcond=None)
    residual = effects / se - design @ beta
    scale = float(residual @ residual) / (k - 2)
    covariance = scale * np.linalg.inv(design.T @ design)
    t = float(beta[1]) / math.sqrt(float(covariance[1, 1]))
    return Asymmetry("Egger", t, 2 * float(stdtr(k - 2, -abs(t))), k)


def rank_test(y: Listed, v: Listed) -> Asymmetry:
    """Kendall's τ between (y_i - θ)/√(v_i - 1/Σw) and v_i, θ the common effect; exact p without ties."""
    from scipy.stats import kendalltau

    effects, variances = np.asarray(y, float), np.asarray(v, float)
    k = _enough(len(effects))
    if _alike(variances):
        raise DataError("every trial has the same standard error", remedy="nothing to rank")
    weights = 1 / variances
    centred = (effects - weights @ effects / weights.sum()) / np.sqrt(variances - 1 / weights.sum())
    if _alike(effects):
        raise DataError("every trial has the same effect", remedy="nothing to rank")
    found: Any = kendalltau(centred, variances)
    return Asymmetry("rank", float(found.statistic), float(found.pvalue), k)


def _alike(values: Listed) -> bool:
    """One value in every trial, rounding aside."""
    return float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max())


def _enough(k: int) -> int:
    if k < FEWEST:
        raise DataError(
            f"a funnel of {number_of(k, 'trial')} shows nothing",
            remedy=f"it takes {FEWEST}, better {ADVISED}",
        )
    return k
