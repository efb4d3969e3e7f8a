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


def weekly_evidence(
    noticed: Bool[Array, "doses people"],
    taken_in_week: Float[Array, "weeks doses"],
    assumed_active: Float[Array, " people"],
    assumed_placebo: Float[Array, " people"],
) -> Float[Array, "weeks people"]:
    """Log likelihood ratio of a week's percept, whether anything was noticed, under the rates the person assumes.

    With n capsules in the week the assumed rates are 1 - (1 - p)^n; a week without capsules says nothing.
    """
    capsules = taken_in_week.sum(1)[:, None]
    anything = (taken_in_week @ noticed.astype(taken_in_week.dtype)) > 0
    none_active = (1.0 - assumed_active) ** capsules
    none_placebo = (1.0 - assumed_placebo) ** capsules
    there = capsules > 0
    yes = jnp.log(jnp.where(there, 1.0 - none_active, 1.0)) - jnp.log(
        jnp.where(there, 1.0 - none_placebo, 1.0)
    )
    no = jnp.log(none_active) - jnp.log(none_placebo)
    return jnp.where(there, jnp.where(anything, yes, no), 0.0)
