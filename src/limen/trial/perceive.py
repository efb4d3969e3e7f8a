"""Perceive: on each dosing day a person notices something or does not (signal detection), and may feel unwell."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logit, ndtr
from jaxtyping import Array, Bool, Float, Int

from limen.engine.elementary import log
from limen.people import Individual, Participants
from limen.pharmacology.chain import tolerance_fold
from limen.pharmacology.expose import Exposure
from limen.trial.guess import capsule_probability
from limen.trial.plan import ACTIVE_PLACEBO
from limen.trial.setting import Assigned, Calendar
from limen.trial.theta import Noticing, WalkParameters

DAILY_LUCK = ("noticed", "capsule", "adverse event")


class Percepts(eqx.Module):
    """Per dosing day and person: chance of noticing, what was noticed, the `fold` of the threshold by tolerance, an
    adverse `event`, and the guess about the `capsule` (1 active). Per week: `evidence` (log likelihood ratio), dosing
    days with an event, and the chance of one."""

    p_notice: Float[Array, "doses people"]
    noticed: Bool[Array, "doses people"]
    fold: Float[Array, "doses people"]
    event: Bool[Array, "doses people"]
    capsule: Float[Array, "doses people"]
    evidence: Float[Array, "weeks people"]
    ill_days: Float[Array, "weeks people"]
    p_ill: Float[Array, "weeks people"]


def perceive(
    t: WalkParameters,
    people: Participants,
    exposure: Exposure,
    assigned: Assigned,
    when: Calendar,
    start: Int[Array, ""],
) -> Percepts:
    """What people meet of their doses; `t` holds each person's values."""
    d, b, g = t.detection, t.believing, t.guessing
    luck = people.roll.who.uniforms(DAILY_LUCK, start + when.day.astype(int))
    alarm, lapse = without_drug(d, people)
    threshold, occasion = person_threshold(d, t, people)
    shift = tolerance_fold(exposure.tolerance, t.receptor.a_perception, t.receptor.s_t)
    p = notice_probability(exposure.peak, threshold, shift, occasion, alarm, lapse)
    other = active_placebo_probability(alarm, lapse, assigned.agent)
    both = p + (1.0 - lapse - p) * assigned.agent  # the drug goes unnoticed, and what is added to it does not
    p = jnp.where(assigned.kind == ACTIVE_PLACEBO, other, jnp.where(assigned.agent > 0, both, p))
    noticed = (luck["noticed"] < p) & (when.real[:, None] > 0)
    event = adverse_event(noticed, p, assigned.event, luck["adverse event"])
    said = capsule_probability(
        noticed, assigned.told, b.assumed_active, b.assumed_placebo, g.capsule_bias, g.capsule_slope
    )
    return Percepts(
        p_notice=p,
        noticed=noticed,
        fold=shift,
        event=event,
        capsule=(luck["capsule"] < said).astype(float),
        evidence=weekly_evidence(
            noticed, event, when.week_of, b.assumed_active, b.assumed_placebo, b.event_active, b.event_placebo
        ),
        ill_days=when.week_of @ event.astype(float),
        p_ill=-jnp.expm1(when.week_of @ jnp.log1p(-jnp.minimum(assigned.event, p))),
    )


def without_drug(
    d: Noticing, people: Participants
) -> tuple[Float[Array, " people"], Float[Array, " people"]]:
    """The false-alarm rate in each person's trial, and the share of occasions on which nothing is noticed whatever is taken."""
    trial = people.roll.where.once(("trial false alarm",))["trial false alarm"]
    alarm = jax.nn.sigmoid(logit(d.false_alarm) + d.false_alarm_trial_sd * trial)
    return alarm, jnp.minimum(d.lapse, 0.98 - alarm)


def person_threshold(
    d: Noticing, t: WalkParameters, person: Individual
) -> tuple[Float[Array, " people"], Float[Array, " people"]]:
    """ln theta_i of each person, comedication included, and the SD of ln(peak / theta_i) between their occasions.

    The spread of ln(peak / threshold) that exposure does not explain, at least a tenth, is shared between them.
    """
    exposed = jnp.log1p(t.people.cv_f**2) + jnp.log1p(t.people.cv_v**2)
    rest = jnp.maximum(d.sigma**2 - exposed, 0.1 * d.sigma**2)
    threshold = d.threshold + jnp.sqrt(rest * d.person_share) * person.threshold + person.taken.threshold
    return threshold, jnp.sqrt(rest * (1.0 - d.person_share))


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
    distance = (log(jnp.where(there, peak, 1.0)) - threshold - log(fold)) / sigma
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

    def log_chances(
        p: Float[Array, " people"], b: Float[Array, " people"]
    ) -> tuple[Float[Array, "weeks people"], ...]:
        log_none, log_calm = capsules * log(1.0 - p), capsules * log(1.0 - jnp.minimum(b, 0.9 * p))
        none, calm = jnp.exp(log_none), jnp.exp(log_calm)
        return (
            log_none,
            log(jnp.where(there, calm - none, 1.0)),
            log(jnp.where(calm < 1.0, 1.0 - calm, 1.0)),
        )

    active = log_chances(assumed_active, event_active)
    placebo = log_chances(assumed_placebo, event_placebo)
    no, yes, bad = (a - b for a, b in zip(active, placebo, strict=True))
    return jnp.where(there, jnp.where(worst, bad, jnp.where(anything, yes, no)), 0.0)
