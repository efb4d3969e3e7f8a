"""Intervals and p-values of estimates that are normal about the truth, their variance estimated on `df` degrees of
freedom; one data set at a time, without compiling anything."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from limen.analysis.estimate import Estimate

LEAST = 1 - 1e-6  # degrees of freedom that carry an interval, rounded as those of a fit are
Alternative = Literal["two-sided", "greater", "less"]
Many = Float[np.ndarray | np.float64, "*#many"]
Found = Float[np.ndarray, "*found"]


def t_interval(
    estimate: Many,
    se: Many,
    df: Many,
    level: float = 0.95,
    null: float = 0.0,
    alternative: Alternative = "two-sided",
) -> tuple[Found, Found, Found]:
    """Lower and upper limit, and p against `null`; NaN where df < 1. The normal law where `df` is infinite.

    A one-sided question ("greater": is the truth above `null`) has a one-sided interval of the same level.
    """
    usable = (df >= LEAST) & np.isfinite(estimate) & np.isfinite(se)
    df = np.where(usable, df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(estimate == null, 0.0, (estimate - null) / se)
    above = {"two-sided": -np.abs(distance), "greater": -distance, "less": distance}[alternative]
    tail = (2 if alternative == "two-sided" else 1) * _cumulative(above, df)
    half = within_t(level if alternative == "two-sided" else 2 * level - 1, df) * se
    low = np.where(alternative == "less", np.where(usable, -np.inf, np.nan), estimate - half)
    high = np.where(alternative == "greater", np.where(usable, np.inf, np.nan), estimate + half)
    return np.asarray(low), np.asarray(high), np.asarray(tail)


def within_t(level: float, df: Many) -> Found:
    """t with P(|T| <= t) = `level`; the normal law where `df` is infinite, NaN where it is."""
    return np.where(np.isinf(df), ndtri(0.5 + level / 2), stdtrit(df, 0.5 + level / 2))


def _cumulative(t: Many, df: Many) -> Found:
    return np.where(np.isinf(df), ndtr(t), stdtr(df, t))


def by_t(estimate: Many, se: Many, df: Many, n: Many, level: float) -> Estimate:
    """Estimates with their intervals and two-sided p; all but `n` are NaN where nothing can be said."""
    usable = (df >= LEAST) & np.isfinite(estimate) & np.isfinite(se)
    estimate, se, df = (np.where(usable, x, np.nan) for x in (estimate, se, df))
    low, high, p = t_interval(estimate, se, df, level)
    return Estimate(estimate, se, df, low, high, p, np.broadcast_to(n, estimate.shape))


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
