"""Multiple imputation of a parallel-group trial, missing at random or by reference to the control arm, pooled by Rubin.

What a person would have scored is drawn given what was seen of them, about a mean that a *strategy* chooses for those who
left (Carpenter, Roger and Kenward 2013). Each completed data set is analysed by covariance, visit by visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy import optimize

from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.posterior import Observed, fill, posterior
from limen.analysis.t_law import t_interval
from limen.engine.generator import generator
from limen.errors import DataError

Means = Float[np.ndarray, "chains people visits"]
Strategy = Callable[[Means, Means, Int[np.ndarray, " people"]], Means]
# Numbers that the chains of a block hold.
ROOM = 2_000_000
# Standard deviations of the scores at a visit beyond which no tipping point is looked for.
FARTHEST = 10.0


def at_random(own: Means, reference: Means, last: Int[np.ndarray, " people"]) -> Means:
    """As those of the own arm who stayed: the hypothetical effect had nobody left."""
    return own


def jump_to_reference(own: Means, reference: Means, last: Int[np.ndarray, " people"]) -> Means:
    """From the visit after the last one seen, as the control arm."""
    return np.where(np.arange(own.shape[-1]) > last[:, None], reference, own)


def copy_reference(own: Means, reference: Means, last: Int[np.ndarray, " people"]) -> Means:
    """As the control arm at every visit: what was seen of a person counts as a departure from it."""
    return reference


def copy_increments(own: Means, reference: Means, last: Int[np.ndarray, " people"]) -> Means:
    """After the last visit seen the control arm's course, from where the own arm had come to."""
    after = np.arange(own.shape[-1]) > last[:, None]
    at = np.maximum(last, 0)[None, :, None]
    gained = np.where(last[:, None] < 0, 0.0, np.take_along_axis(own - reference, at, -1))
    return np.where(after, reference + gained, own)


STRATEGIES: dict[str, Strategy] = {
    "missing-at-random": at_random,
    "jump-to-reference": jump_to_reference,
    "copy-reference": copy_reference,
    "copy-increments": copy_increments,
}


@dataclass(frozen=True)
class Pooled:
    """Rubin's rules, by contrast and visit. `monte_carlo` and `monte_carlo_se` are the standard errors that a finite
    number of imputations leaves in `estimate` and in `se`; `missing` is the share of information that is missing."""

    estimate: Float[np.ndarray, "rows visits"]
    se: Float[np.ndarray, "rows visits"]
    df: Float[np.ndarray, "rows visits"]
    low: Float[np.ndarray, "rows visits"]
    high: Float[np.ndarray, "rows visits"]
    p: Float[np.ndarray, "rows visits"]
    monte_carlo: Float[np.ndarray, "rows visits"]
    monte_carlo_se: Float[np.ndarray, "rows visits"]
    missing: Float[np.ndarray, "rows visits"]


@dataclass(frozen=True)
class Imputed:
    """Completed data sets, as sums: `fitted` and `rest` are least squares and residual sums of squares of each, `shift`
    those of a step of one point in what was imputed after leaving (outside the control arm), `cross` of both.
    Rows of `differences` are arms minus the control, of `means` the arms at the mean baseline."""

    fitted: Float[np.ndarray, "imputations columns visits"]
    rest: Float[np.ndarray, "imputations visits"]
    shift: Float[np.ndarray, "columns visits"]
    cross: Float[np.ndarray, "imputations visits"]
    shift_rest: Float[np.ndarray, " visits"]
    differences: Float[np.ndarray, "contrasts columns"]
    means: Float[np.ndarray, "arms columns"]
    spread: Float[np.ndarray, " visits"]
    free: int

    def pooled(
        self, rows: Float[np.ndarray, "rows columns"], level: float = 0.95, delta: float = 0.0
    ) -> Pooled:
        """Rows of `differences` or `means`, with `delta` points added to what was imputed after leaving.

        With W the mean variance within imputations, B the variance between, m of them:  T = W + (1 + 1/m) B, and
        degrees of freedom by Barnard and Rubin (1999). Under a reference-based strategy T keeps the information of the
        trial as planned; over repeated trials the estimate varies less than it says.
        """
        m = len(self.fitted)
        each = rows @ (self.fitted + delta * self.shift)
        rest = self.rest + 2 * delta * self.cross + delta**2 * self.shift_rest
        within = np.outer((rows**2).sum(1), rest.mean(0) / self.free)
        between = each.var(0, ddof=1)
        total = within + (1 + 1 / m) * between
        share = (1 + 1 / m) * between / total
        old = (m - 1) / np.maximum(share, 1e-12) ** 2
        seen = (self.free + 1) / (self.free + 3) * self.free * (1 - share)
        df = 1 / (1 / old + 1 / seen)
        estimate, se = each.mean(0), np.sqrt(total)
        low, high, p = t_interval(estimate, se, df, level)
        noise = (1 + 1 / m) * between * np.sqrt(2 / (m - 1)) / (2 * se)
        return Pooled(estimate, se, df, low, high, p, np.sqrt(between / m), noise, share)

    def tipping(self, contrast: int, visit: int, alpha: float = 0.05) -> float | None:
        """The smallest shift, to the disadvantage of the arm, at which its difference from the control is no longer
        significant: 0 where it is not as it stands, None where it stays so up to FARTHEST standard deviations."""
        rows = self.differences[[contrast]]

        def beyond(delta: float) -> float:
            return float(self.pooled(rows, delta=delta).p[0, visit]) - alpha

        if beyond(0.0) >= 0:
            return 0.0
        sign = -np.sign(self.pooled(rows).estimate[0, visit])
        steps = sign * self.spread[visit] * np.linspace(0, FARTHEST, 101)
        crossed = next((i for i, step in enumerate(steps) if beyond(step) >= 0), None)
        if crossed is None:
            return None
        return optimize.root_scalar(beyond, bracket=steps[crossed - 1 : crossed + 1], xtol=1e-10).root


def impute(
    data: Longitudinal, strategy: str | Strategy = "missing-at-random", imputations: int = 1000, seed: int = 1
) -> Imputed:
    """Complete the data `imputations` times. The control arm, and visits missed by those who came back, are imputed as
    missing at random; `strategy` (one of STRATEGIES, or a function like them) is for the other arms.

    The model has a mean for each arm and visit, slopes of baseline and covariates by visit, and one unstructured
    covariance. People without baseline or covariate are left out; those seen at no visit are imputed.
    """
    if isinstance(strategy, str) and strategy not in STRATEGIES:
        raise DataError(f"no strategy {strategy!r}", remedy=f"choose one of {', '.join(STRATEGIES)}")
    if imputations < 2:
        raise DataError(
            f"{imputations} imputations", remedy="give at least two; some hundreds make a stable result"
        )
    chosen = STRATEGIES[strategy] if isinstance(strategy, str) else strategy
    mmrm(data)  # whatever keeps the model from being fitted keeps it from being drawn
    data = data.select(np.isfinite(data.baseline) & np.isfinite(data.covariates).all(1))
    middle, scale = np.nanmean(data.outcome, axis=0), np.nanstd(data.outcome, axis=0)
    last = np.where(np.isfinite(data.outcome), np.arange(len(data.visits)), -1).max(1)
    q, arms = _regressors(data)
    reference = q + (arms[0] - arms)[data.arm]
    moved = (np.arange(len(data.visits)) > last[:, None]) & (data.arm > 0)[:, None]
    shift = q.T @ moved
    off = moved - q @ shift

    def _completed(start: int, chains: int) -> tuple[np.ndarray, ...]:
        random = generator(f"imputation/{start}", seed)
        observed = Observed(data.outcome - middle, q)
        draws = posterior(observed, chains, random)
        own = q @ draws.b
        mean = np.where((data.arm > 0)[:, None], chosen(own, reference @ draws.b, last), own)
        y = np.broadcast_to(observed.outcome, mean.shape).copy()
        fill(observed, y, mean, draws, random)
        fitted = q.T @ y
        residual = y - q @ fitted
        return fitted, (residual**2).sum(1), (residual * off).sum(1)

    some = max(2, ROOM // data.outcome.size)
    starts = range(0, imputations, some)
    parts = [_completed(start, min(some, imputations - start)) for start in starts]
    fitted, rest, cross = (np.concatenate(part) for part in zip(*parts, strict=True))
    # Back to the scores' own zero: every arm's mean gains the middle.
    fitted = fitted + q.sum(0)[:, None] * middle
    free = len(q) - q.shape[1]
    return Imputed(fitted, rest, shift, cross, (off**2).sum(0), arms[1:] - arms[0], arms, scale, free)


def _regressors(
    data: Longitudinal,
) -> tuple[Float[np.ndarray, "people columns"], Float[np.ndarray, "arms columns"]]:
    """Orthonormal: arms, and baseline and covariates about their means; and the arms' means in these."""
    values = np.column_stack([data.baseline, data.covariates])
    member = (data.arm[:, None] == np.arange(len(data.arms))).astype(float)
    z = np.concatenate([member, values - values.mean(0)], 1)
    q, r = np.linalg.qr(z)
    return q, np.linalg.inv(r)[: len(data.arms)]
