"""Reported: what each of many trials prints, as columns, and where those that are decided on the way ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from scipy.special import ndtri

from limen.analysis.ancova import change_from_baseline
from limen.analysis.estimand import as_asked
from limen.analysis.estimator import Estimates, estimate
from limen.analysis.registry import estimator
from limen.analysis.t_law import within_t
from limen.design.operate import Run
from limen.trial.data import TrialData


@dataclass(frozen=True)
class Stops:
    """Of a trial that is looked at: the `look` at which it stopped (0 the first), the people in it then, whether it stopped
    for a benefit or for harm, the level over all looks that this was decided at, and what it would have found at the
    `end`, with its standard error (NaN where that could not be analysed)."""

    alpha: float
    look: Int[np.ndarray, " trials"]
    people: Int[np.ndarray, " trials"]
    benefit: Bool[np.ndarray, " trials"]
    harm: Bool[np.ndarray, " trials"]
    end: Float[np.ndarray, " trials"]
    end_se: Float[np.ndarray, " trials"]


@dataclass(frozen=True)
class Reports:
    """One scenario's estimates, benefit positive, in the trials that could be analysed, p-values of a test with as many sides
    as the protocol plans (one: of a benefit, so that harm is never significant), and two-sided ones of the improvement within the active arm. `trials` are their numbers; `tried` counts those the estimator was given, `reasons` why it
    could not analyse the others: those are neither significant nor not. With interim looks everything is of the look at
    which a trial stopped, and `stops` says what was decided there."""

    name: str
    method: str
    tried: int
    reasons: tuple[tuple[str, int], ...]
    trials: Int[np.ndarray, " trials"]
    estimate: Float[np.ndarray, " trials"]
    se: Float[np.ndarray, " trials"]
    df: Float[np.ndarray, " trials"]
    p: Float[np.ndarray, " trials"]
    within: Float[np.ndarray, " trials"]
    within_p: Float[np.ndarray, " trials"]
    sided: int = 2
    stops: Stops | None = None

    @property
    def z(self) -> Float[np.ndarray, " trials"]:
        """The z of the p-value, a benefit positive."""
        return -ndtri(self.p) if self.sided == 1 else np.sign(self.estimate) * -ndtri(self.p / 2)

    def significant(self, alpha: float) -> Bool[np.ndarray, " trials"]:
        """p < alpha; with looks, whether a bound was crossed."""
        if self.stops is not None and alpha == self.stops.alpha:
            return self.stops.benefit | self.stops.harm
        return self.p < alpha

    def favourable(self, alpha: float) -> Bool[np.ndarray, " trials"]:
        """Significant, and a benefit."""
        return self.significant(alpha) & (self.estimate > 0)

    def improved(self, alpha: float = 0.01) -> Bool[np.ndarray, " trials"]:
        return (self.within_p < alpha) & (self.within > 0)

    def critical(self, alpha: float) -> float:
        """Median over trials of the smallest estimate with p < alpha: t_{1 - alpha/sides, df} SE."""
        return float(np.nanmedian(within_t(1.0 - 2 * alpha / self.sided, self.df) * self.se))

    def se_by_draw(self, run: Run) -> Float[np.ndarray, " draws"]:
        """Mean SE by parameter draw of trials that go on to their end; draws of which none was analysed take the mean of the
        others."""
        se = self.se if self.stops is None else self.stops.end_se
        there = np.isfinite(se)
        se, draw = se[there], run.draw_of_trial[self.trials[there]]
        count = np.bincount(draw, minlength=run.draws.count)
        total = np.bincount(draw, se, run.draws.count)
        return np.where(count > 0, total / np.maximum(count, 1), se.mean())

    @property
    def coverage(self) -> str:
        """How many trials stand behind the numbers, in words."""
        left = "; ".join(f"{count} could not be analysed: {reason}" for reason, count in self.reasons)
        return f"{self.tried} simulated trials" + (f", of which {left}" if left else "")


def of_every_trial(
    run: Run, reports: Reports, values: Shaped[np.ndarray, " trials"]
) -> Float[np.ndarray, " every"]:
    """A column of reports with a place for every trial of the run; NaN where a trial could not be analysed."""
    every = np.full(run.trials, np.nan)
    every[reports.trials] = values
    return every


def planned_p(
    benefit: Float[np.ndarray, " trials"], p: Float[np.ndarray, " trials"], sided: int
) -> Float[np.ndarray, " trials"]:
    """The p-value of a test with this many sides, from the two-sided one: with one, that of a benefit."""
    return p if sided == 2 else np.where(benefit > 0, p / 2, 1 - p / 2)


def reported(data: TrialData, name: str, method: str, sided: int) -> Reports:
    """What each trial prints of its primary score by a method."""
    data = as_asked(data)
    found: Estimates = estimate(data, estimator(method))
    active = data.arm == data.active
    sides = (data.by_trial(data.benefit(x[active])) for x in (data.primary, data.baseline))
    within = change_from_baseline(next(sides), next(sides))
    here = found.analysed
    trials = found.trials[here]
    columns = (found.each.estimate, found.each.se, found.each.df, found.each.p)
    first, se, df, p = (np.asarray(column)[here, 0] for column in columns)
    benefit = first if found.benefit else data.benefit(first)
    return Reports(
        name=name,
        method=found.method,
        tried=len(found.trials),
        reasons=found.reasons,
        trials=trials,
        estimate=benefit,
        se=se,
        df=df,
        p=planned_p(benefit, p, sided),
        sided=sided,
        within=np.asarray(within.estimate)[trials],
        within_p=np.asarray(within.p)[trials],
    )
