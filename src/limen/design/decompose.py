"""Decompose: how much of an improvement is selection, non-specific course, belief and drug.

Nested runs of the same people with the same keys, before anybody leaves; never a subtraction of means from different
runs. Selection is always present, so it comes first; the three channels can be added in six orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Bool, Float

from limen.design.operate import Run
from limen.design.whatifs import CHANNELS, SUBSETS, subset_name

ORDER = ("selection", *CHANNELS)


@dataclass(frozen=True)
class Split:
    """Improvement per channel and parameter draw in the stated order, and each channel's mean over every order."""

    of: str
    channels: dict[str, Float[np.ndarray, " draws"]]
    by_order: dict[str, tuple[float, float]]

    @property
    def total(self) -> Float[np.ndarray, " draws"]:
        return np.sum(list(self.channels.values()), axis=0)


Means = dict[frozenset[str], Float[np.ndarray, " draws"]]


def improvement(run: Run, channels: frozenset[str]) -> Float[np.ndarray, " people"]:
    """Improvement of every person at the primary week with a subset of the channels on, points."""
    after = run.under(subset_name(channels), run.records.before_leaving)
    return np.asarray(run.records.baseline) - after


def of_arm(run: Run, arm: int) -> Split:
    """The split of one arm's mean improvement."""
    return _split(run.plan.arms[arm].name, _mean_by_draw(run, run.arm == arm))


def of_difference(run: Run) -> Split | None:
    """The split of active minus control; None in a single-arm trial. Selection and course cancel but for chance."""
    if run.plan.control is None:
        return None
    active = _mean_by_draw(run, run.arm == run.plan.active)
    control = _mean_by_draw(run, run.arm == run.plan.control)
    return _split("difference between arms", {subset: active[subset] - control[subset] for subset in SUBSETS})


def _mean_by_draw(run: Run, among: Bool[np.ndarray, " people"]) -> Means:
    draw = run.draw[among]
    count = np.bincount(draw, minlength=run.draws.count)
    return {s: np.bincount(draw, improvement(run, s)[among], run.draws.count) / count for s in SUBSETS}


def _split(of: str, mean: Means) -> Split:
    def added(order: tuple[str, ...]) -> dict[str, Float[np.ndarray, " draws"]]:
        there: frozenset[str] = frozenset()
        parts = {"selection": mean[there]}
        for channel in order:
            parts[channel] = mean[there | {channel}] - mean[there]
            there |= {channel}
        return parts

    every = [added(order) for order in permutations(CHANNELS)]
    means = {name: [float(parts[name].mean()) for parts in every] for name in ORDER}
    return Split(of, added(CHANNELS), {name: (min(m), max(m)) for name, m in means.items()})
