"""Judge: what the trials of a run show, each number with its Monte Carlo error, and a smaller design in a larger one's trials.

Trials with fewer people are the first people of those with more, so that sizes differ by their people and not by luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from limen.design.noise import quiet, share_error
from limen.design.operate import Run
from limen.design.report import Reports
from limen.trial.roll import first_arm
from limen.trial.walk import Records

Measured = tuple[float, float, int]  # value, Monte Carlo standard error, trials behind it
SILENT: Measured = (np.nan, np.nan, 0)


def between(run: Run, against: int, each: tuple[int, int]) -> Run:
    """The trials of a run between its active arm and one comparator, in the first `each` people of the two arms: the very
    trials that a protocol of that size has, since people are named by their arm, their trial and their number in it."""
    plan, arms = run.plan, (run.plan.active, against)
    first = first_arm(plan)
    among = np.arange(len(first)) - np.searchsorted(first, first)
    limit = np.zeros(len(plan.arms), int)
    limit[list(arms)] = each
    wanted = np.tile(among < limit[first], (1 + plan.crossover) * run.trials)
    kept_arms = tuple(
        replace(arm, n=sum(each) if plan.crossover else int(limit[at]), first=int(limit[at]))
        for at, arm in enumerate(plan.arms)
        if at in arms
    )

    def rows(column: Shaped[Array | np.ndarray, "people ..."]) -> Shaped[np.ndarray, "fewer ..."]:
        return np.asarray(column)[wanted]

    records = jax.tree.map(rows, run.records)
    return replace(run, plan=replace(plan, arms=kept_arms), records=records)


def thinned(records: Records) -> Records:
    """Records without what happened on each dosing day, which no estimator reads."""

    def daily(r: Records) -> list[Any]:
        return [r.peak, r.signal, r.fold, r.p_notice, r.noticed, r.capsule]

    changed: Callable[..., Records] = eqx.tree_at  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return changed(daily, records, [np.asarray(column)[:, :0] for column in daily(records)])


def said_last(run: Run) -> tuple[Float[np.ndarray, "trials people"], Bool[np.ndarray, "trials people"]]:
    """What each says at the last visit under dosing (NaN: does not know), and who is there to say it."""
    plan, r = run.plan, run.records
    week = min(plan.primary_week or plan.weeks, plan.dosing_weeks)
    return run.by_trial(r.guess)[..., week - 1], run.by_trial(r.present)[..., week] > 0


def last_guesses(run: Run) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Share of last guesses that are right, of those made, and share of people who are not there to make one."""
    guess, here = said_last(run)
    made = np.isfinite(guess) & here
    right = made & (guess == (run.plan.arm_of == run.plan.active))
    with np.errstate(invalid="ignore", divide="ignore"):
        return right.sum(1) / made.sum(1), 1.0 - here.mean(1)


def of_every_trial(
    run: Run, reports: Reports, values: Shaped[np.ndarray, " trials"]
) -> Float[np.ndarray, " every"]:
    """A column of reports with a place for every trial of the run; NaN where a trial could not be analysed."""
    every = np.full(run.trials, np.nan)
    every[reports.trials] = values
    return every


def mean_over_trials(run: Run, by_trial: Float[np.ndarray | Array, " trials"]) -> Measured:
    """The mean over trials with its Monte Carlo standard error: each has parameters of its own."""
    values = np.asarray(by_trial, float)
    count = int(np.isfinite(values).sum())
    if count < 2:
        return SILENT
    mean, error = float(np.nanmean(values)), quiet(values, run.draw_of_trial, run.draws.count).error
    if error == 0.0 and mean in (0.0, 1.0):  # a share that no trial, or every trial, shows
        error = share_error(mean, count)
    return mean, error, count
