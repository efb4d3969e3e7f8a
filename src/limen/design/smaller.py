"""Smaller: the trials of a run with fewer people or arms, which are the very trials that a protocol of that size has.

People are named by their arm, their trial and their number in it, so the first of a large trial are a small one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import jax
import numpy as np
from jaxtyping import Array, Shaped

from limen.design.operate import Run
from limen.trial.roll import first_arm


def fewer(
    run: Run,
    people: Mapping[int, int],
    compared: tuple[int, int | None] | None = None,
    after: Mapping[int, int] | None = None,
) -> Run:
    """The trials of a run in the first so many people of each arm by number, those who come `after` so many; an arm that is not
    named is left out. Of a crossover they are those who begin with it. `compared` are the arms of its comparison, the plan's own
    where left out."""
    plan = run.plan
    active, control = compared or (plan.active, plan.control)
    kept = sorted(people)
    first = first_arm(plan)
    among = np.arange(len(first)) - np.searchsorted(first, first)
    numbered = range(len(plan.arms))
    skipped = after or {}
    limit, begin = (np.array([each.get(at, 0) for at in numbered]) for each in (people, skipped))
    here = (among < limit[first]) & (among >= begin[first])
    left = {at: people[at] - skipped.get(at, 0) for at in kept}
    if plan.crossover:  # a row a participant in every arm, of which some are left out
        here = np.concatenate([here & (at in people) for at in range(len(plan.arms))])
    wanted = np.tile(here, run.trials)
    arms = tuple(
        replace(plan.arms[at], n=sum(left.values()) if plan.crossover else left[at], first=left[at])
        for at in kept
    )
    pair = (kept.index(active), None if control is None else kept.index(control))

    def rows(column: Shaped[Array | np.ndarray, "people ..."]) -> Shaped[np.ndarray, "fewer ..."]:
        return np.asarray(column)[wanted]

    smaller = replace(plan, arms=arms, compared=pair)
    placed = None if run.placed is None else run.placed.at(np.flatnonzero(here))
    return replace(run, plan=smaller, placed=placed, records=jax.tree.map(rows, run.records))


def between(run: Run, against: int, each: tuple[int, int]) -> Run:
    """The trials between the active arm and one comparator alone, in so many people."""
    pair = (run.plan.active, against)
    return fewer(run, dict(zip(pair, each, strict=True)), pair)
