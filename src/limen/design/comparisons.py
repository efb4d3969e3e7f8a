"""Every comparison of two arms that a protocol holds beside its primary one: what it would show and how often for nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from limen.analysis.estimator import estimate
from limen.analysis.registry import estimator
from limen.design.operate import Run
from limen.design.report import rated
from limen.design.reported import planned_p
from limen.trial.data import TrialData

METHOD = "ancova"  # arms beside the primary pair are compared by one quick method, whatever the primary analysis is
MOST = 20  # pairs that are reported


@dataclass(frozen=True)
class Compared:
    """One pair of arms over trials, benefit positive: the mean difference of the arms as believed and what of it is there
    with no drug effect, and whether trials report p < alpha with no drug effect, and a benefit as believed."""

    arm: str
    control: str
    primary: bool
    difference: Float[np.ndarray, " trials"]
    by_belief: Float[np.ndarray, " trials"]
    for_nothing: Bool[np.ndarray, " trials"]
    found: Bool[np.ndarray, " trials"]


def pairs(run: Run) -> tuple[tuple[int, int], ...]:
    """Arms that are compared, the primary pair first: every two that differ in what they give or what people are told, the
    higher dose against the lower."""
    plan = run.plan
    if plan.control is None:
        return ()
    first = (plan.active, plan.control)
    dose = [arm.mean_dose for arm in plan.arms]
    told = [plan.told if arm.told is None else arm.told for arm in plan.arms]
    every = [(a, b) if dose[a] >= dose[b] else (b, a) for a, b in combinations(range(len(dose)), 2)]
    rest = [(a, b) for a, b in every if {a, b} != {*first} and (dose[a] > 0 or told[a] != told[b])]
    return (first, *rest)[:MOST]


def every_comparison(run: Run) -> tuple[Compared, ...]:
    """Every pair of arms of a plan whose primary outcome is simulated; () where it is not, or where there is one pair."""
    found = pairs(run)
    if len(found) < 2 or run.plan.unscored is not None:
        return ()
    if run.plan.model is None:
        data, day = run.data(), run.records.day
        with_drug, without = (
            rated(data, np.asarray(day.as_believed)),
            rated(data, np.asarray(day.belief_only)),
        )
    else:
        with_drug, without = run.data(), run.data("course + belief")
    return tuple(_compared(run, pair, with_drug, without, pair == found[0]) for pair in found)


def _compared(
    run: Run, pair: tuple[int, int], drug: TrialData, nothing: TrialData, primary: bool
) -> Compared:
    alpha, sided = run.plan.alpha, run.plan.sided
    believed, null = (_estimated(data, pair, sided) for data in (drug, nothing))
    return Compared(
        run.plan.arms[pair[0]].name,
        run.plan.arms[pair[1]].name,
        primary,
        believed[0],
        null[0],
        null[1] < alpha,
        (believed[1] < alpha) & (believed[0] > 0),
    )


def _estimated(
    data: TrialData, pair: tuple[int, int], sided: int
) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Benefit and p-value of each trial in two of its arms alone."""
    found = estimate(_two(data, pair), estimator(METHOD))
    benefit = data.benefit(np.asarray(found.each.estimate)[:, 0])
    return benefit, planned_p(benefit, np.asarray(found.each.p)[:, 0], sided)


def _two(data: TrialData, pair: tuple[int, int]) -> TrialData:
    """The trials with two of their arms; whoever is compared counts as the active one."""
    rows = np.isin(data.arm, pair)
    columns: dict[str, Any] = {
        name: value[rows]
        for name, value in vars(data).items()
        if isinstance(value, np.ndarray) and name != "weeks"
    }
    columns["arm"] = (columns["arm"] == pair[1]).astype(int)
    arms = tuple(data.arms[i] for i in pair)
    return replace(data, **columns, arms=arms, kinds=tuple(data.kinds[i] for i in pair), compared=(0, 1))
