"""Decompose: how much of an improvement is selection, non-specific course, belief and drug.

Nested runs of the same people with the same keys, before anybody leaves; never a subtraction of means from different
runs. Selection is always present, so it comes first; the three channels can be added in six orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float

from limen.design.operate import SCENARIOS, Run

CHANNELS = ("course", "belief", "drug")
ORDER = ("selection", *CHANNELS)
_SUBSETS = {frozenset(c for c, on in zip(CHANNELS, flags, strict=True) if on): i
            for i, (_, _, *flags) in enumerate(SCENARIOS[:8])}  # fmt: skip


@dataclass(frozen=True)
class Split:
    """Improvement per channel and parameter draw in the stated order, and each channel's mean over every order."""

    of: str
    channels: dict[str, Float[np.ndarray, " draws"]]
    by_order: dict[str, tuple[float, float]]

    @property
    def total(self) -> Float[np.ndarray, " draws"]:
        return np.sum(list(self.channels.values()), axis=0)


def improvement(run: Run) -> Float[np.ndarray, "people subsets"]:
    """Improvement of every person at the primary week in each of the eight subsets of channels, points."""
    return np.asarray(run.records.baseline[:, None] - run.records.before_leaving[:, :8])


def of_arm(run: Run, arm: int) -> Split:
    """The split of one arm's mean improvement."""
    return _split(run.plan.arms[arm].name, _mean_by_draw(run, improvement(run), run.arm == arm))


def of_difference(run: Run) -> Split | None:
    """The split of active minus control; None in a single-arm trial. Selection and course cancel but for chance."""
    if run.plan.control is None:
        return None
    gained = improvement(run)
    active = _mean_by_draw(run, gained, run.arm == run.plan.active)
    control = _mean_by_draw(run, gained, run.arm == run.plan.control)
    return _split("difference between arms", active - control)


def _mean_by_draw(run: Run, gained: np.ndarray, among: np.ndarray) -> Float[np.ndarray, "draws subsets"]:
    draw = np.repeat(run.draw_of_trial, run.plan.people)[among]
    count = np.bincount(draw, minlength=run.draws.count)
    sums = [np.bincount(draw, gained[among, i], run.draws.count) for i in range(gained.shape[1])]
    return np.stack(sums, -1) / count[:, None]


def _split(of: str, mean: Float[np.ndarray, "draws subsets"]) -> Split:
    def added(order: tuple[str, ...]) -> dict[str, np.ndarray]:
        there: frozenset[str] = frozenset()
        parts = {"selection": mean[:, _SUBSETS[there]]}
        for channel in order:
            parts[channel] = mean[:, _SUBSETS[there | {channel}]] - mean[:, _SUBSETS[there]]
            there |= {channel}
        return parts

    every = [added(order) for order in permutations(CHANNELS)]
    means = {name: [float(parts[name].mean()) for parts in every] for name in ORDER}
    return Split(of, added(CHANNELS), {name: (min(m), max(m)) for name, m in means.items()})
