"""Analysis of covariance, change from baseline and paired differences: one data set or many trials at once.

All are least squares with at most three coefficients, written in sums, so thousands of trials cost one
pass over the data and no matrix is formed.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Bool, Float, Int, Num

from limen.analysis.estimate import Estimate, with_interval
from limen.analysis.t_law import by_t
from limen.engine.stored import stored_with


@eqx.filter_jit
def ancova(
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Adjusted difference, arm 1 minus arm 0, from  outcome = a + b arm + c baseline + e,  e ~ N(0, s^2).

    With within-arm centred sums over both arms, S_xy = sum (x - x_arm)(y - y_arm):

        c = S_xy / S_xx,   b = (y_1 - y_0) - c (x_1 - x_0),   s^2 = (S_yy - c S_xy) / (n - 3),
        var(b) = s^2 [ 1/n_1 + 1/n_0 + (x_1 - x_0)^2 / S_xx ],   df = n - 3.

    Arguments broadcast; the last axis is participants, leading axes are trials. `outcome` may be the final
    score or its change: b is the same. A participant counts where `observed` holds and outcome and baseline
    are finite (NaN is missing). Where all baselines of both arms are equal, c = 0, df = n - 2. Raises
    nothing: a trial with an empty arm or no degree of freedom gives NaN. Works under `jit` and `vmap`.
    """
    both = comparisons(outcome, baseline, arm, 2, level, observed)
    return jax.tree.map(lambda column: column[..., 0], both)


@eqx.filter_jit
def comparisons(
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    arms: int,
    level: float = 0.95,
    observed: Bool[ArrayLike, "*#people"] | None = None,
) -> Estimate:
    """`ancova` of `arms` arms in one model: new last axis, arm 1, 2, ... minus arm 0; df = n - arms - 1."""
    return with_interval(*_compared(arms, outcome, baseline, arm, observed), level)


def _compared(
    arms: int,
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None = None,
) -> tuple[
    Float[Array, "... contrasts"],
    Float[Array, "... contrasts"],
    Float[Array, "... 1"],
    Float[Array, "... contrasts"],
]:
    """Differences with their standard errors, degrees of freedom and people."""
    sums = _within_arms(outcome, baseline, arm, observed, arms)
    n, y, x = (sums[name] for name in ("n", "y", "x"))
    apart = x[..., 1:] - x[..., :1]
    difference = y[..., 1:] - y[..., :1] - sums["slope"][..., None] * apart
    unit_variance = 1 / n[..., 1:] + 1 / n[..., :1] + sums["inverse_sxx"][..., None] * apart**2
    se = jnp.sqrt(sums["variance"][..., None] * unit_variance)
    return difference, se, sums["df"][..., None], n[..., 1:] + n[..., :1]


compared_at_once = stored_with(1)(_compared)


def within_strata(
    outcome: Float[np.ndarray, "trials people"],
    baseline: Float[np.ndarray, "trials people"],
    arm: Int[np.ndarray, "trials people"],
    arms: int,
    stratum: Int[np.ndarray, "trials people"],
) -> tuple[
    Float[np.ndarray, "trials contrasts"],
    Float[np.ndarray, "trials contrasts"],
    Float[np.ndarray, "trials 1"],
    Float[np.ndarray, "trials contrasts"],
]:
    """`comparisons` with a constant for each stratum, by least squares of every trial: differences, their standard errors,
    df = people - rank, and people. A stratum or a baseline that says nothing more costs no degree of freedom; a trial without
    one, or with an empty arm, gives NaN."""
    seen = np.isfinite(outcome) & np.isfinite(baseline)
    strata = int(stratum.max()) + 1
    middle = np.nanmean(np.where(seen, baseline, np.nan), 1, keepdims=True)
    columns = [
        *(arm[..., None] == np.arange(1, arms)).transpose(2, 0, 1),
        *(stratum[..., None] == np.arange(strata)).transpose(2, 0, 1),
        baseline - middle,
    ]
    x = np.where(seen[..., None], np.stack(columns, -1), 0.0)
    y = np.where(seen, outcome, 0.0)
    beta, every_se, df = least_squares(x, y, seen.sum(1))
    n = np.stack([(seen & (arm == each)).sum(1) for each in range(arms)], -1).astype(float)
    there = (n[:, 1:] > 0) & (n[:, :1] > 0) & (df[:, None] > 0)
    difference, se = (np.where(there, one[:, : arms - 1], np.nan) for one in (beta, every_se))
    return difference, se, df[:, None].astype(float), n[:, 1:] + n[:, :1]


def least_squares(
    x: Float[np.ndarray, "trials people columns"],
    y: Float[np.ndarray, "trials people"],
    people: Int[np.ndarray, " trials"],
) -> tuple[
    Float[np.ndarray, "trials columns"], Float[np.ndarray, "trials columns"], Int[np.ndarray, " trials"]
]:
    """Coefficients of every trial, their standard errors and df = people - rank. Rows of zeros count for nothing, and a
    column that says nothing more costs no degree of freedom."""
    u, length, vt = np.linalg.svd(x, full_matrices=False)
    kept = length > 1e-9 * length[:, :1]
    inverse = np.where(kept, 1 / np.where(kept, length, 1.0), 0.0)
    beta = np.einsum("tki,tk,tpk,tp->ti", vt, inverse, u, y)
    left = y - (x @ beta[..., None])[..., 0]
    df = people - kept.sum(1)
    variance = (left**2).sum(1) / np.maximum(df, 1)
    return beta, np.sqrt(variance[:, None] * np.einsum("tki,tk->ti", vt**2, inverse**2)), df


@eqx.filter_jit
def adjusted_means(
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Arm means of the `ancova` model at the mean baseline of all who count; new last axis: arm 0, arm 1.

    mean_g = y_g + c (x - x_g),  var = s^2 [ 1/n_g + (x - x_g)^2 / S_xx ].
    """
    sums = _within_arms(outcome, baseline, arm, observed)
    n, y, x = (sums[name] for name in ("n", "y", "x"))
    total = n.sum(-1, keepdims=True)
    distance = (n * x).sum(-1, keepdims=True) / total - x
    mean = y + sums["slope"][..., None] * distance
    unit_variance = 1 / n + sums["inverse_sxx"][..., None] * distance**2
    se = jnp.sqrt(sums["variance"][..., None] * unit_variance)
    return with_interval(mean, se, sums["df"][..., None], n, level)


def change_from_baseline(
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean of outcome - baseline in one group (open label), with its one-sample t interval, df = n - 1.

    Regression to the mean and the non-specific course are inside this number; nothing is subtracted for them.
    """
    value = np.asarray(outcome, float) - np.asarray(baseline, float)
    mask = np.isfinite(value) if observed is None else np.isfinite(value) & np.asarray(observed, bool)
    n = mask.sum(-1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(mask, value, 0.0).sum(-1) / n
        squares = np.where(mask, value - mean[..., None], 0.0) ** 2
        se = np.sqrt(squares.sum(-1) / (n - 1) / n)
    return by_t(mean, se, n - 1, n, level)


@eqx.filter_jit
def paired_difference(
    active: Num[ArrayLike, "*#people"],
    control: Num[ArrayLike, "*#people"],
    active_first: Bool[ArrayLike, "*#people"] | None = None,
    observed: Bool[ArrayLike, "*#people"] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Within-person difference, active minus control (crossover): mean of d_i = active_i - control_i.

    Without `active_first`: the paired t test, df = n - 1. With it (true where the active period came first)
    the period effect is removed: half the sum of the two sequences' mean d, SE from the pooled
    within-sequence variance, s^2/4 (1/n_1 + 1/n_2), df = n - 2. Carry-over is not modelled.
    """
    difference = jnp.asarray(active, float) - jnp.asarray(control, float)
    if active_first is None:
        return _one_sample(difference, observed, level)
    sums = _within_arms(difference, jnp.zeros_like(difference), jnp.asarray(active_first, float), observed)
    n, d = sums["n"], sums["y"]
    se = jnp.sqrt(sums["variance"] / 4 * (1 / n).sum(-1))
    return with_interval(d.mean(-1), se, sums["df"], n.sum(-1), level)


def _one_sample(
    value: Float[Array, "... people"], observed: Bool[ArrayLike, "*#people"] | None, level: float
) -> Estimate:
    mask = jnp.isfinite(value) if observed is None else jnp.isfinite(value) & jnp.asarray(observed, bool)
    n = mask.sum(-1).astype(float)
    mean = jnp.where(mask, value, 0.0).sum(-1) / n
    squares = jnp.where(mask, value - mean[..., None], 0.0) ** 2
    se = jnp.sqrt(squares.sum(-1) / (n - 1) / n)
    return with_interval(mean, se, n - 1, n, level)


def _within_arms(
    outcome: Num[ArrayLike, "*#people"],
    baseline: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None,
    arms: int = 2,
) -> dict[str, Float[Array, ...]]:
    """Counts and means by arm (last axis), common slope, residual variance and its df."""
    y, x, arm = jnp.broadcast_arrays(*(jnp.asarray(a, float) for a in (outcome, baseline, arm)))
    mask = jnp.isfinite(y) & jnp.isfinite(x)
    if observed is not None:
        mask &= jnp.asarray(observed, bool)
    member = mask[..., None] & (arm[..., None] == jnp.arange(arms))
    mask = member.any(-1)
    # NaN times zero is NaN: what does not count must be a number before it is weighted away.
    y, x = jnp.where(mask, y, 0.0), jnp.where(mask, x, 0.0)
    n = member.sum(-2).astype(float)
    y_mean, x_mean = ((member * value[..., None]).sum(-2) / n for value in (y, x))

    def centred(
        value: Float[Array, "... people"], means: Float[Array, "... arms"]
    ) -> Float[Array, "... people"]:
        """Deviations from the own arm's mean, zero for those who do not count."""
        return jnp.where(member, value[..., None] - means[..., None, :], 0.0).sum(-1)

    dy, dx = centred(y, y_mean), centred(x, x_mean)
    sxx, sxy = (dx * dx).sum(-1), (dx * dy).sum(-1)
    # Constant baselines leave only rounding in S_xx; below that the slope has no meaning.
    sloped = sxx > n.sum(-1) * (1e-12 * jnp.abs(x).max(-1)) ** 2
    inverse_sxx = jnp.where(sloped, 1 / jnp.where(sloped, sxx, 1.0), 0.0)
    slope = sxy * inverse_sxx
    df = n.sum(-1) - arms - sloped
    variance = ((dy - slope[..., None] * dx) ** 2).sum(-1) / df
    return {
        "n": n, "y": y_mean, "x": x_mean, "slope": slope, "inverse_sxx": inverse_sxx, "variance": variance, "df": df,
    }  # fmt: skip
