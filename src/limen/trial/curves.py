"""Curves of a trial's own participants: concentration, effect site and occupancy at any hours, day by day, and thresholds.

A `Cohort` holds people of one arm as the walk has them (genotype, comedication, batch, doses missed); `simulate`, the
trial and the page look at the same ones.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from limen.compounds import compound
from limen.engine.declare import Values
from limen.engine.stored import stored
from limen.engine.streams import on_device
from limen.parameters import Draws
from limen.people import Participants, Roll, Typical, at, per_draw, recruit, typical, typical_person
from limen.people.comedication import comedication
from limen.pharmacology.chain import OCCUPANCY
from limen.pharmacology.expose import expose
from limen.pharmacology.kinetics import oral_modes, single_dose_peak, superpose
from limen.trial.dosing import Doses, dose
from limen.trial.perceive import notice_probability, person_threshold, without_drug
from limen.trial.plan import Plan
from limen.trial.reference import of_person
from limen.trial.roll import Seats, first_arm, roll
from limen.trial.setting import Arms, Calendar, Levels, arms, calendar, dose_levels
from limen.trial.shapes import to_draws
from limen.trial.theta import WalkParameters, arm_rates, theta
from limen.trial.titrate import meet

ROWS = (512, 4096)  # people are met so many at a time, so that all who ask share two compiled programs


class Curves(eqx.Module):
    """Per requested hour and person: plasma and effect-site ng/mL, 5-HT2A occupancy (NaN where nobody measured the
    compound's); and of a single dose Cmax ng/mL, Tmax h, and the half-life h."""

    plasma: Float[Array, "times people"]
    effect: Float[Array, "times people"]
    occupancy: Float[Array, "times people"]
    cmax: Float[Array, " people"]
    tmax: Float[Array, " people"]
    half_life: Float[Array, " people"]


class Days(eqx.Module):
    """Per study day and person: highest occupancy of the day, and tolerance at the hour of dosing."""

    occupancy: Float[Array, "days people"]
    tolerance: Float[Array, "days people"]


class Cohort(eqx.Module):
    """People of one arm: who they are, their `doses`, and their occupancy constants where the compound has them."""

    people: Participants
    doses: Doses
    omax: Float[Array, " people"]
    ec50: Float[Array, " people"]


def sample(
    draws: Draws,
    plan: Plan,
    seed: int,
    arm: int,
    seats: Seats,
    at_once: int = ROWS[0],
) -> Cohort:
    """Participants of `arm` by where they sit (in a crossover, of everybody in it); met so
    many `at_once`."""
    given = compound(plan.compound)
    taken = comedication(draws, given, plan.indication, plan.admission, plan.on_antidepressant)
    t = typical(draws, given, plan.kinetics, taken)
    names, unknown = ("omax", "ec50"), np.full(draws.count, np.nan)
    known = all(name in given.parameters for name in names)
    occupied = {name: per_draw(draws[given.need(name)] if known else unknown) for name in names}
    count = len(seats.place)
    starts = plan.second_period * np.arange(max(2, plan.periods))
    levels = dose_levels(plan)
    walked = None
    if levels.moves is not None:
        walked = jax.tree.map(to_draws, theta(draws, plan)), arms(plan, arm_rates(draws, plan))
    fixed = jax.tree.map(to_draws, (t, occupied)), levels, calendar(plan), walked

    def met(begin: int) -> Cohort:
        rows = np.minimum(np.arange(begin, begin + at_once), count - 1)
        period = (arm - first_arm(plan)[seats.place[rows]]) % plan.periods
        who = roll(plan, seed, seats.at(rows))
        return _sample(*fixed, who, on_device(arm), on_device(period), on_device(starts))

    def joined(*parts: Shaped[Array, ...]) -> Shaped[Array, ...]:
        words = (
            parts[0].dtype == np.uint32
        )  # of identities stand in rows, whatever else is one value a person
        values = np.concatenate(parts, axis=0 if words else -1)
        return on_device(values[:count] if words else values[..., :count])

    return jax.tree.map(joined, *(met(begin) for begin in range(0, count, at_once)))


@stored
def _sample(
    typical_and_occupied: tuple[Typical, dict[str, Array]],
    given: Levels,
    when: Calendar,
    walked: tuple[WalkParameters, Arms] | None,
    who: Roll,
    arm: Int[Array, ""],
    period: Int[Array, " people"],
    starts: Int[Array, " periods"],
) -> Cohort:
    t, occupied = typical_and_occupied
    people, each = recruit(t, who), jnp.full_like(who.draw, arm)
    one = dose(given, when, who, each, starts[0])
    if walked is not None:
        theirs = at(walked[0], who.draw)
        assigned = walked[1].of(each, who.draw, theirs.believing.open_label)
        one = meet(theirs, people, assigned, each, given, when, None, starts[0]).doses

    def taken_from(start: Int[Array, ""]) -> Bool[Array, "doses people"]:
        return dose(given, when, who, each, start).taken

    taken = jax.vmap(taken_from)(starts)
    mine = jnp.take_along_axis(taken, period[None, None, :], axis=0)[0]
    doses = Doses(one.given, one.batch, one.share, mine)
    occupancy = {name: column[who.draw] for name, column in occupied.items()}
    return Cohort(people, doses, occupancy["omax"], occupancy["ec50"] * people.taken.ec50)


def after_one_dose(who: Cohort, hours: Float[np.ndarray, " times"]) -> Curves:
    """Curves after one dose of the arm, its level and batch each person's own."""
    return _curves(
        who, on_device(np.asarray(who.doses.given)[None]), on_device(np.zeros(1)), on_device(hours, float)
    )


def over(who: Cohort, plan: Plan, hours: Float[np.ndarray, " times"]) -> Curves:
    """Curves over a period of the plan, of the doses that each person takes; hours since its first day."""
    return _curves(who, who.doses.amount, calendar(plan).day, on_device(hours, float))


@stored
def _curves(
    who: Cohort,
    amount: Float[Array, "doses people"],
    day: Float[Array, " doses"],
    hours: Float[Array, " times"],
) -> Curves:
    p = who.people
    m = oral_modes(p.cl, p.v, p.ka, p.ke0, p.tlag)
    plasma, effect = superpose(m, amount, day, hours)
    cmax, tmax = single_dose_peak(m, who.doses.given)
    x = Values({"Ce": jnp.maximum(effect, 0.0), "omax": who.omax, "ec50": who.ec50})
    return Curves(plasma, effect, OCCUPANCY.value(x), cmax, tmax, jnp.log(2.0) * p.v / p.cl)


def by_day(t: WalkParameters, who: Cohort, plan: Plan, days: int) -> Days:
    """Highest occupancy of each study day and tolerance at its hour of dosing: the chain on a calendar of every day, a
    day without a dose being a dose of nothing."""
    amount = np.zeros((days, who.doses.given.shape[0]))
    shown = [day for day in plan.days if day < days]
    amount[shown] = np.asarray(who.doses.amount)[: len(shown)]
    return _by_day(jax.tree.map(to_draws, t), who, on_device(amount))


@stored
def _by_day(theta: WalkParameters, who: Cohort, amount: Float[Array, "days people"]) -> Days:
    t, p = at(theta, who.people.draw), who.people
    m = oral_modes(p.cl, p.v, p.ka, p.ke0, p.tlag)
    day = jnp.ones(amount.shape[0])
    found, _ = expose(m, of_person(t.receptor, p), t.scale.accrual, amount, day, follow=day.astype(int))
    return Days(found.occupancy, found.tolerance)


def thresholds(t: WalkParameters, who: Cohort) -> Float[np.ndarray, " people"]:
    """Effect-site ng/mL at which each person notices half of attentive occasions, comedication included."""
    return np.exp(np.asarray(_thresholds(jax.tree.map(to_draws, t), who.people)))


@stored
def _thresholds(t: WalkParameters, people: Participants) -> Float[Array, " people"]:
    mine = at(t, people.draw)
    return person_threshold(mine.detection, mine, people)[0]


def noticing(
    t: WalkParameters, who: Cohort, doses: Float[np.ndarray, " doses"]
) -> Float[np.ndarray, "doses people"]:
    """P(something noticed) of each person on a first dose of so much of the base (ug), of the batch that is theirs."""
    return np.asarray(_noticing(jax.tree.map(to_draws, t), who, on_device(doses, float)))


@stored
def _noticing(
    theta: WalkParameters, who: Cohort, doses: Float[Array, " doses"]
) -> Float[Array, "doses people"]:
    t, p = at(theta, who.people.draw), who.people
    m, day = oral_modes(p.cl, p.v, p.ka, p.ke0, p.tlag), jnp.ones(1)
    of_one, _ = expose(
        m, of_person(t.receptor, p), t.scale.accrual, who.doses.batch[None], day, follow=day.astype(int)
    )
    threshold, occasion = person_threshold(t.detection, t, p)
    peak = doses[:, None] * of_one.peak  # kinetics are linear
    return notice_probability(peak, threshold, jnp.ones_like(peak), occasion, *without_drug(t.detection, p))


def typical_cmax(draws: Draws, plan: Plan, dose: float) -> Float[np.ndarray, " draws"]:
    """Cmax ng/mL after `dose` ug in a typical person of each draw, who takes nothing besides."""
    given = compound(plan.compound)
    t = typical(draws, given, plan.kinetics, comedication(draws, given, plan.indication))
    return np.asarray(_typical_cmax(jax.tree.map(to_draws, t), on_device(dose, float)))[: draws.count]


@stored
def _typical_cmax(t: Typical, dose: Float[Array, ""]) -> Float[Array, " draws"]:
    p = typical_person(t)
    return single_dose_peak(oral_modes(p.cl, p.v, p.ka, p.ke0, p.tlag), dose)[0]
