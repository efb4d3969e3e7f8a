"""What markers are followed over: the doses that people of an arm take, and the hours at which they are looked at."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from limen.parameters import Draws, load
from limen.protocol.clock import Clock
from limen.response import Dosing, Look
from limen.trial.curves import Cohort, sample
from limen.trial.plan import Plan
from limen.trial.roll import Seats, enrolled

LONGEST = 84  # days of dosing that are followed
DAY = np.concatenate(
    [np.arange(6.0, 12.0, 0.5), np.arange(12.0, 31.0, 1.0)]
)  # clock hours of the last dosing day


def by_the_clock(stated: Clock) -> tuple[float, Float[np.ndarray, " samples"]]:
    """Clock hour of dosing and of the samples: the protocol's, or the assumed ones."""
    p = load().under("response_reference")
    assumed = [p[f"sample_{name}"].value or 0.0 for name in ("morning", "noon", "afternoon")]
    dose = stated.dose_hour if stated.dose_hour is not None else p["dose_clock"].value or 0.0
    return dose, np.array(stated.sample_hours or assumed)


def first_of_each_draw(draws: Draws, plan: Plan, seed: int, arm: int) -> Cohort:
    """The first participant of an arm in the first trial of each parameter draw."""
    draw = np.arange(draws.count)
    first = int(np.flatnonzero(plan.arm_of == arm)[0]) % enrolled(plan)
    return sample(draws, plan, seed, arm, Seats(draw, draw, np.full(len(draw), first)))


def dosing_and_looks(plan: Plan, who: Cohort, stated: Clock) -> tuple[Dosing, Look]:
    """The course of a cohort's own doses, missed ones and batches included, and the looks that the page takes at it."""
    days = np.array([day - plan.days[0] for day in plan.days if day - plan.days[0] < LONGEST], float)
    clock, samples = by_the_clock(stated)
    hours = 24 * days[-1] + np.concatenate([DAY, samples]) - clock
    amount = np.asarray(who.doses.amount).T[:, : len(days)]
    return Dosing(plan.compound, plan.kinetics, days, amount, clock), Look(hours=hours[hours >= 0])
