"""One trial is not a meta-analysis. What it says with a stated prior, and what a second trial would add.

Model: y_i ~ N(θ, v_i + τ²), θ ~ N(m0, s0²), τ ~ half-normal (or half-Cauchy). Given τ everything is normal,
so the posterior is a mixture of normals over a grid of τ; no sampling, no JAX.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from limen.evidence.choices import choices
from limen.evidence.pool import Listed

Vector = Float[np.ndarray, "..."]
Heterogeneity = Literal["half_normal", "half_cauchy"]
NODES = 200  # of τ: more change no printed digit
TAIL = 10.0  # prior scales beyond where trials that disagree can push τ
FUTURES = 401  # results of the second trial that are averaged over
REACH = 5.0  # predictive SDs on either side


@dataclass(frozen=True)
class Prior:
    """θ ~ N(mean, sd²); τ ~ half-normal(scale) or half-Cauchy(scale)."""

    mean: float
    sd: float
    heterogeneity: Heterogeneity
    scale: float

    @property
    def words(self) -> str:
        name = self.heterogeneity.replace("_", "-")
        return f"effect ~ normal({self.mean:g}, {self.sd:g}); heterogeneity SD ~ {name}({self.scale:g})"


def prior(unit: float = 1.0, heterogeneity: Heterogeneity = "half_normal") -> Prior:
    """The stated prior, stretched by `unit` (the SD of a raw scale; 1 for standardised effects)."""
    chosen = choices()
    effect, spread = chosen["effect"], chosen["heterogeneity"][heterogeneity]
    return Prior(effect["mean"] * unit, effect["sd"] * unit, heterogeneity, spread * unit)


@dataclass(frozen=True)
class Posterior:
    """What is believed about the mean effect θ: mean, SD, interval, and the chance that it is below zero."""

    mean: float
    sd: float
    low: float
    high: float
    below_zero: float
    tau_median: float


@dataclass(frozen=True)
class SecondTrial:
    """What a trial of n per arm is expected to add to the first, before anyone runs it.

    `width` is the expected width of the 95% interval (now: `width_now`); `sign_change` the chance that the
    posterior mean changes sign; `excludes_zero` the chance that the interval excludes zero.
    """

    n_per_arm: int
    width_now: float
    width: float
    sign_change: float
    excludes_zero: float


def posterior(y: Listed, v: Listed, given: Prior, level: float = 0.95) -> Posterior:
    """The posterior of θ for any number of trials, by the grid over τ."""
    effects, variances = np.asarray(y, float), np.asarray(v, float)
    grid = _grid(given, effects, variances)
    tau = grid[0]
    weights, means, sds = _mixture(effects[None, :], variances, given, grid)
    weights, means, sds = weights[0], means[0], sds[0]
    mean = float(weights @ means)
    variance = float(weights @ (sds**2 + means**2)) - mean**2
    tail = (1 - level) / 2
    low, high = (_quantile(weights, means, sds, p) for p in (tail, 1 - tail))
    middle = float(np.interp(0.5, np.cumsum(weights) - weights / 2, tau))
    return Posterior(mean, math.sqrt(variance), low, high, float(weights @ _phi(-means / sds)), middle)


def second_trial(
    y: float, v: float, n_per_arm: int, sd: float, given: Prior, level: float = 0.95
) -> SecondTrial:
    """Average over what a second trial may find: y₂ ~ N(m_τ, s_τ² + τ² + v₂) given τ and the first trial.

    v₂ = 2 sd²/n: `sd` is 1 on the standardised scale. Expectations over an even grid of y₂.
    """
    now = posterior([y], [v], given, level)
    v2 = 2 * sd * sd / n_per_arm
    # One grid for every future: as far apart as two trials may come to lie.
    span = REACH * math.sqrt(given.sd**2 + v + v2)
    grid = _grid(given, np.array([y - span, y + span]), np.array([v, v2]))
    tau = grid[0]
    weights, means, sds = (part[0] for part in _mixture(np.array([[y]]), np.array([v]), given, grid))
    spread = np.sqrt(sds**2 + tau**2 + v2)
    ends = float(np.min(means - REACH * spread)), float(np.max(means + REACH * spread))
    futures: Vector = np.linspace(*ends, FUTURES)
    chance = (weights / spread) @ np.exp(-0.5 * ((futures - means[:, None]) / spread[:, None]) ** 2)
    chance = chance / chance.sum()
    both = np.column_stack([np.full_like(futures, y), futures])
    w, m, s = _mixture(both, np.array([v, v2]), given, grid)
    tail = (1 - level) / 2
    low, high = _quantiles(w, m, s, tail), _quantiles(w, m, s, 1 - tail)
    centre = np.sum(w * m, axis=1)
    return SecondTrial(
        n_per_arm=n_per_arm,
        width_now=now.high - now.low,
        width=float(chance @ (high - low)),
        sign_change=float(chance @ (np.sign(centre) != np.sign(now.mean))),
        excludes_zero=float(chance @ ((low > 0) | (high < 0))),
    )


def common(given: Prior) -> Prior:
    """The same prior if every trial estimated one effect: no heterogeneity."""
    return Prior(given.mean, given.sd, given.heterogeneity, 0.0)


def _grid(given: Prior, y: Vector, v: Vector) -> tuple[Vector, Vector]:
    """Nodes of τ and the log of their prior weight; a single zero where none is allowed.

    Gauss-Legendre in u with τ = scale sinh(u), as far as the posterior may reach: against a half-normal prior trials
    that lie R apart push τ to about √(scale R), far beyond where the prior itself has its mass.
    """
    if given.scale == 0:
        return np.zeros(1), np.zeros(1)
    apart = float(np.ptp(y)) + 2 * REACH * math.sqrt(float(np.max(v)))
    end = math.sqrt(given.scale * apart) + TAIL * given.scale
    if given.heterogeneity == "half_cauchy":
        end = 1e4 * (given.scale + apart)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    reach = math.asinh(end / given.scale)
    u = reach * (nodes + 1) / 2
    ratio = np.sinh(u)
    density = -np.log1p(ratio**2) if given.heterogeneity == "half_cauchy" else -(ratio**2) / 2
    return given.scale * ratio, np.log(weights * np.cosh(u)) + density


def _mixture(
    y: Vector, v: Vector, given: Prior, grid: tuple[Vector, Vector]
) -> tuple[Vector, Vector, Vector]:
    """(sets, trials) effects to weights, means and SDs of θ, each (sets, τ nodes)."""
    tau, prior_weight = grid
    precision = 1 / (v[None, :] + tau[:, None] ** 2)  # τ nodes x trials
    total = precision.sum(axis=1) + 1 / given.sd**2
    mean = (y @ precision.T + given.mean / given.sd**2) / total
    # log marginal likelihood of y given τ, θ integrated out
    quadratic = (y**2) @ precision.T + given.mean**2 / given.sd**2 - mean**2 * total
    log = 0.5 * np.log(precision).sum(axis=1) - 0.5 * np.log(total) - 0.5 * quadratic + prior_weight
    weights = np.exp(log - log.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True), mean, np.broadcast_to(total**-0.5, mean.shape)


def _phi(x: Vector) -> Vector:
    """The standard normal distribution function."""
    from scipy.special import ndtr

    return np.asarray(ndtr(x), float)


def _quantiles(w: Vector, m: Vector, s: Vector, probability: float) -> Vector:
    """Quantile of each row's normal mixture, by bisection."""
    low: Vector = np.min(m - 12 * s, axis=1)
    high: Vector = np.max(m + 12 * s, axis=1)
    for _ in range(32):
        middle = (low + high) / 2
        under = np.sum(w * _phi((middle[:, None] - m) / s), axis=1) < probability
        low[under], high[~under] = middle[under], middle[~under]
    return (low + high) / 2


def _quantile(w: Vector, m: Vector, s: Vector, probability: float) -> float:
    return float(_quantiles(w[None, :], m[None, :], s[None, :], probability)[0])
