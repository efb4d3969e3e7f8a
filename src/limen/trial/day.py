"""Dose-day ratings: what people report on the day of a dose, where unblinding bites hardest."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from limen.engine.elementary import log
from limen.people import Participants
from limen.pharmacology.expose import Exposure
from limen.trial.dosing import Doses
from limen.trial.setting import Setting
from limen.trial.theta import WalkParameters


class DayRatings(eqx.Module):
    """A rating before treatment, and the mean rating over dosing days with belief and drug on or off; points."""

    before: Float[Array, " people"]
    as_believed: Float[Array, " people"]
    belief_only: Float[Array, " people"]
    neither: Float[Array, " people"]
    drug_only: Float[Array, " people"]


def rate_days(
    t: WalkParameters,
    people: Participants,
    doses: Doses,
    exposure: Exposure,
    capsule: Float[Array, "doses people"],
    s: Setting,
    start: Int[Array, ""],
) -> DayRatings:
    """y = mean + person + b (guess - g) + d (response (E_day / E_reference)^h - a) + day; benefit positive.

    g and a are the shares of the days behind the mean that were guessed active and held the drug. The drug's part follows
    the day's own signal over that of a dosing day of the reference regimen. Before treatment guess and drug are zero.
    """
    r, when = t.rating, s.calendar
    mine = people.roll.who.once(("day_person", "day_before"))
    z = people.roll.who.normals(("dose day",), start + when.day.astype(int))["dose day"]
    usual = r.usual + r.sd_person * mine["day_person"]
    drug = r.drug * people.response * relative(exposure.signal / t.reference.signal, t.scale.h) * doses.taken
    days = jnp.sum(when.real)

    def mean(belief: float, on: float) -> Float[Array, " people"]:
        rating = usual + belief * r.guess * capsule + on * drug + r.sd_day * z
        return jnp.sum(jnp.clip(rating, s.day_low, s.day_high) * when.real[:, None], 0) / days

    return DayRatings(
        before=jnp.clip(usual + r.sd_day * mine["day_before"], s.day_low, s.day_high),
        as_believed=mean(1.0, 1.0),
        belief_only=mean(1.0, 0.0),
        neither=mean(0.0, 0.0),
        drug_only=mean(0.0, 1.0),
    )


def relative(ratio: Float[Array, ...], h: Float[Array, " people"]) -> Float[Array, ...]:
    """ratio^h, 0 at 0."""
    return jnp.where(ratio > 0, jnp.exp(h * log(jnp.where(ratio > 0, ratio, 1.0))), 0.0)
