"""Responder shares per arm and the three ways of comparing them, for one trial or many at once."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri
from jaxtyping import Array, ArrayLike, Bool, Float, Num

from limen.analysis.estimate import Estimate, two_sided_p, with_interval
from limen.analysis.score_interval import score_limits


class Responders(eqx.Module):
    """Shares of arm 0 and 1 (last axis), and arm 1 against arm 0. Ratios carry the SE of their logarithm."""

    share: Estimate
    risk_difference: Estimate
    risk_ratio: Estimate
    odds_ratio: Estimate


def wilson(
    successes: Num[ArrayLike, "*#trials"], n: Num[ArrayLike, "*#trials"], level: float = 0.95
) -> Estimate:
    """A share with Wilson's score interval (see `score_limits`).

    `se` is sqrt(p(1-p)/n); `p` tests a share of one half by its score, (p - 1/2)/sqrt(1/4n).
    """
    k, n = jnp.broadcast_arrays(jnp.asarray(successes, float), jnp.asarray(n, float))
    share = jnp.where(n > 0, k / n, jnp.nan)
    low, high = score_limits(share, n, ndtri(0.5 + level / 2))
    # At 0 and n the limits are exactly 0 and 1; rounding must not push them outside.
    low = jnp.where(k == 0, 0.0, low)
    high = jnp.where(k == n, 1.0, high)
    test = two_sided_p((share - 0.5) * 2 * jnp.sqrt(n), jnp.inf)
    nan = jnp.isnan(share)
    low, high, test = (jnp.where(nan, jnp.nan, v) for v in (low, high, test))
    se = jnp.sqrt(share * (1 - share) / n)
    return Estimate(share, se, jnp.where(nan, jnp.nan, jnp.inf), low, high, test, n)


@eqx.filter_jit
def responders(
    response: Num[ArrayLike, "*#people"],
    arm: Num[ArrayLike, "*#people"],
    observed: Bool[ArrayLike, "*#people"] | None = None,
    level: float = 0.95,
) -> Responders:
    """Responders (1) and non-responders (0) by arm (0 control, 1 active).

    NaN or not `observed` does not count. Whether a missing outcome is a non-response is the caller's
    decision: pass 0 for it, or leave it NaN.
    """
    seen = response if observed is None else jnp.where(jnp.asarray(observed, bool), response, jnp.nan)
    return compare_shares(*counts(seen, arm, 2), level)


def responded(
    outcome: Num[ArrayLike, "*#people"], baseline: Num[ArrayLike, "*#people"], best: float, share: float
) -> Float[np.ndarray, "*#people"]:
    """1 who came at least `share` of the way from baseline to `best`, 0 who did not, NaN without both scores."""
    y, x = np.asarray(outcome, float), np.asarray(baseline, float)
    came = np.abs(x - best) - np.abs(y - best) >= share * np.maximum(np.abs(x - best), 1.0)
    return np.where(np.isfinite(y) & np.isfinite(x), came.astype(float), np.nan)


def counts(
    response: Num[ArrayLike, "*#people"], arm: Num[ArrayLike, "*#people"], arms: int
) -> tuple[Float[Array, "... arms"], Float[Array, "... arms"]]:
    """Responders and people observed, by arm (last axis)."""
    r, arm = jnp.broadcast_arrays(jnp.asarray(response, float), jnp.asarray(arm, float))
    member = jnp.isfinite(r)[..., None] & (arm[..., None] == jnp.arange(arms))
    return (member & (r > 0.5)[..., None]).sum(-2).astype(float), member.sum(-2).astype(float)


def compare_shares(
    successes: Num[ArrayLike, "... 2"] | Sequence[int | float],
    n: Num[ArrayLike, "... 2"] | Sequence[int | float],
    level: float = 0.95,
) -> Responders:
    """Two independent shares, last axis control then active.

    Risk difference d = p1 - p0 with Newcombe's hybrid score interval (method 10; Newcombe 1998, Stat Med
    17:873-890): with Wilson limits l, u of each share,

        d - sqrt[(p1 - l1)^2 + (u0 - p0)^2],   d + sqrt[(u1 - p1)^2 + (p0 - l0)^2];

    its p-value is the score test with the pooled share (chi-square without continuity correction). Risk ratio
    and odds ratio: intervals and tests on the log scale, var log RR = sum 1/k - 1/n, var log OR = sum of
    1/cells; half a participant is added to every cell of a table with an empty cell (and to no other).
    """
    k, n = jnp.broadcast_arrays(jnp.asarray(successes, float), jnp.asarray(n, float))
    share = wilson(k, n, level)
    p0, p1 = share.estimate[..., 0], share.estimate[..., 1]
    below, above = share.estimate - share.ci_low, share.ci_high - share.estimate
    difference = p1 - p0
    total = n.sum(-1)
    pooled = k.sum(-1) / total
    pooled_se = jnp.sqrt(pooled * (1 - pooled) * (1 / n).sum(-1))
    score = jnp.where(difference == 0, 0.0, difference / pooled_se)
    risk_difference = Estimate(
        difference,
        jnp.sqrt((share.se**2).sum(-1)),
        jnp.where(jnp.isnan(difference), jnp.nan, jnp.inf),
        difference - jnp.hypot(below[..., 1], above[..., 0]),
        difference + jnp.hypot(above[..., 1], below[..., 0]),
        two_sided_p(score, jnp.where(jnp.isnan(difference), jnp.nan, jnp.inf)),
        total,
    )
    empty = ((k == 0) | (k == n)).any(-1, keepdims=True) & (n > 0).all(-1, keepdims=True)
    k, n = k + 0.5 * empty, n + 1.0 * empty
    ratio = k / n
    log_rr = jnp.log(ratio[..., 1] / ratio[..., 0])
    odds = k / (n - k)
    log_or = jnp.log(odds[..., 1] / odds[..., 0])
    se_rr = jnp.sqrt((1 / k - 1 / n).sum(-1))
    se_or = jnp.sqrt((1 / k + 1 / (n - k)).sum(-1))
    return Responders(
        share, risk_difference, _ratio(log_rr, se_rr, total, level), _ratio(log_or, se_or, total, level)
    )


def _ratio(log_ratio: Array, se: Array, n: Array, level: float) -> Estimate:
    """A ratio from its logarithm; `se` stays on the log scale, where it belongs."""
    log = with_interval(log_ratio, se, jnp.inf, n, level)
    return Estimate(
        jnp.exp(log.estimate), log.se, log.df, jnp.exp(log.ci_low), jnp.exp(log.ci_high), log.p, n
    )
