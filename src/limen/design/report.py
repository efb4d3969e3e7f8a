"""Report: what each simulated trial would print under each scenario, by the analysis that will be run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from limen.analysis.ancova import ancova, change_from_baseline, paired_difference
from limen.analysis.estimate import Estimate, t_quantile
from limen.design.operate import NAMES, Run

# Dose-day columns of the records: belief and drug on or off.
DAY_SCENARIOS = ("as believed", "belief only", "neither", "drug only")


@dataclass(frozen=True)
class Reports:
    """One scenario's estimates over trials, benefit positive, and p-values of the improvement within the active arm."""

    name: str
    estimate: Float[np.ndarray, " trials"]
    se: Float[np.ndarray, " trials"]
    df: Float[np.ndarray, " trials"]
    p: Float[np.ndarray, " trials"]
    within: Float[np.ndarray, " trials"]
    within_p: Float[np.ndarray, " trials"]

    def significant(self, alpha: float) -> Bool[np.ndarray, " trials"]:
        return self.p < alpha

    def favourable(self, alpha: float) -> Bool[np.ndarray, " trials"]:
        return (self.p < alpha) & (self.estimate > 0)

    def improved(self, alpha: float = 0.01) -> Bool[np.ndarray, " trials"]:
        return (self.within_p < alpha) & (self.within > 0)

    def critical(self, alpha: float) -> float:
        """Median over trials of the smallest estimate with p < alpha: t_{1-alpha/2, df} SE."""
        return float(np.nanmedian(np.asarray(t_quantile(1.0 - alpha, self.df)) * self.se))


def weekly(run: Run) -> dict[str, Reports]:
    """The primary weekly scale under every scenario."""
    return {name: weekly_scenario(run, name) for name in NAMES}


def weekly_scenario(run: Run, name: str) -> Reports:
    """One scenario: ANCOVA of active against control, adjusted for baseline; a single arm's change from it."""
    baseline = run.by_trial(run.records.baseline)
    primary = run.by_trial(run.records.primary[:, NAMES.index(name)])
    return _reports(run, name, -primary, -baseline)


def dose_day(run: Run) -> dict[str, Reports]:
    """The mean dose-day rating: ANCOVA adjusted for the rating before treatment; in a crossover the within-person
    difference by a paired t test."""
    before, after = run.by_trial(run.records.day_before), run.by_trial(run.records.day)
    return {name: _reports(run, name, after[..., i], before) for i, name in enumerate(DAY_SCENARIOS)}


def _reports(run: Run, name: str, outcome: np.ndarray, baseline: np.ndarray) -> Reports:
    arm = run.plan.arm_of
    in_active = arm == run.plan.active
    seen = np.isfinite(outcome)
    within = change_from_baseline(outcome, baseline, seen & in_active)
    if run.plan.control is None:
        between = within
    elif run.plan.crossover:
        at = [np.flatnonzero(arm == a) for a in (run.plan.active, run.plan.control)]
        between = paired_difference(outcome[:, at[0]], outcome[:, at[1]])
    else:
        compared = in_active | (arm == run.plan.control)
        between = ancova(outcome, baseline, in_active.astype(float), seen & compared)
    return Reports(name, *_columns(between), np.asarray(within.estimate), np.asarray(within.p))


def _columns(e: Estimate) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return np.asarray(e.estimate), np.asarray(e.se), np.asarray(e.df), np.asarray(e.p)
