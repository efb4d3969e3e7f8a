"""Who takes part: the roll of a plan's participants, numbered so that each is the same person in every room."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from limen.engine import streams
from limen.people import DRAWS_PER_PERSON, Identity, Roll
from limen.trial.leave import LUCK
from limen.trial.perceive import DAILY_LUCK
from limen.trial.plan import Plan

ONCE = (
    *DRAWS_PER_PERSON, "level", "baseline", "trait", "state0", "error0", "improvement", "day_person", "day_before",
)  # fmt: skip
DATED = ("state", "error", *LUCK, "guess", "dose day", "taken", *DAILY_LUCK)
PER_TRIAL = ("trial course", "trial false alarm", "trial bias", "trial kappa", "trial batch")


def enrolled(plan: Plan) -> int:
    """Participants of one trial; in a crossover each is in both arms."""
    return plan.arms[0].n if plan.crossover else plan.people


def first_arm(plan: Plan) -> Int[np.ndarray, " people"]:
    """Arm in which each participant of one trial begins."""
    if plan.crossover:
        return (np.arange(enrolled(plan)) >= plan.arms[0].first).astype(int)
    return plan.arm_of


def roll(
    plan: Plan,
    seed: int,
    draw: Int[np.ndarray, " people"],
    trial: Int[np.ndarray, " people"],
    place: Int[np.ndarray, " people"],
) -> Roll:
    """People by parameter draw, trial and place in the trial."""
    number = trial * enrolled(plan) + place
    keys, trial_keys = (
        {name: key for name, key in zip(names, streams.keys(names, seed), strict=True)}
        for names in ((*ONCE, *DATED), PER_TRIAL)
    )
    return Roll(
        draw=jnp.asarray(draw),
        trial=jnp.asarray(trial),
        arm=jnp.asarray(first_arm(plan)[place]),
        who=Identity(keys, jnp.asarray(number)),
        where=Identity(trial_keys, jnp.asarray(trial)),
    )
