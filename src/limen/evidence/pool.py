"""Common- and random-effects meta-analysis and meta-regression of effects y with known variances v.

Model: y_i = x_i'β + u_i + e_i, u_i ~ N(0, τ²), e_i ~ N(0, v_i). W = diag(1/(v_i + τ²)) and
P = W - W X (X'WX)⁻¹ X'W. Written in NumPy because statsmodels offers no ML, REML, Q-profile or moderators,
and costs a second to import; validation/ compares the two, and metafor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from limen.errors import DataError
from limen.evidence.effects import Counts
from limen.units import number_of

Vector = Float[np.ndarray, " trials"]
Listed = Sequence[int | float] | Vector
Coefficients = Float[np.ndarray, " coefficients"]
Design = Float[np.ndarray, "trials coefficients"]
Moderators = Float[np.ndarray, "trials moderators"]
Method = Literal["EE", "DL", "PM", "ML", "REML"]
Tables = Literal["rr", "or"]
METHODS: tuple[Method, ...] = ("EE", "DL", "PM", "ML", "REML")
CONVERGED = 1e-12
STEPS = 500
GRID = 80  # points at which the likelihood is looked at for peaks


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True)
class Pooled:
    """A fit: coefficients with SEs and intervals, and the heterogeneity they leave.

    For a plain meta-analysis β has one entry, the pooled effect. `prediction` is where the effect of a new
    trial lies; it is None for a common effect or fewer than three trials. `i2` and `h2` follow from τ² and
    the typical sampling variance.
    """

    method: Method
    k: int
    beta: Coefficients
    se: Coefficients
    interval: tuple[Interval, ...]
    statistic: Coefficients
    p: Coefficients
    test: str
    df: float | None
    tau2: float
    tau2_interval: Interval | None
    q: float
    q_p: float
    i2: float
    h2: float
    prediction: Interval | None
    weights: Vector
    covariance: Float[np.ndarray, "coefficients coefficients"]

    @property
    def estimate(self) -> float:
        return float(self.beta[0])


def pool(
    y: Listed,
    v: Listed,
    *,
    method: Method = "REML",
    hartung_knapp: bool = True,
    moderators: Sequence[float] | Vector | Moderators | None = None,
    level: float = 0.95,
) -> Pooled:
    """Pool k effects, with moderators as columns if given (an intercept is added).

    `hartung_knapp`: SE² = max(1, q) (X'WX)⁻¹ with q = y'Py/(k-p), and t with k-p degrees of freedom; the max
    is the ad-hoc guard that keeps the interval from being narrower than the usual one. It is ignored for EE.
    Raises DataError for variances that are not above zero or more coefficients than trials can carry.
    """
    variances, told = np.asarray(v, float), np.asarray(y, float)
    design = _design(len(told), moderators)
    k, p = design.shape
    _check(told, variances, design)
    # Differences between trials must not lose digits to where the scale has its zero.
    middle = float(told.mean())
    effects = told - middle
    tau2 = 0.0 if method == "EE" else heterogeneity(effects, variances, method, design)
    weights = 1 / (variances + tau2)
    inverse = np.linalg.inv(design.T * weights @ design)
    beta = inverse @ (design.T @ (weights * effects))
    residual = effects - design @ beta
    covariance, df, test = np.asarray(inverse, np.float64), None, "z"
    if hartung_knapp and method != "EE" and k > p:
        spread = float(weights @ residual**2) / (k - p)
        covariance, df, test = covariance * max(1.0, spread), float(k - p), "t"
    se = np.sqrt(np.diag(covariance))
    crit = _quantile(0.5 + level / 2, df)
    q = _q(effects, variances, design, 0.0)
    typical = _typical_variance(variances, design)
    beta[0] += middle
    half = crit * math.sqrt(tau2 + float(se[0]) ** 2)
    predicts = method != "EE" and p == 1 and k >= 3
    return Pooled(
        method=method,
        k=k,
        beta=beta,
        se=se,
        interval=tuple(_around(b, crit * s) for b, s in zip(beta, se, strict=True)),
        statistic=beta / se,
        p=np.array([_two_sided(float(b / s), df) for b, s in zip(beta, se, strict=True)]),
        test=test,
        df=df,
        tau2=tau2,
        tau2_interval=None if method == "EE" or k == p else tau2_profile(effects, variances, design, level),
        q=q,
        q_p=_chi2_upper(q, k - p),
        i2=100 * tau2 / (tau2 + typical)
        if method != "EE"
        else max(0.0, 100 * (q - (k - p)) / q if q > 0 else 0.0),
        h2=(tau2 + typical) / typical if method != "EE" else (q / (k - p) if k > p else 1.0),
        prediction=_around(beta[0], half) if predicts else None,
        weights=weights / weights.sum(),
        covariance=covariance,
    )


def _around(middle: float, half: float) -> Interval:
    return Interval(float(middle - half), float(middle + half))


def _check(effects: Vector, variances: Vector, design: Design) -> None:
    """Raises DataError for what no fit can be made of."""
    k, p = design.shape
    if variances.shape != effects.shape or not np.all(np.isfinite(effects)) or not np.all(variances > 0):
        raise DataError("an effect is missing or its variance is not above zero", remedy="check y and v")
    if k < p + (1 if p > 1 else 0):
        raise DataError(f"{number_of(k, 'trial')} cannot carry {p} coefficients", remedy="drop a moderator")
    size = np.abs(design).max(0)
    if np.any(size == 0) or np.linalg.matrix_rank(design / size) < p:
        raise DataError("a moderator has one value in every trial, or repeats another", remedy="drop it")


def mantel_haenszel(counts: Sequence[Counts], measure: Tables) -> Pooled:
    """The common ratio of k tables by Mantel and Haenszel, on the log scale; empty cells need no correction.

    With N = n1 + n2 and b, d those without the event: OR = Σ(ad/N)/Σ(bc/N), variance by Robins, Breslow and Greenland
    (1986); RR = Σ(a n2/N)/Σ(c n1/N), variance by Greenland and Robins (1985). Raises DataError where a sum is zero.
    """
    a, n1, c, n2 = np.array([[t.a, t.n1, t.c, t.n2] for t in counts], float).T
    b, d, n = n1 - a, n2 - c, n1 + n2
    if measure == "or":
        r, s = a * d / n, b * c / n
        p, q = (a + d) / n, (b + c) / n
        spread = (p @ r, p @ s + q @ r, q @ s)
    else:
        r, s = a * n2 / n, c * n1 / n
        spread = (float(np.sum(n1 * n2 * (a + c) / n**2 - a * c / n)), 0.0, 0.0)
    top, under = float(r.sum()), float(s.sum())
    if top <= 0 or under <= 0:
        raise DataError(
            "no trial has events on both sides", remedy="a ratio needs them; use the risk difference"
        )
    if measure == "or":
        variance = spread[0] / (2 * top**2) + spread[1] / (2 * top * under) + spread[2] / (2 * under**2)
    else:
        variance = spread[0] / (top * under)
    fit = pool([math.log(top / under)], [float(variance)], method="EE")
    return replace(fit, k=len(counts), weights=s / under)


def heterogeneity(y: Vector, v: Vector, method: Method, design: Design) -> float:
    """τ² by the method of moments (DL), the generalised Q (PM), or (restricted) likelihood; never below
    zero."""
    k, p = design.shape
    if k <= p:
        return 0.0
    if method == "DL":
        projection = _projection(v, design, 0.0)
        return max(0.0, (float(y @ projection @ y) - (k - p)) / float(np.trace(projection)))
    if method == "PM":
        return _falling_root(lambda tau2: _q(y, v, design, tau2), float(k - p), _scale(y, v))
    return _likelihood(y, v, design, restricted=method == "REML")


def tau2_profile(y: Vector, v: Vector, design: Design, level: float = 0.95) -> Interval:
    """Q-profile interval: the τ² at which Q(τ²) meets the two χ² quantiles with k-p degrees of freedom."""
    from scipy.special import chdtri

    df, tail = design.shape[0] - design.shape[1], (1 - level) / 2

    def at(target: float) -> float:
        return _falling_root(lambda tau2: _q(y, v, design, tau2), target, _scale(y, v))

    return Interval(at(float(chdtri(df, tail))), at(float(chdtri(df, 1 - tail))))


def leave_one_out(
    y: Listed, v: Listed, *, method: Method = "REML", hartung_knapp: bool = True
) -> list[Pooled]:
    """The pooled effect without each trial in turn."""
    effects, variances = np.asarray(y, float), np.asarray(v, float)
    rest = [np.arange(len(effects)) != left_out for left_out in range(len(effects))]
    return [pool(effects[keep], variances[keep], method=method, hartung_knapp=hartung_knapp) for keep in rest]


def cumulative(y: Listed, v: Listed, *, method: Method = "REML", hartung_knapp: bool = True) -> list[Pooled]:
    """The pooled effect as each trial was added, in the order given."""
    effects, variances = np.asarray(y, float), np.asarray(v, float)
    return [
        pool(effects[: k + 1], variances[: k + 1], method=method, hartung_knapp=hartung_knapp)
        for k in range(len(effects))
    ]


@dataclass(frozen=True)
class Subgroups:
    """Pooled effects by group, and Q between them on (groups - 1) degrees of freedom."""

    groups: tuple[tuple[str, Pooled], ...]
    q_between: float
    df: int
    p: float


def subgroups(
    y: Listed, v: Listed, group: list[str], *, method: Method = "REML", hartung_knapp: bool = True
) -> Subgroups:
    """Each group with its own τ²; Q_between = Σ (θ_g - θ)²/SE_g² around their inverse-variance mean."""
    effects, variances = np.asarray(y, float), np.asarray(v, float)
    names = list(dict.fromkeys(group))
    member = {name: np.array([g == name for g in group]) for name in names}
    fits = {
        n: pool(effects[m], variances[m], method=method, hartung_knapp=hartung_knapp)
        for n, m in member.items()
    }
    centre = np.array([fit.estimate for fit in fits.values()])
    weight = np.array([1 / float(fit.se[0]) ** 2 for fit in fits.values()])
    q = float(weight @ (centre - weight @ centre / weight.sum()) ** 2)
    return Subgroups(tuple(fits.items()), q, len(names) - 1, _chi2_upper(q, len(names) - 1))


def _design(k: int, moderators: Sequence[float] | Vector | Moderators | None) -> Design:
    if k == 0:
        raise DataError("no effects to pool", remedy="widen the filters")
    intercept = np.ones((k, 1))
    if moderators is None:
        return intercept
    columns = np.asarray(moderators, float)
    return np.hstack([intercept, columns.reshape(k, -1)])


def _projection(v: Vector, design: Design, tau2: float) -> Float[np.ndarray, "trials trials"]:
    weighted = design.T / (v + tau2)
    return np.diag(1 / (v + tau2)) - weighted.T @ np.linalg.solve(weighted @ design, weighted)


def _q(y: Vector, v: Vector, design: Design, tau2: float) -> float:
    return float(y @ _projection(v, design, tau2) @ y)


def _typical_variance(v: Vector, design: Design) -> float:
    k, p = design.shape
    return (k - p) / float(np.trace(_projection(v, design, 0.0))) if k > p else float(v.mean())


def _scale(y: Vector, v: Vector) -> float:
    return float(np.var(y) + v.max()) or 1.0


def _falling_root(f: Callable[[float], float], target: float, scale: float) -> float:
    """The τ² >= 0 where a falling f meets `target`; zero where it starts below."""
    if f(0.0) <= target:
        return 0.0
    low, high = 0.0, scale
    while f(high) > target:
        low, high = high, 2 * high
    return _polished(lambda tau2: f(tau2) - target, low, high)


def _likelihood(y: Vector, v: Vector, design: Design, *, restricted: bool) -> float:
    """The τ² at the top of the (restricted) likelihood, which may have several peaks and may be highest at
    zero.

    Score: (y'PPy - tr P)/2 for REML, with tr W in place of tr P for ML. Every fall of the score through zero
    on a grid is a peak; each is polished by bisection and the highest is taken, zero among them.
    """

    def score(tau2: float) -> float:
        projection = _projection(v, design, tau2)
        fitted = projection @ y
        trace = np.trace(projection) if restricted else np.sum(1 / (v + tau2))
        return float(fitted @ fitted - trace) / 2

    def log_likelihood(tau2: float) -> float:
        value = float(np.sum(np.log(v + tau2))) + _q(y, v, design, tau2)
        if restricted:
            value += float(np.linalg.slogdet(design.T / (v + tau2) @ design)[1])
        return -value / 2

    top = 4 * (float(np.ptp(y)) ** 2 + float(v.max()))
    grid = [0.0, *np.geomspace(1e-6 * min(top, float(v.min())), top, GRID)]
    slopes = [score(tau2) for tau2 in grid]
    peaks = [0.0]
    for (low, rises), (high, falls) in pairwise(zip(grid, slopes, strict=True)):
        if rises > 0 >= falls:
            peaks.append(_polished(score, low, high))
    return max(peaks, key=log_likelihood)


def _polished(score: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a score that is positive at `low` and not at `high`."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        if high - low <= CONVERGED * middle:
            break
        low, high = (middle, high) if score(middle) > 0 else (low, middle)
    return (low + high) / 2


def _quantile(probability: float, df: float | None) -> float:
    if df is None:
        from statistics import NormalDist

        return NormalDist().inv_cdf(probability)
    from scipy.special import stdtrit

    return float(stdtrit(df, probability))


def _two_sided(statistic: float, df: float | None) -> float:
    if df is None:
        return math.erfc(abs(statistic) / math.sqrt(2))
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(statistic)))


def _chi2_upper(q: float, df: int) -> float:
    if df < 1:
        return 1.0
    from scipy.special import chdtrc

    return float(chdtrc(df, max(q, 0.0)))
