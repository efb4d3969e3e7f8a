"""What a simulated trial would report of itself, one value a trial, in the published unit and with the published sign.

`REPORTED` is the registry of names that `targets.csv` may use for what is read off a trial. A score is read under one
what-if of the drug effect; a guess, a rating, an exit under what is believed of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from limen.calibration.targets import Target
from limen.design.operate import Run
from limen.design.report import weekly_scenario
from limen.errors import FactsError
from limen.protocol.fields import written
from limen.trial.data import TrialData
from limen.trial.roll import first_arm

PerTrial = Float[np.ndarray, " trials"]
Seen = tuple[Float[np.ndarray, "trials people"], Float[np.ndarray, "trials people"]]


def _arm(run: Run, target: Target) -> Bool[np.ndarray, " places"]:
    """Places of a trial in the target's arm, all of them where it names none; of a crossover those who begin with it."""
    plan, names = run.plan, [arm.name for arm in run.plan.arms]
    if target.arm and target.arm not in names:
        raise FactsError(
            f"{target.protocol} has no arm {target.arm!r}", target.place, f"arms: {', '.join(names)}"
        )
    there = plan.arm_of == names.index(target.arm) if target.arm else np.ones(plan.people, bool)
    if plan.crossover:
        there = there & (plan.arm_of == np.tile(first_arm(plan), len(names)))
    return there


def _counted(run: Run, target: Target) -> Bool[np.ndarray, " places"]:
    """Of the arm, the first people, as many as the trial had."""
    there = _arm(run, target)
    return there & (np.cumsum(there) <= (target.people or run.plan.people))


def _of(
    run: Run, target: Target, people: Shaped[np.ndarray | Array, "rows ..."]
) -> Shaped[np.ndarray, "trials people ..."]:
    return run.by_trial(people)[:, _counted(run, target)]


def _scores(run: Run, target: Target, what_if: str) -> Seen:
    """Baseline and score at the target's week, of those who are seen then."""
    data: TrialData = run.data(what_if)
    (at,) = np.flatnonzero(data.weeks == int(target.week))
    return _of(run, target, data.baseline), _of(run, target, data.score[:, at])


def _mean_change(run: Run, target: Target, what_if: str) -> PerTrial:
    before, after = _scores(run, target, what_if)
    return np.nanmean(after - before, axis=1)


def _sd_of_change(run: Run, target: Target, what_if: str) -> PerTrial:
    before, after = _scores(run, target, what_if)
    return np.nanstd(after - before, axis=1, ddof=1)


def _percent_change(run: Run, target: Target, what_if: str) -> PerTrial:
    """Of the mean baseline of those who are seen."""
    before, after = _scores(run, target, what_if)
    seen = np.isfinite(after)
    return 100 * (np.nansum(after, axis=1) / np.sum(before * seen, axis=1) - 1)


def _responders(run: Run, target: Target, what_if: str) -> PerTrial:
    """At least half of the baseline score gone, among those seen, on a scale that is better when low."""
    before, after = _scores(run, target, what_if)
    return 100 * np.nansum(after <= 0.5 * before, axis=1) / np.isfinite(after).sum(1)


def _difference(run: Run, target: Target, what_if: str) -> PerTrial:
    """Active minus control in points of the scale, in the trials that could be analysed."""
    estimate = weekly_scenario(run, what_if).estimate
    return estimate if run.plan.better else -estimate


def _left(run: Run, target: Target, what_if: str) -> PerTrial:
    return 100 * (1 - _of(run, target, run.records.present)[..., int(target.week)].mean(1))


def _left_for_effects(run: Run, target: Target, what_if: str) -> PerTrial:
    return 100 * _of(run, target, run.records.left_for_effects).mean(1)


def _capsules(run: Run, target: Target, what_if: str) -> PerTrial:
    """Guesses about the first capsules of people in an arm, on the target's dose where it names one: everybody's first,
    then their second, as many as the trial counted."""
    arm = _arm(run, target)
    said = run.by_trial(run.records.capsule)[:, arm]
    theirs = _on_dose(run, target) if target.dose else np.ones(said.shape[:2], bool)
    turns = np.moveaxis(np.where(theirs[..., None], said, np.nan)[..., : len(run.plan.days)], 2, 1)
    turns = turns.reshape(len(said), -1)
    counted = np.isfinite(turns).cumsum(1) <= (target.people or turns.shape[1])
    return 100 * np.nanmean(np.where(counted, turns, np.nan), axis=1)


def _on_dose(run: Run, target: Target) -> Bool[np.ndarray, "trials people"]:
    """Who in the arm was given the dose that the target names as its protocol writes it: the label, not the batch."""
    at = [arm.name for arm in run.plan.arms].index(target.arm)
    labels = [written(level) for level in getattr(target.asked().arms[at].dose, "levels", None) or ()]
    if target.dose not in labels:
        raise FactsError(
            f"{target.protocol} gives no {target.dose}", target.place, f"doses: {', '.join(labels)}"
        )
    who = run.sample(at, run.trials * run.plan.people)
    given = np.asarray(who.doses.given / who.doses.batch).reshape(run.trials, -1)
    return np.isclose(given, run.plan.arms[at].levels[labels.index(target.dose)])


def _week_capsule(run: Run, target: Target, what_if: str) -> PerTrial:
    first = next(k for k, day in enumerate(run.plan.days) if day // 7 + 1 == int(target.week))
    return 100 * _of(run, target, run.records.capsule)[..., first].mean(1)


def _say_active(run: Run, target: Target, what_if: str) -> PerTrial:
    """Among those who say either."""
    said = _of(run, target, run.records.guess)[..., int(target.week) - 1]
    return 100 * np.nanmean(said, axis=1)


def _guess_right(run: Run, target: Target, what_if: str) -> PerTrial:
    said = _of(run, target, run.records.guess)[..., int(target.week) - 1]
    got = (run.plan.arm_of == run.plan.active)[_counted(run, target)]
    return 100 * ((said == got) & np.isfinite(said)).sum(1) / np.isfinite(said).sum(1)


def _rating(run: Run, target: Target, what_if: str) -> PerTrial:
    return _of(run, target, run.records.day.as_believed).mean(1)


Reads = Callable[[Run, Target, str], PerTrial]
OF_SCORES: Mapping[str, Reads] = MappingProxyType(
    {
        "mean change": _mean_change,
        "SD of change": _sd_of_change,
        "change in % of the mean baseline": _percent_change,
        "responders among those seen": _responders,
        "difference by the protocol's method": _difference,
    }
)
REPORTED: Mapping[str, Reads] = MappingProxyType(
    {
        **OF_SCORES,
        "left by the week": _left,
        "left for acute effects": _left_for_effects,
        "capsules said active": _capsules,
        "capsules of the week said active": _week_capsule,
        "people who say active": _say_active,
        "people who guess right": _guess_right,
        "mean rating": _rating,
    }
)


def estimator_named(target: Target) -> Reads:
    """The estimator of a target. Raises FactsError naming those there are."""
    if target.estimator not in REPORTED:
        raise FactsError(
            f"no estimator {target.estimator!r}", target.place, f"there are: {', '.join(REPORTED)}"
        )
    return REPORTED[target.estimator]
