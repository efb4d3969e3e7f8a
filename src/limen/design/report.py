"""Report: what each simulated trial would print under each scenario, by the analysis that will be run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from scipy.special import ndtri

from limen.analysis.ancova import change_from_baseline
from limen.analysis.estimand import as_asked
from limen.analysis.estimator import Estimates, estimate
from limen.analysis.power.sequential import Bounds, Futility
from limen.analysis.power.sequential import bounds as bounds_at
from limen.analysis.registry import estimator
from limen.analysis.t_law import within_t
from limen.design.operate import Run
from limen.design.smaller import fewer, thinned
from limen.protocol.model import InterimLooks
from limen.protocol.outcomes import OUTCOMES
from limen.trial.data import EVERY_SCORE, TrialData
from limen.trial.plan import Plan

# What a report is about: no drug effect (as it is, and with nobody believing), two sizes of it, and what is believed.
REPORTED = ("course + belief", "course", "delta 0.2", "delta 0.4", "as believed")
# Dose-day ratings with belief and drug on or off, by the words the reports use.
DAY_SCENARIOS = {
    "as believed": "as_believed", "belief only": "belief_only", "neither": "neither", "drug only": "drug_only",
}  # fmt: skip


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


def weekly(run: Run, names: Sequence[str] = REPORTED) -> dict[str, Reports]:
    """The primary weekly scale under every scenario that a report is about, or under those asked for."""
    if run.plan.looks is not None:
        return _staged(run, run.plan.looks, names)
    return {name: _reports(run.data(name), name, run.plan.method, run.plan.sided) for name in names}


def weekly_scenario(run: Run, name: str) -> Reports:
    """One scenario by the protocol's own method, at the look at which each trial stops; a single arm's change from baseline."""
    return weekly(run, (name,))[name]


def of_every_trial(
    run: Run, reports: Reports, values: Shaped[np.ndarray, " trials"]
) -> Float[np.ndarray, " every"]:
    """A column of reports with a place for every trial of the run; NaN where a trial could not be analysed."""
    every = np.full(run.trials, np.nan)
    every[reports.trials] = values
    return every


def _staged(run: Run, looks: InterimLooks, names: Sequence[str]) -> dict[str, Reports]:
    """Each look is the protocol's analysis of the first people of every arm, whose z is that of its p-value."""
    plan = run.plan
    whole = replace(run, plan=replace(plan, looks=None), records=thinned(run.records))
    seen = [{at: max(2, round(share * arm.n)) for at, arm in enumerate(plan.arms)} for share in looks.at]
    at_looks = [weekly(fewer(whole, each), names) for each in seen]
    people = _enrolled(plan, looks, [sum(each.values()) for each in seen])
    bounds = looks_bounds(looks, plan.alpha, plan.sided)
    return {name: _stopped(run, [each[name] for each in at_looks], bounds, people) for name in names}


def _stopped(run: Run, found: list[Reports], bounds: Bounds, people: Int[np.ndarray, " looks"]) -> Reports:
    """The report of the look at which each trial stops, from those of every look."""
    last = len(found) - 1
    stopped, crossed = np.full(run.trials, -1), np.zeros(run.trials)
    for k, one in enumerate(found):
        z = -ndtri(one.p) if one.sided == 1 else np.sign(one.estimate) * -ndtri(one.p / 2)
        harm = -bounds.efficacy[k] if one.sided == 2 else -np.inf
        futile = z < (bounds.futility[k] if bounds.futility and k < last else -np.inf)
        crossing = np.where(z > bounds.efficacy[k], 1.0, np.where(z < harm, -1.0, 0.0))
        new = stopped[one.trials] < 0
        ends = new & ((crossing != 0) | futile | (k == last))
        stopped[one.trials[ends]], crossed[one.trials[ends]] = k, crossing[ends]
    trials = np.flatnonzero(stopped >= 0)
    look = stopped[trials]

    def there(column: str) -> Float[np.ndarray, "looks trials"]:
        return np.array([of_every_trial(run, one, getattr(one, column)) for one in found])[:, trials]

    end, end_se = (there(column)[last] for column in ("estimate", "se"))
    stops = Stops(run.plan.alpha, look, people[look], crossed[trials] > 0, crossed[trials] < 0, end, end_se)
    columns = ("estimate", "se", "df", "p", "within", "within_p")
    at_stop = {column: there(column)[look, np.arange(len(look))] for column in columns}
    return replace(found[-1], trials=trials, tried=run.trials, stops=stops, **at_stop)


def _enrolled(plan: Plan, looks: InterimLooks, analysed: list[int]) -> Int[np.ndarray, " looks"]:
    """People in the trial at each look: those whose outcome is in and, where it is said how many are recruited a week, those
    who are under way when the last of them is seen."""
    under_way = (looks.per_week or 0.0) * (plan.primary_week or plan.weeks)
    return np.minimum(np.array(analysed) + round(under_way), analysed[-1])


def looks_bounds(looks: InterimLooks, alpha: float, sided: int) -> Bounds:
    """The bounds for benefit of a test with one or two sides at `alpha`; futility does not bind, so it costs no level."""
    futility = Futility(z=looks.futility) if looks.futility else None
    return bounds_at(looks.at, alpha / sided, looks.spending, 1, futility)


def dose_day(run: Run) -> dict[str, Reports]:
    """The mean dose-day rating by ANCOVA, adjusted for the rating before treatment; in a crossover the difference
    within participants. Ratings have one value a person, so a model of visits has nothing to add."""
    data, day = run.data(), run.records.day
    return {
        name: _reports(rated(data, np.asarray(getattr(day, field))), name, "ancova", run.plan.sided)
        for name, field in DAY_SCENARIOS.items()
    }


def rated(data: TrialData, rating: Float[np.ndarray, " people"]) -> TrialData:
    """The dose-day rating in the place of the score."""
    return replace(
        data,
        baseline=data.rating_before,
        score=rating[:, None],
        present=np.isfinite(rating)[:, None],
        guess=data.guess[:, -1:],
        weeks=np.array([data.primary_week]),
        outcome=data.rated,
        higher_is_better=OUTCOMES[data.rated].higher_is == "better",
        changed=np.zeros_like(data.changed),
        estimand=EVERY_SCORE,
    )


def planned_p(
    benefit: Float[np.ndarray, " trials"], p: Float[np.ndarray, " trials"], sided: int
) -> Float[np.ndarray, " trials"]:
    """The p-value of a test with this many sides, from the two-sided one: with one, that of a benefit."""
    return p if sided == 2 else np.where(benefit > 0, p / 2, 1 - p / 2)


def _reports(data: TrialData, name: str, method: str, sided: int) -> Reports:
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
