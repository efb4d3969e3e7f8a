"""Who takes part: the roll of a plan's participants, numbered so that each is the same person in every room."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from limen.engine.streams import on_device
from limen.people import Roll
from limen.people.identity import identify
from limen.trial.plan import Plan


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
    draw: Int[np.ndarray, " people"],
    trial: Int[np.ndarray, " people"],
    place: Int[np.ndarray, " people"],
) -> Roll:
    """People by parameter draw, trial and place in the trial.

    A person is who they are by the name of the arm they meet first, the trial, and their number among those who meet it
    first: writing the arms in another order, or another arm beside them, moves nobody's luck.
    """
    arms = first_arm(plan)
    among = np.arange(len(arms)) - np.searchsorted(arms, arms)
    names = [f"arm/{arm.name}" for arm in plan.arms]
    return Roll(
        draw=on_device(draw),
        trial=on_device(trial),
        arm=on_device(arms[place]),
        who=identify(names, seed, arms[place], trial, among[place]),
        where=identify(["trial"], seed, np.zeros_like(trial), trial, np.zeros_like(trial)),
    )
