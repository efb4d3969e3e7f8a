"""Judge: what the trials of a run show, each number with its Monte Carlo error."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Bool, Float

from limen.design.noise import quiet, share_error
from limen.design.operate import Run

Measured = tuple[float, float, int]  # value, Monte Carlo standard error, trials behind it
SILENT: Measured = (np.nan, np.nan, 0)


def said_last(run: Run) -> tuple[Float[np.ndarray, "trials people"], Bool[np.ndarray, "trials people"]]:
    """What each says at the last visit under dosing (NaN: does not know), and who is there to say it."""
    plan, r = run.plan, run.records
    week = min(plan.primary_week or plan.weeks, plan.dosing_weeks)
    return run.by_trial(r.guess)[..., week - 1], run.by_trial(r.present)[..., week] > 0


def last_guesses(run: Run) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Share of last guesses that are right, of those made, and share of people who are not there to make one, in the arms
    that are compared: a third arm of a crossover is neither."""
    plan, (guess, here) = run.plan, said_last(run)
    compared = np.isin(plan.arm_of, [at for at in (plan.active, plan.control) if at is not None])
    guess, here = guess[:, compared], here[:, compared]
    made = np.isfinite(guess) & here
    right = made & (guess == (plan.arm_of[compared] == plan.active))
    with np.errstate(invalid="ignore", divide="ignore"):
        return right.sum(1) / made.sum(1), 1.0 - here.mean(1)


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
