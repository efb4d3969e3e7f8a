"""Perceive: on each dosing day a person notices something or does not (signal detection)."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.special import ndtr
from jaxtyping import Array, Bool, Float


def notice_probability(
    peak: Float[Array, "doses people"],
    threshold: Float[Array, " people"],
    fold: Float[Array, "doses people"],
    sigma: Float[Array, " people"],
    false_alarm: Float[Array, " people"],
    lapse: Float[Array, " people"],
) -> Float[Array, "doses people"]:
    """P(notice) = g + (1 - g - lapse) Phi( (ln Ce_max - ln theta_i - ln fold) / sigma ).

    `peak` ng/mL at the effect site, `threshold` ln(ng/mL), `fold` = 1 + a_perception s_T T, `sigma` the occasion's
    spread. No drug at the effect site gives g, the false-alarm rate. Source: szigeti2021data (refit).
    """
    there = peak > 0
    distance = (jnp.log(jnp.where(there, peak, 1.0)) - threshold - jnp.log(fold)) / sigma
    return false_alarm + (1.0 - false_alarm - lapse) * ndtr(distance) * there


def active_placebo_probability(
    false_alarm: Float[Array, " people"], lapse: Float[Array, " people"], noticed: Float[Array, " people"]
) -> Float[Array, " people"]:
    """The same law for an active placebo, whose detectability `noticed` stands in for Phi(...)."""
    return false_alarm + (1.0 - false_alarm - lapse) * noticed


def adverse_event(
    noticed: Bool[Array, "doses people"],
    p_notice: Float[Array, "doses people"],
    chance: Float[Array, " people"],
    u: Float[Array, "doses people"],
) -> Bool[Array, "doses people"]:
    """Days with an adverse event: a part of the days on which something was noticed, P(event) = min(chance, P(notice)).

    The rate of noticing was fitted with such days among the others, so an event adds no day to it.
    """
    return noticed & (u * p_notice < chance)


def weekly_evidence(
    noticed: Bool[Array, "doses people"],
    event: Bool[Array, "doses people"],
    taken_in_week: Float[Array, "weeks doses"],
    assumed_active: Float[Array, " people"],
    assumed_placebo: Float[Array, " people"],
    event_active: Float[Array, " people"],
    event_placebo: Float[Array, " people"],
) -> Float[Array, "weeks people"]:
    """Log likelihood ratio of a week: nothing noticed, something, or an adverse event, under the rates people assume.

    With n capsules, rates p of noticing and b of an event: P(nothing) = (1 - p)^n, P(event) = 1 - (1 - b)^n, and the
    rest is something short of an event; a week without capsules says nothing. b stays below p.
    """
    capsules = taken_in_week.sum(1)[:, None]
    there = capsules > 0
    worst = (taken_in_week @ event.astype(taken_in_week.dtype)) > 0
    anything = (taken_in_week @ noticed.astype(taken_in_week.dtype)) > 0

    def log_chances(p, b):
        none, calm = (1.0 - p) ** capsules, (1.0 - jnp.minimum(b, 0.9 * p)) ** capsules
        return (
            jnp.log(none),
            jnp.log(jnp.where(there, calm - none, 1.0)),
            jnp.log(jnp.where(calm < 1.0, 1.0 - calm, 1.0)),
        )

    active = log_chances(assumed_active, event_active)
    placebo = log_chances(assumed_placebo, event_placebo)
    no, yes, bad = (a - b for a, b in zip(active, placebo, strict=True))
    return jnp.where(there, jnp.where(worst, bad, jnp.where(anything, yes, no)), 0.0)
