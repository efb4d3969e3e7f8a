"""Closed-form power: the two-sample t test, and analysis of covariance with a baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from limen.errors import LimenError
from limen.results import Result

# Gauss-Legendre nodes over the distribution of the chance baseline imbalance; 64 give more than ten digits.
NODES = 64
# Nodes over the estimated standard deviation, whose law is cut where this little is left on either side.
SPREAD_NODES = 128
NEGLIGIBLE = 1e-17


@dataclass(frozen=True)
class Power(Result):
    """Power of an analysis of covariance with two arms of `per_arm` people."""

    effect: float
    sd: float
    correlation: float
    alpha: float
    per_arm: int
    power: float


def t_test_power(effect: float, sd: float, n_active: int, n_control: int, alpha: float = 0.05) -> float:
    """Probability that a two-sided two-sample t test rejects, both tails counted.

    With df = n_1 + n_0 - 2, delta = (effect/sd) / sqrt(1/n_1 + 1/n_0) and T' noncentral t:
    P(|T'_{df, delta}| > t_{1 - alpha/2, df}). Raises LimenError for sizes below 2 or a spread not above 0.
    """
    _check(sd, n_active, n_control, alpha, least=2)
    df = n_active + n_control - 2
    return float(_power(effect / sd / math.sqrt(1 / n_active + 1 / n_control), df, alpha))


def ancova_power(
    effect: float,
    sd: float,
    correlation: float,
    n_active: int,
    n_control: int,
    alpha: float = 0.05,
) -> float:
    """Power of outcome ~ arm + baseline under randomisation, baseline and outcome jointly normal.

    `sd` is the outcome's within arms, `correlation` that of baseline and outcome. The residual SD is
    sd sqrt(1 - r^2), df = n - 3, and chance imbalance of the baseline widens the variance of the difference:

        var = sd^2 (1 - r^2) (1/n_1 + 1/n_0) [1 + F/(n - 2)],   F ~ F(1, n - 2),

    because (x_1 - x_0)^2/S_xx is that multiple of an F ratio. The power is the mean over F: exact, not the usual
    sample-size approximation that leaves F out. For change from baseline pass the SD and correlation of the final
    score: the analysis is the same.
    """
    _check(sd, n_active, n_control, alpha, least=2)
    if not -1 < correlation < 1:
        raise LimenError(f"a correlation of {correlation}", remedy="give one above -1 and below 1")
    n = n_active + n_control
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    # F = T^2 with T ~ t_{n-2}: nodes run over the quantiles of |T|.
    imbalance = stats.t.ppf(0.75 + nodes / 4, n - 2) ** 2
    variance = sd**2 * (1 - correlation**2) * (1 / n_active + 1 / n_control) * (1 + imbalance / (n - 2))
    return float(np.sum(weights / 2 * _power(effect / np.sqrt(variance), n - 3, alpha)))


def participants_per_arm(
    effect: float,
    sd: float,
    power: float,
    correlation: float = 0.0,
    alpha: float = 0.05,
    most: int = 1_000_000,
) -> int:
    """Smallest equal arm size whose `ancova_power` reaches `power`; raises LimenError where `most` is not enough."""
    if not alpha < power < 1:
        raise LimenError(f"a power of {power}", remedy=f"give one between alpha ({alpha}) and 1")
    if effect == 0:
        raise LimenError(
            "no number of participants shows an effect of zero", remedy="give the effect to detect"
        )
    low, high = 1, 2
    while ancova_power(effect, sd, correlation, high, high, alpha) < power:
        low, high = high, high * 2
        if high > most:
            raise LimenError(
                f"more than {most} participants per arm would be needed", remedy="is the unit right?"
            )
    while high - low > 1:
        middle = (low + high) // 2
        enough = ancova_power(effect, sd, correlation, middle, middle, alpha) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def _power(delta: float | np.ndarray, df: float, alpha: float) -> np.ndarray:
    """P(|T'| > t) for noncentral T' = (Z + delta)/s, s^2 ~ chi^2_df/df, as the mean over s of normal tails.

    SciPy's noncentral t returns NaN in the far tail; this integral is smooth everywhere.
    """
    critical = stats.t.ppf(1 - alpha / 2, df)
    low, high = stats.chi2.ppf(NEGLIGIBLE, df), stats.chi2.isf(NEGLIGIBLE, df)
    low, high = math.sqrt(low / df), math.sqrt(high / df)
    nodes, weights = np.polynomial.legendre.leggauss(SPREAD_NODES)
    s = low + (high - low) * (nodes + 1) / 2
    density = 2 * df * s * stats.chi2.pdf(df * s * s, df) * (high - low) / 2 * weights
    shift = np.asarray(delta, float)[..., None]
    return (stats.norm.sf(critical * s - shift) + stats.norm.sf(critical * s + shift)) @ density


def _check(sd: float, n_active: int, n_control: int, alpha: float, least: int) -> None:
    if not (sd > 0 and math.isfinite(sd)):
        raise LimenError(f"a standard deviation of {sd}", remedy="give one above zero")
    if min(n_active, n_control) < least:
        raise LimenError(
            f"arms of {n_active} and {n_control}", remedy=f"each needs at least {least} participants"
        )
    if not 0 < alpha < 1:
        raise LimenError(f"a level alpha of {alpha}", remedy="give one between 0 and 1, such as 0.05")
