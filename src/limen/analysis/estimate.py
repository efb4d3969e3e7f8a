"""What every estimator of this room hands back, and the t and normal laws that turn it into an interval."""

from __future__ import annotations

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import betainc, ndtr, ndtri
from jaxtyping import Array, ArrayLike, Float, Int, Num

# Sums over participants lose too many digits in single precision: streams turns on float64.
import limen.engine.streams  # noqa: F401

# Newton steps for the t quantile; the iteration below is monotone from the right and quadratic near the root.
QUANTILE_STEPS = 12


class Estimate(eqx.Module):
    """One estimated quantity, or many: every field has the same shape, one element per trial or per arm.

    `estimate` and `se` are in the unit of what was estimated; `df` are degrees of freedom (infinite where the
    normal law is used); `ci_low` and `ci_high` bound the two-sided interval; `p` is two-sided, against
    `null`, the value that stands for "no effect" (zero unless the estimator says otherwise); `n` counts the
    observations used. Where an estimate cannot be formed (an empty arm), all but `n` are NaN.
    """

    estimate: Float[Array | np.ndarray, "*trials"]
    se: Float[Array | np.ndarray, "*trials"]
    df: Float[Array | np.ndarray, "*trials"]
    ci_low: Float[Array | np.ndarray, "*trials"]
    ci_high: Float[Array | np.ndarray, "*trials"]
    p: Float[Array | np.ndarray, "*trials"]
    n: Float[Array | np.ndarray, "*trials"]


@jax.jit
def two_sided_p(t: Num[ArrayLike, "*#trials"], df: Num[ArrayLike, "*#trials"]) -> Float[Array, "*result"]:
    """P(|T| >= |t|) for Student's t: I_{df/(df + t^2)}(df/2, 1/2); the normal law where `df` is infinite."""
    t, df = jnp.broadcast_arrays(jnp.asarray(t, float), jnp.asarray(df, float))
    finite = jnp.isfinite(df)
    nu = jnp.where(finite, df, 1.0)
    student = betainc(nu / 2, 0.5, nu / (nu + t * t))
    return jnp.where(finite, student, jnp.where(jnp.isinf(df), 2 * ndtr(-jnp.abs(t)), jnp.nan))


@partial(jax.jit, static_argnames="level")
def t_quantile(level: float, df: Num[ArrayLike, "*#trials"]) -> Float[Array, "*result"]:
    """t with P(|T| <= t) = `level` (0.95 gives the factor of a 95% interval), for any `df` >= 1 or infinite.

    Newton's method on log P(|T| > t) as a function of log t: that curve is concave and falling, and straight
    in the tails, so the iteration cannot overshoot to the left and converges for every `df`.
    """
    df = jnp.asarray(df, float)
    normal = ndtri(0.5 + level / 2)
    finite = jnp.isfinite(df)
    nu = jnp.where(finite, df, 1.0)
    log_scale = (
        jax.scipy.special.gammaln((nu + 1) / 2)
        - jax.scipy.special.gammaln(nu / 2)
        - 0.5 * jnp.log(nu * jnp.pi)
        + jnp.log(2.0)
    )

    def newton(_: Int[Array, ""], u: Float[Array, "*trials"]) -> Float[Array, "*trials"]:
        t = jnp.exp(u)
        tail = betainc(nu / 2, 0.5, nu / (nu + t * t))
        log_density = log_scale - (nu + 1) / 2 * jnp.log1p(t * t / nu)
        slope = -jnp.exp(log_density + u - jnp.log(tail))
        return u - (jnp.log(tail) - jnp.log1p(-level)) / slope

    start = jnp.full_like(nu, jnp.log(normal))
    student = jnp.exp(jax.lax.fori_loop(0, QUANTILE_STEPS, newton, start))
    return jnp.where(finite, student, jnp.where(jnp.isinf(df), normal, jnp.nan))


@partial(jax.jit, static_argnames=("level", "null"))
def with_interval(
    estimate: Num[ArrayLike, "*#trials"],
    se: Num[ArrayLike, "*#trials"],
    df: Num[ArrayLike, "*#trials"],
    n: Num[ArrayLike, "*#trials"],
    level: float = 0.95,
    null: float = 0.0,
) -> Estimate:
    """An `Estimate` with estimate -+ t_{df} se and the p-value of (estimate - null)/se; NaN where df < 1."""
    estimate, se, df, n = jnp.broadcast_arrays(*(jnp.asarray(x, float) for x in (estimate, se, df, n)))
    usable = (df >= 1) & jnp.isfinite(estimate) & jnp.isfinite(se)
    estimate, se, df = (jnp.where(usable, x, jnp.nan) for x in (estimate, se, df))
    half = t_quantile(level, df) * se
    # A zero standard error is certainty: p is 0 away from the null and 1 at it.
    distance = estimate - null
    t = jnp.where(distance == 0, 0.0, distance / se)
    p = two_sided_p(t, df)
    return Estimate(estimate, se, df, estimate - half, estimate + half, p, n)
