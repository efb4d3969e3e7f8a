"""Decompose: how much of an improvement is selection, non-specific course, belief and drug.

Nested runs of the same people with the same keys, before anybody leaves; never a subtraction of means from different
runs. Selection is always present, so it comes first; the three channels can be added in six orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float

from limen.design.noise import Quiet, quiet
from limen.design.operate import Run
from limen.design.whatifs import CHANNELS, SUBSETS, subset_name

ORDER = ("selection", *CHANNELS)


@dataclass(frozen=True)
class Split:
    """Improvement per channel in the stated order, by parameter draw, and each channel's mean over every order.

    Spreads over draws are those of the parameters: what the simulation adds is taken out. `total` is quieted as a whole
    and is the sum of the channels on average. `ruled` says which channels are zero by randomisation, not by counting.
    """

    of: str
    channels: dict[str, Quiet]
    total: Quiet
    by_order: dict[str, tuple[float, float]]
    ruled: tuple[str, ...] = ()


Means = dict[frozenset[str], Float[np.ndarray, " trials"]]


def improvement(run: Run, channels: frozenset[str]) -> Float[np.ndarray, " people"]:
    """Improvement of every person at the primary week with a subset of the channels on, points."""
    after = run.under(subset_name(channels), run.records.before_leaving)
    return np.asarray(run.records.baseline) - after


def of_arm(run: Run, arm: int) -> Split:
    """The split of one arm's mean improvement."""
    return _split(run, run.plan.arms[arm].name, _mean_by_trial(run, arm))


def of_difference(run: Run) -> Split | None:
    """The split of active minus control; None in a single-arm trial.

    Arms are drawn by lot from the same people, so what neither belief nor drug has touched is equal in both: selection
    and course are exactly zero, and the arms' chance imbalance without them is taken from what is seen with them.
    """
    if run.plan.control is None:
        return None
    active, control = (_mean_by_trial(run, arm) for arm in (run.plan.active, run.plan.control))
    apart = {subset: active[subset] - control[subset] for subset in SUBSETS}
    by_chance = {subset: apart[subset & {"course"}] for subset in SUBSETS}
    even = {subset: apart[subset] - by_chance[subset] for subset in SUBSETS}
    return _split(run, "difference between arms", even, ("selection", "course"))


def by_belief_and_drug(
    run: Run,
) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]] | None:
    """The parts of belief and drug in active minus control, trial by trial and in the stated order; None in a single-arm trial."""
    if run.plan.control is None:
        return None
    whole, dead, unseen = (
        frozenset(c for c in CHANNELS if c not in off) for off in ((), ("drug",), ("belief", "drug"))
    )
    active, control = (
        _mean_by_trial(run, arm, (whole, dead, unseen)) for arm in (run.plan.active, run.plan.control)
    )
    apart = {subset: active[subset] - control[subset] for subset in active}
    return apart[dead] - apart[unseen], apart[whole] - apart[dead]


def _mean_by_trial(run: Run, arm: int, subsets: Sequence[frozenset[str]] = SUBSETS) -> Means:
    inside = run.plan.arm_of == arm
    return {s: run.by_trial(improvement(run, s))[:, inside].mean(1) for s in subsets}


def _split(run: Run, of: str, mean: Means, ruled: tuple[str, ...] = ()) -> Split:
    def added(order: tuple[str, ...]) -> dict[str, Float[np.ndarray, " trials"]]:
        there: frozenset[str] = frozenset()
        parts = {"selection": mean[there]}
        for channel in order:
            parts[channel] = mean[there | {channel}] - mean[there]
            there |= {channel}
        return parts

    every = [added(order) for order in permutations(CHANNELS)]
    means = {name: [float(parts[name].mean()) for parts in every] for name in ORDER}
    stated = {name: quiet(part, run.draw_of_trial, run.draws.count) for name, part in added(CHANNELS).items()}
    total = quiet(mean[frozenset(CHANNELS)], run.draw_of_trial, run.draws.count)
    return Split(of, stated, total, {name: (min(m), max(m)) for name, m in means.items()}, ruled)
