"""Effect sizes with their sampling variances, from what one arm or two arms report.

Symbols: n, m, s are an arm's size, mean and SD; 1 is active, 2 is control; y is the effect, v its variance.
Formulas follow the Cochrane Handbook (chapters 6, 10, 23) and the conventions of metafor's `escalc`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from limen.errors import DataError

HALF = 0.5  # added to every cell of a 2 x 2 table that has an empty one


@dataclass(frozen=True)
class Size:
    """An effect y with sampling variance v, on the scale named by `measure`."""

    y: float
    v: float
    measure: str

    @property
    def se(self) -> float:
        return math.sqrt(self.v)


@dataclass(frozen=True)
class Counts:
    """People with the event and all people: a of n1 active, c of n2 control."""

    a: float
    n1: float
    c: float
    n2: float


def small_sample_factor(df: float) -> float:
    """Hedges' exact correction J(df) = Γ(df/2) / (√(df/2) Γ((df-1)/2)); near 1 - 3/(4 df - 1)."""
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def hedges_g(m1: float, s1: float, n1: float, m2: float, s2: float, n2: float) -> Size:
    """g = J(n1+n2-2) (m1-m2)/s_p with v = 1/n1 + 1/n2 + g²/(2(n1+n2)); s_p pools the two SDs."""
    _sizes(n1, n2)
    g = small_sample_factor(n1 + n2 - 2) * (m1 - m2) / pooled_sd(s1, n1, s2, n2)
    return Size(g, 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2)), "smd")


def mean_difference(
    m1: float, s1: float, n1: float, m2: float, s2: float, n2: float, *, pooled: bool = False
) -> Size:
    """m1 - m2 with v = s1²/n1 + s2²/n2, or s_p² (1/n1 + 1/n2) where equal spread is assumed (`pooled`)."""
    _sizes(n1, n2)
    if pooled:
        return Size(m1 - m2, pooled_sd(s1, n1, s2, n2) ** 2 * (1 / n1 + 1 / n2), "md")
    return Size(m1 - m2, s1**2 / n1 + s2**2 / n2, "md")


def log_risk_ratio(a: float, n1: float, c: float, n2: float) -> Size:
    """ln((a/n1)/(c/n2)), v = 1/a - 1/n1 + 1/c - 1/n2; a and c are the events."""
    a, b, c, d = _cells(a, n1, c, n2)
    return Size(math.log((a / (a + b)) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), "rr")


def log_odds_ratio(a: float, n1: float, c: float, n2: float) -> Size:
    """ln(ad/(bc)), v = 1/a + 1/b + 1/c + 1/d; b and d are those without the event."""
    a, b, c, d = _cells(a, n1, c, n2)
    return Size(math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, "or")


def risk_difference(a: float, n1: float, c: float, n2: float) -> Size:
    """p1 - p2 with v = p1 q1/n1 + p2 q2/n2; no correction for empty cells."""
    p1, p2 = a / n1, c / n2
    return Size(p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2, "rd")


def standardised_change(change: float, sd_change: float, n: float) -> Size:
    """One group: g = J(n-1) change/sd_change, v = 1/n + g²/(2n). Uncontrolled: shown, never pooled."""
    g = small_sample_factor(n - 1) * change / sd_change
    return Size(g, 1 / n + g * g / (2 * n), "smcc")


def sd_of_change(sd_before: float, sd_after: float, r: float) -> float:
    """√(s_b² + s_a² - 2 r s_b s_a): the SD of a change from the two SDs and their correlation r."""
    return math.sqrt(sd_before**2 + sd_after**2 - 2 * r * sd_before * sd_after)


def sd_from_interval(low: float, high: float, n: float, level: float = 0.95) -> float:
    """√n (high - low)/(2 z): the SD behind an arm's mean and normal interval."""
    return math.sqrt(n) * se_from_interval(low, high, level)


def se_from_interval(low: float, high: float, level: float = 0.95) -> float:
    """(high - low)/(2 z), for intervals built on the normal quantile."""
    return (high - low) / (2 * NormalDist().inv_cdf(0.5 + level / 2))


def pooled_sd(s1: float, n1: float, s2: float, n2: float) -> float:
    """√(((n1-1) s1² + (n2-1) s2²)/(n1+n2-2))."""
    if s1 <= 0 or s2 <= 0:
        raise DataError("a standard deviation is not above zero", remedy="check the SD column")
    return math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))


def _sizes(n1: float, n2: float) -> None:
    if min(n1, n2) < 2:
        raise DataError(
            f"arms of {n1:g} and {n2:g} have no spread", remedy="each arm needs two people or more"
        )


def _cells(a: float, n1: float, c: float, n2: float) -> tuple[float, float, float, float]:
    b, d = n1 - a, n2 - c
    if min(a, b, c, d) < 0:
        raise DataError("more events than people", remedy="check the counts and the arm sizes")
    add = HALF if min(a, b, c, d) == 0 else 0.0
    return a + add, b + add, c + add, d + add
