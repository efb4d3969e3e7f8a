"""One score for each person, arm and visit, for tests that take people and not rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.analysis.frame import Frame
from limen.analysis.rows import ALL


@dataclass(frozen=True)
class PersonScores:
    """`within`: the same people have both arms. Where the condition changes from visit to visit, a person's scores of each
    arm are averaged over visits; `notes` say so, and how many rows were averaged."""

    by_arm: Mapping[tuple[str, str], Mapping[int, float]]
    visits: tuple[str, ...]
    within: bool
    notes: tuple[str, ...]

    @classmethod
    def of(cls, frame: Frame) -> PersonScores:
        there = np.isfinite(frame.score)
        arm = frame.table["arm"].astype(str).to_numpy()[there]
        visit = frame.table["visit"].astype(str).to_numpy()[there]
        owner = frame.owner[there]
        met = Counter({*zip(owner.tolist(), visit.tolist(), arm.tolist(), strict=True)})
        both = Counter((one, at) for one, at, _ in met)
        apart = frame.within and len(frame.order.visits) > 1 and max(both.values(), default=0) < 2
        if apart:
            visit = np.full(len(visit), ALL, dtype=object)
        held = defaultdict[tuple[str, str], defaultdict[int, list[float]]](lambda: defaultdict(list))
        for person, a, v, score in zip(owner.tolist(), arm, visit, frame.score[there].tolist(), strict=True):
            held[str(a), str(v)][person].append(score)
        several = sum(len(scores) > 1 for cell in held.values() for scores in cell.values())
        means = {cell: {i: float(np.mean(s)) for i, s in people.items()} for cell, people in held.items()}
        visits = (ALL,) if apart else frame.order.visits
        notes = (f"several scores of a person in one arm{'' if apart else ' and visit'} are averaged ({several} times)",) if several else ()  # fmt: skip
        return cls(means, visits, frame.within, notes)

    def of_arm(self, arm: str, visit: str) -> Mapping[int, float]:
        return self.by_arm.get((arm, visit), {})

    def apart(self, one: str, other: str, visit: str) -> Float[np.ndarray, " people"]:
        """Differences of those who have both."""
        first, second = self.of_arm(one, visit), self.of_arm(other, visit)
        return np.array([first[i] - second[i] for i in sorted(first.keys() & second.keys())])

    def sides(
        self, one: str, other: str, visit: str
    ) -> tuple[Float[np.ndarray, " one"], Float[np.ndarray, " other"]]:
        """Scores of each of two arms."""
        first, second = (np.array(list(self.of_arm(arm, visit).values()), float) for arm in (one, other))
        return first, second
