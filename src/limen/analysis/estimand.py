"""Which scores an analysis uses once a person has stopped the drug, begun a rescue or left: the estimand (ICH E9 R1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from limen.errors import LimenError
from limen.trial.data import TrialData

Scores = Float[np.ndarray, "people visits"]
Flags = Bool[np.ndarray, "people visits"]


@dataclass(frozen=True)
class Estimand:
    """One way with intercurrent events. `scores` gives the scores that are used, from those seen, the worst score there is,
    and whether treatment had changed (off the drug, or on a rescue) or a person had left by each visit; `words` say so."""

    name: str
    words: str
    scores: Callable[[Scores, float, Flags, Flags], Scores]


def _as_seen(score: Scores, worst: float, changed: Flags, left: Flags) -> Scores:
    return score


def _until_changed(score: Scores, worst: float, changed: Flags, left: Flags) -> Scores:
    return np.where(changed, np.nan, score)


def _worst(score: Scores, worst: float, changed: Flags, left: Flags) -> Scores:
    return np.where(changed | left, worst, score)


ESTIMANDS = {
    one.name: one
    for one in (
        Estimand("treatment policy", "scores off the drug and on a rescue count as they are", _as_seen),
        Estimand("hypothetical", "scores off the drug and on a rescue are set missing", _until_changed),
        Estimand("composite", "stopping, a rescue and leaving count as the worst score, and as no response", _worst),
    )
}  # fmt: skip


def estimand(name: str) -> Estimand:
    """The estimand called `name`. Raises LimenError where there is none."""
    if name not in ESTIMANDS:
        raise LimenError(f"there is no estimand {name!r}", remedy=f"estimands: {', '.join(ESTIMANDS)}")
    return ESTIMANDS[name]


def as_asked(data: TrialData) -> TrialData:
    """The data as the estimand of the trial has them: what every estimator is given. Done twice it does nothing more."""
    how, after = estimand(data.estimand), data.weeks > 0
    changed = (data.changed[:, None] > 0) & (data.weeks >= data.changed[:, None])
    worst = data.bounds[0] if data.higher_is_better else data.bounds[1]
    score = how.scores(data.score, worst, changed & after, ~data.present & after)
    return replace(data, score=score, present=np.isfinite(score))
