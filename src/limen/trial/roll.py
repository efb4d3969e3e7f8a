"""Who takes part: the roll of a plan's participants, numbered so that each is the same person in every room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from limen.engine.streams import on_device
from limen.people import Roll
from limen.people.identity import identify
from limen.trial.plan import Plan


@dataclass(frozen=True)
class Seats:
    """People by parameter draw, trial and place in the trial; and, where a scheme looked at them before it gave them an arm,
    the `number` in which they came."""

    draw: Int[np.ndarray, " people"]
    trial: Int[np.ndarray, " people"]
    place: Int[np.ndarray, " people"]
    number: Int[np.ndarray, " people"] | None = None

    def at(self, rows: Int[np.ndarray, " rows"]) -> Seats:
        number = None if self.number is None else self.number[rows]
        return Seats(self.draw[rows], self.trial[rows], self.place[rows], number)


def enrolled(plan: Plan) -> int:
    """Participants of one trial; in a crossover each is in every arm."""
    return plan.arms[0].n if plan.crossover else plan.people


def first_arm(plan: Plan) -> Int[np.ndarray, " people"]:
    """Arm in which each participant of one trial begins."""
    if plan.crossover:
        return np.repeat(np.arange(len(plan.arms)), [arm.first for arm in plan.arms])
    return plan.arm_of


def roll(
    plan: Plan,
    seed: int,
    seats: Seats,
) -> Roll:
    """The people who sit there.

    A person is who they are by the name of the arm they meet first, the trial, and their number among those who meet it
    first: writing the arms in another order, or another arm beside them, moves nobody's luck. Where a scheme of allocation
    looks at people they are who they are by the `number` in which they came.
    """
    arms = first_arm(plan)
    draw, trial, place = seats.draw, seats.trial, seats.place
    if seats.number is not None:
        return numbered(seed, draw, trial, arms[place], seats.number)
    among = np.arange(len(arms)) - np.searchsorted(arms, arms)
    names = [f"arm/{arm.name}" for arm in plan.arms]
    return Roll(
        draw=on_device(draw),
        trial=on_device(trial),
        arm=on_device(arms[place]),
        who=identify(names, seed, arms[place], trial, among[place]),
        where=identify(["trial"], seed, np.zeros_like(trial), trial, np.zeros_like(trial)),
    )


def numbered(
    seed: int,
    draw: Int[np.ndarray, " people"],
    trial: Int[np.ndarray, " people"],
    arm: Int[np.ndarray, " people"],
    number: Int[np.ndarray, " people"],
) -> Roll:
    """People by trial and the order in which they came to it: who they are hangs on no arm."""
    zero = np.zeros_like(trial)
    return Roll(
        draw=on_device(draw),
        trial=on_device(trial),
        arm=on_device(arm),
        who=identify(["person"], seed, zero, trial, number),
        where=identify(["trial"], seed, zero, trial, zero),
    )
