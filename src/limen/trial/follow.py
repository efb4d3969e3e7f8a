"""Follow: belief and outcomes together, one scan over weeks, with every channel switchable."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import expit, logit, ndtr, ndtri
from jaxtyping import Array, Float


class Severity(eqx.Module):
    """A person's severity model on one scale; points, higher worse, one value per person."""

    mu: Float[Array, " people"]
    sd_trait: Float[Array, " people"]
    sd_ar: Float[Array, " people"]
    sd_e: Float[Array, " people"]
    rho: Float[Array, " people"]
    tau: Float[Array, " people"]
    improvement: Float[Array, " people"]
    kappa: Float[Array, " people"]
    disappointment: Float[Array, " people"]
    low: Float[Array, ""]
    high: Float[Array, ""]


class Start(eqx.Module):
    """Selected people: true severity m, slow state a(0), rating error e(0), observed baseline."""

    trait: Float[Array, " people"]
    state: Float[Array, " people"]
    error: Float[Array, " people"]
    observed: Float[Array, " people"]


class Channels(eqx.Module):
    """Switches, 0 or 1, traced so that one compiled program serves every scenario."""

    course: Float[Array, ""]
    belief: Float[Array, ""]
    drug: Float[Array, ""]


class Course(eqx.Module):
    """Weeks 0..T by people: observed `score`, latent severity, its parts (improvement positive), belief."""

    score: Float[Array, "weeks people"]
    latent: Float[Array, "weeks people"]
    course: Float[Array, "weeks people"]
    by_belief: Float[Array, "weeks people"]
    by_drug: Float[Array, "weeks people"]
    belief: Float[Array, "weeks people"]


def select(
    s: Severity, entry: tuple[Array, Array], u: Float[Array, " people"], z: Float[Array, "3 people"]
) -> Start:
    """People whose observed baseline lies between the entry thresholds, exactly and without rejection.

    Y(0) = m + a(0) + e(0) is normal, so its truncated value comes from one uniform by the quantile, and the three
    parts follow from their law given the sum (Matheron: unconditional draw plus the regression on the residual).
    Regression to the mean is in this step and is never added again. Thresholds apply to the rounded score.
    """
    total = jnp.sqrt(s.sd_trait**2 + s.sd_ar**2 + s.sd_e**2)
    low = ndtr((entry[0] - 0.5 - s.mu) / total)
    high = ndtr((entry[1] + 0.5 - s.mu) / total)
    x = total * ndtri(jnp.clip(low + u * (high - low), 1e-12, 1 - 1e-12))
    free = jnp.stack([s.sd_trait, s.sd_ar, s.sd_e]) * z
    share = jnp.stack([s.sd_trait**2, s.sd_ar**2, s.sd_e**2]) / total**2
    trait, state, error = free + share * (x - free.sum(0))
    return Start(s.mu + trait, state, error, rate(s, s.mu + x))


def rate(s: Severity, value: Float[Array, ...]) -> Float[Array, ...]:
    """The rated score: rounded to whole points and held between the scale's bounds."""
    return jnp.clip(jnp.round(value), s.low, s.high)


def time_course(tau: Float[Array, " people"], weeks: Float[Array, " weeks"], reference: float = 8.0):
    """f(t) = (1 - exp(-t/tau)) / (1 - exp(-8/tau)), so that f(8) = 1; [weeks, people]."""
    return -jnp.expm1(-weeks[:, None] / tau) / -jnp.expm1(-reference / tau)


def follow(
    s: Severity,
    start: Start,
    on: Channels,
    full_effect: Float[Array, " people"],
    expectation: Float[Array, " people"],
    prior: Float[Array, " people"],
    evidence: Float[Array, "weeks people"],
    learn: Float[Array, " people"],
    lambda_s: Float[Array, " people"],
    z_state: Float[Array, "weeks people"],
    z_error: Float[Array, "weeks people"],
    added: Float[Array, "weeks people"] | None = None,
) -> Course:
    """Weeks 1..T, each: belief moves, then severity, then the rating.

    logit pi(t) = logit pi(t-1) + learn LLR(t) + lambda_s (relative improvement so far)
    s(t) = m (1 - p f(t)) - kappa x pi(t) f(t) + disappointment - D f(t) + a(t),  a AR(1) with stationary SD
    Y(t) = clip(round(s(t) + e(t)))
    `full_effect` is D at week 8 in points, benefit positive. `added` (points a week) is what a named scenario lets markers
    add to the drug's part; without one there is no such input. Sources: model notes of outcomes, szigeti2021data.
    """
    weeks = jnp.arange(1, evidence.shape[0] + 1, dtype=float)
    f = time_course(s.tau, weeks)
    innovation = s.sd_ar * jnp.sqrt(1.0 - s.rho**2)
    latent0 = start.trait + start.state

    def week(carry, now):
        odds, state, latent = carry
        f_t, llr, z_a, z_e, *mediated = now
        better = (latent0 - latent) / jnp.maximum(latent0 - s.low, 1.0)
        odds = odds + learn * llr + lambda_s * better
        pi = expit(odds)
        state = s.rho * state + innovation * z_a
        course = on.course * start.trait * s.improvement * f_t
        believed = on.belief * (s.kappa * expectation * pi - s.disappointment * (pi < 0.1)) * f_t
        drugged = on.drug * full_effect * f_t
        if mediated:
            drugged = drugged + on.drug * mediated[0]
        latent = start.trait - course - believed - drugged + state
        score = rate(s, latent + s.sd_e * z_e)
        return (odds, state, latent), (score, latent, course, believed, drugged, pi)

    first = (logit(prior), start.state, latent0)
    _, after = jax.lax.scan(
        week, first, (f, evidence, z_state, z_error, *(() if added is None else (added,)))
    )
    zero = jnp.zeros_like(latent0)
    before = (start.observed, latent0, zero, zero, zero, prior)
    return Course(*(jnp.concatenate([b[None], a]) for b, a in zip(before, after, strict=True)))
