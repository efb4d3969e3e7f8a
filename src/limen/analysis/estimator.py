"""The contract of estimators: one trial or many go in as `TrialData`, `Estimates` come out, compared in one way.

Every arm is compared with the control, all arms in one model. Without a control there is nothing to compare: the
estimate is the active arm's change from baseline. In a crossover it is the difference within participants.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from limen import facts
from limen.analysis.ancova import change_from_baseline, paired_difference
from limen.analysis.estimand import as_asked
from limen.analysis.estimate import Estimate
from limen.analysis.fitted import Fitted, Options
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError
from limen.trial.data import TrialData

NO_ESTIMATE = "an arm has too few people with a baseline and a score"


People = Float[np.ndarray, " people"]


def change(score: People, baseline: People, how: Options) -> People:
    """Change from baseline: the difference of its means is what most estimators adjust for chance."""
    return score - baseline


Sides = Float[np.ndarray, "trials each"]


@dataclass(frozen=True)
class Estimator:
    """One way to estimate the effect, by the name protocols give it. `fit` takes one data set; `many`, where there is
    one, all trials at once ([trials, contrasts], the same numbers), and says by number why it left any as NaN, where it
    knows more than NO_ESTIMATE; without it only the first `most` are fitted. `benefit` says whether a positive estimate is a benefit whatever the scale (a share of responders);
    `value` is what of a person's last score and baseline the estimate is a difference of means of: its truth is that mean difference."""

    name: str
    words: str
    fit: Callable[[Longitudinal, Options], Fitted]
    many: Callable[[TrialData, float], tuple[Estimate, Mapping[int, str]]] | None = None
    most: int = 100
    benefit: bool = False
    value: Callable[[People, People, Options], People] = change


class Estimates(eqx.Module):
    """Estimates by trial and contrast; the first contrast is the active arm's. `trials` are the numbers of those tried;
    what could not be estimated is NaN and its reason counted in `reasons`."""

    each: Estimate
    trials: Int[np.ndarray, " trials"]
    contrasts: tuple[str, ...] = eqx.field(static=True)
    reasons: tuple[tuple[str, int], ...] = eqx.field(static=True)
    method: str = eqx.field(static=True)
    benefit: bool = eqx.field(static=True)

    @property
    def analysed(self) -> Bool[np.ndarray, " trials"]:
        """Trials whose first contrast could be estimated; the others are neither significant nor not."""
        return np.isfinite(np.asarray(self.each.p)[:, 0])


def estimate(data: TrialData, estimator: Estimator, level: float = 0.95) -> Estimates:
    """Estimate every trial. Raises nothing for a trial that cannot be analysed: it is counted with its reason."""
    data = as_asked(data)
    arms = arms_in_order(data)
    if data.control is None:
        rows = data.arm == data.active
        outcome, baseline = (data.by_trial(x[rows]) for x in (data.primary, data.baseline))
        each = change_from_baseline(outcome, baseline, level=level)
        return _counted(
            each, {}, (f"{arms[0]}, change from baseline",), "change from baseline, one-sample t", False
        )
    contrasts = tuple(f"{arm} - {arms[0]}" for arm in arms[1:])
    if data.crossover:
        active, control, began = _paired(data)
        # The period can be told from the drug only where both orders are there.
        orders = None if began.all() or not began.any() else began
        each = paired_difference(active, control, orders, level=level)
        return _counted(each, {}, contrasts, "paired t test within participants", False)
    if estimator.many is not None:
        each, why = estimator.many(data, level)
        return _counted(each, why, contrasts, estimator.words, estimator.benefit)
    each, why = one_by_one(data, estimator.fit, level, np.arange(min(data.trials, estimator.most)))
    return _counted(each, why, contrasts, estimator.words, estimator.benefit)


def arms_in_order(data: TrialData) -> tuple[str, ...]:
    """Names of the arms as every comparison takes them: the control if there is one, the active arm, the others."""
    first = [i for i in (data.control, data.active) if i is not None]
    return tuple(data.arms[i] for i in (*first, *(i for i in range(len(data.arms)) if i not in first)))


def arm_places(data: TrialData) -> Int[np.ndarray, " people"]:
    """Each person's arm as its place in `arms_in_order`."""
    order = arms_in_order(data)
    return np.array([order.index(name) for name in data.arms])[data.arm]


def longitudinal(data: TrialData) -> Longitudinal:
    """One trial as the models of this room take it: every visit after baseline, named by its week."""
    after = data.weeks > 0
    return Longitudinal(
        tuple(str(number) for number in data.participant),
        tuple(str(week) for week in data.weeks[after]),
        arms_in_order(data),
        data.score[:, after],
        arm_places(data),
        data.baseline,
        np.zeros((len(data.arm), 0)),
    )


def options(data: TrialData, level: float) -> Options:
    """What a fit is told about simulated data: the visit it is about, and the scale's own end and direction."""
    week = data.weeks[np.searchsorted(data.weeks, data.primary_week, side="right") - 1]
    best = data.bounds[1] if data.higher_is_better else data.bounds[0]
    return Options(level=level, visit=str(week), responder=responder_share(data.outcome), best=best)


def responder_share(outcome: str) -> float:
    """The share of the way to the best score that makes a responder, by the scale's own definition; half without one."""
    rows = facts.read("outcomes/scales").where(scale_id=outcome)
    match = re.search(r">=?\s*(\d+)%", rows[0]["responder_definition"]) if rows else None
    return float(match.group(1)) / 100 if match else 0.5


def _paired(data: TrialData) -> tuple[Sides, Sides, Bool[np.ndarray, "trials each"]]:
    """Scores of the active and of the control period of every participant, and who began with the active one."""
    order = [
        rows[np.lexsort((data.participant[rows], data.trial[rows]))]
        for rows in (np.flatnonzero(data.arm == arm) for arm in (data.active, data.control))
    ]
    active, control = (data.by_trial(data.primary[rows]) for rows in order)
    began = data.by_trial(data.period[order[0]] < data.period[order[1]])
    return active, control, began


def one_by_one(
    data: TrialData,
    fit: Callable[[Longitudinal, Options], Fitted],
    level: float,
    numbers: Int[np.ndarray, " tried"],
) -> tuple[Estimate, Mapping[int, str]]:
    """The trials of these numbers fitted singly, and by number why those left as NaN could not be."""
    first, *others = arms_in_order(data)
    how, rows, why = options(data, level), [], {}
    for number in numbers.tolist():
        try:
            fitted = fit(longitudinal(data.of_trial(number)), how)
            at = {line.contrast: line for line in fitted.estimates if line.visit == how.visit}
            rows.append([at[f"{other} - {first}"].row() for other in others])
        except DataError as error:
            why[number] = reason(error)
            rows.append([[np.nan] * 7] * len(others))
    columns = np.moveaxis(np.array(rows, float).reshape(len(rows), len(others), 7), -1, 0)
    return Estimate(*(jnp.asarray(column) for column in columns)), why


def reason(error: DataError) -> str:
    """Why a trial could not be analysed, without the numbers that differ between trials."""
    return error.what.split(" (")[0]


def _counted(
    each: Estimate, why: Mapping[int, str], contrasts: tuple[str, ...], method: str, benefit: bool
) -> Estimates:
    if each.estimate.ndim == 1:
        each = Estimate(*(getattr(each, name)[:, None] for name in Estimate.__annotations__))
    failed = np.flatnonzero(np.isnan(np.asarray(each.p)[:, 0])).tolist()
    reasons = Counter(why.get(number, NO_ESTIMATE) for number in failed)
    trials = np.arange(len(each.p))
    return Estimates(each, trials, contrasts, tuple(reasons.most_common()), method, benefit)
