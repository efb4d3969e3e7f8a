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

    course: Float[Array, "*scenarios"]
    belief: Float[Array, "*scenarios"]
    drug: Float[Array, "*scenarios"]


class Believer(eqx.Module):
    """How a person's belief moves: relative expectation, speed of learning, and what improvement adds to the odds."""

    expectation: Float[Array, " people"]
    learn: Float[Array, " people"]
    lambda_s: Float[Array, " people"]


class Weeks(eqx.Module):
    """What each week brings: `evidence` about the arm (log likelihood ratio), points of `drug` effect with the channel
    on, and the normals of slow state and rating."""

    evidence: Float[Array, "weeks people"]
    drug: Float[Array, "weeks people"]
    z_state: Float[Array, "weeks people"]
    z_error: Float[Array, "weeks people"]


class Mind(eqx.Module):
    """What a mind carries from week to week, between periods and stages: log-odds of belief, slow state, severity."""

    odds: Float[Array, "*scenarios people"]
    state: Float[Array, "*scenarios people"]
    latent: Float[Array, "*scenarios people"]


Carry = tuple[Float[Array, " people"], Float[Array, " people"], Float[Array, " people"]]


class Course(eqx.Module):
    """Weeks 0..T by people: observed `score`, latent severity, its parts (improvement positive), belief, slow state."""

    score: Float[Array, "weeks people"]
    latent: Float[Array, "weeks people"]
    course: Float[Array, "weeks people"]
    by_belief: Float[Array, "weeks people"]
    by_drug: Float[Array, "weeks people"]
    belief: Float[Array, "weeks people"]
    state: Float[Array, "weeks people"]


def select(
    s: Severity,
    entry: tuple[Float[Array, ""], Float[Array, ""]],
    u: Float[Array, " people"],
    z: Float[Array, "3 people"],
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


def time_course(
    tau: Float[Array, " people"], weeks: Float[Array, " weeks"], reference: float = 8.0
) -> Float[Array, "weeks people"]:
    """f(t) = (1 - exp(-t/tau)) / (1 - exp(-8/tau)), so that f(8) = 1."""
    return -jnp.expm1(-weeks[:, None] / tau) / -jnp.expm1(-reference / tau)


def fresh_mind(start: Start, told: Float[Array, " people"]) -> Mind:
    """A mind at baseline, that has been told the odds."""
    return Mind(logit(told), start.state, start.trait + start.state)


def follow(
    s: Severity,
    start: Start,
    on: Channels,
    believer: Believer,
    weeks: Weeks,
    mind: Mind,
    since: Float[Array, ""],
) -> Course:
    """Weeks 1..T after week `since` of the study, each: belief moves, then severity, then the rating.

    logit pi(t) = logit pi(t-1) + learn LLR(t) + lambda_s (relative improvement so far)
    s(t) = m (1 - p f(t)) - kappa x pi(t) f(t) + disappointment - D(t) + a(t),  a AR(1) with stationary SD
    Y(t) = clip(round(s(t) + e(t)))
    D(t) is `weeks.drug`, benefit positive. Sources: model notes of outcomes, szigeti2021data.
    """
    count = weeks.evidence.shape[0]
    f = time_course(s.tau, since + jnp.arange(1, count + 1, dtype=float))
    innovation = s.sd_ar * jnp.sqrt(1.0 - s.rho**2)
    latent0 = start.trait + start.state

    def week(carry: Carry, now: tuple[Float[Array, " people"], Weeks]):
        odds, state, latent = carry
        f_t, this = now
        better = (latent0 - latent) / jnp.maximum(latent0 - s.low, 1.0)
        odds = odds + believer.learn * this.evidence + believer.lambda_s * better
        pi = expit(odds)
        state = s.rho * state + innovation * this.z_state
        course = on.course * start.trait * s.improvement * f_t
        hoped = s.kappa * believer.expectation * pi - s.disappointment * (pi < 0.1)
        believed = on.belief * hoped * f_t
        drugged = on.drug * this.drug
        latent = start.trait - course - believed - drugged + state
        score = rate(s, latent + s.sd_e * this.z_error)
        return (odds, state, latent), (score, latent, course, believed, drugged, pi, state)

    _, after = jax.lax.scan(week, (mind.odds, mind.state, mind.latent), (f, weeks))
    zero = jnp.zeros_like(latent0)
    before = (start.observed, mind.latent, zero, zero, zero, expit(mind.odds), mind.state)
    return Course(*(jnp.concatenate([b[None], a]) for b, a in zip(before, after, strict=True)))
