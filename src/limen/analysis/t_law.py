"""Intervals and p-values of estimates that are normal about the truth, their variance estimated on `df` degrees of
freedom; one data set at a time, without compiling anything."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped
from scipy import stats

from limen.analysis.estimate import Estimate

Alternative = Literal["two-sided", "greater", "less"]
Many = Float[np.ndarray, "*many"]


def t_interval(
    estimate: Many,
    se: Many,
    df: Many,
    level: float = 0.95,
    null: float = 0.0,
    alternative: Alternative = "two-sided",
) -> tuple[Many, Many, Many]:
    """Lower and upper limit, and p against `null`; NaN where df < 1. The normal law where `df` is infinite.

    A one-sided question ("greater": is the truth above `null`) has a one-sided interval of the same level.
    """
    usable = (df >= 1) & np.isfinite(estimate) & np.isfinite(se)
    df = np.where(usable, df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(estimate == null, 0.0, (estimate - null) / se)
    tail = {"two-sided": 2 * stats.t.sf(np.abs(distance), df), "greater": stats.t.sf(distance, df),
            "less": stats.t.cdf(distance, df)}[alternative]  # fmt: skip
    half = stats.t.isf((1 - level) / (2 if alternative == "two-sided" else 1), df) * se
    low = np.where(alternative == "less", np.where(usable, -np.inf, np.nan), estimate - half)
    high = np.where(alternative == "greater", np.where(usable, np.inf, np.nan), estimate + half)
    return low, high, tail


def lines_by_t(
    rows: Float[np.ndarray, "contrasts columns"],
    beta: Float[np.ndarray, " columns"],
    covariance: Float[np.ndarray, "columns columns"],
    n: Shaped[np.ndarray, " contrasts"],
    level: float,
    df: float = np.inf,
) -> Estimate:
    """Linear combinations of estimates with their covariance, each against zero."""
    estimate, se = rows @ beta, np.sqrt(np.einsum("cp,pq,cq->c", rows, covariance, rows))
    held = np.full(len(rows), df)
    low, high, p = t_interval(estimate, se, held, level)
    return Estimate(estimate, se, held, low, high, p, n.astype(float))
