"""The expected trial: trajectories, the split of the improvement, and what the trial would report."""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float

from limen.analysis.estimator import options
from limen.analysis.responders import responded
from limen.design.comparisons import every_comparison
from limen.design.decompose import Split, of_arm, of_difference
from limen.design.noise import Quiet, quiet
from limen.design.operate import Run
from limen.design.report import dose_day, weekly
from limen.design.reported import Reports
from limen.dossier.asked import Asked
from limen.dossier.noun import Interval, Paired, Share
from limen.dossier.sections.trial.nouns import (
    ArmsCompared,
    ArmTrajectory,
    Channel,
    Decomposition,
    ExpectedTrial,
    Reported,
    Scenario,
    Stopping,
)
from limen.dossier.sections.verdict.beside import published_rows
from limen.dossier.summarise import TRIALS, band, interval, of_parameters, paired, share
from limen.evidence import contrasts
from limen.parameters.load import EvidenceStatus
from limen.protocol import OUTCOMES, Protocol
from limen.trial.plan import Plan

LINES = 20
QUANTILES = np.linspace(0.005, 0.995, 100)
CHANNEL_STATUS: dict[str, EvidenceStatus] = {
    "selection": "measured", "course": "measured", "belief": "assumption", "drug": "assumption",
}  # fmt: skip
NO_CONTROL = (
    "There is no control arm, so neither the effect of the drug nor that of belief can be estimated from this trial: "
    "the improvement from baseline holds selection, course, belief and drug together."
)


def build(asked: Asked) -> ExpectedTrial | None:
    plan = asked.plan
    if too_few(plan) is not None:
        return None
    if plan.model is not None:
        return expected_trial(asked.run, asked.protocol)
    rated = plan.unscored is None and plan.control is not None
    return expected_day(asked.run) if rated else None


def too_few(plan: Plan) -> str | None:
    """Why no trial of this size can estimate an effect: the analysis has no degree of freedom left."""
    alone = plan.control is None or plan.crossover
    compared = [plan.active] if alone else [i for i in (plan.active, plan.control) if i is not None]
    people, needed = sum(plan.arms[i].n for i in compared), 2 if alone else 4
    if people >= needed and all(plan.arms[i].n for i in compared):
        return None
    return (
        f"with {people} {'person' if people == 1 else 'people'} the planned analysis has no degree of freedom left, so no "
        f"effect can be estimated from such a trial; it needs at least {needed}."
    )


def expected_trial(run: Run, protocol: Protocol) -> ExpectedTrial:
    """The expected trial of a plan whose primary outcome has a score model."""
    plan = run.plan
    difference = of_difference(run)
    splits = [of_arm(run, i) for i in range(len(plan.arms))] + (
        [difference] if difference is not None else []
    )
    reports, day = weekly(run), dose_day(run)
    entry = protocol.registered(plan.outcome)
    assert entry is not None
    return ExpectedTrial(
        arms=[_trajectory(run, i) for i in range(len(plan.arms))],
        decomposition=[_decomposition(split) for split in splits],
        weekly=reported_weekly(run, reports, entry.full_name),
        dose_day=None if plan.control is None else reported_day(run, day),
        responders=[(arm.name, _responders(run, i)) for i, arm in enumerate(plan.arms)],
        retained=[(arm.name, _retained(run, i)) for i, arm in enumerate(plan.arms)],
        comparisons=_compared(run),
        control_free_note=NO_CONTROL if plan.control is None else None,
    )


def expected_day(run: Run) -> ExpectedTrial:
    """The expected trial of a plan whose primary outcome is rated on dosing days."""
    belief, drug, both = day_parts(run)
    day = dose_day(run)
    parts: list[tuple[Literal["belief", "drug"], Quiet, EvidenceStatus]] = [
        ("belief", belief, "measured"),
        ("drug", drug, "measured"),
    ]
    channels = [
        Channel(
            name=name,
            change=of_parameters(values, "points"),
            order_low=low,
            order_high=high,
            status=status,
        )
        for (name, values, status), (low, high) in zip(parts, _day_orders(run), strict=True)
    ]
    total = of_parameters(both, "points")
    split = Decomposition(
        of="difference between arms", order=["belief", "drug"], channels=channels, total=total
    )
    return ExpectedTrial(
        arms=[], decomposition=[split], weekly=None, dose_day=reported_day(run, day), responders=[],
        comparisons=_compared(run),
        retained=[(arm.name, _retained(run, i)) for i, arm in enumerate(run.plan.arms)], control_free_note=None,
    )  # fmt: skip


def _compared(run: Run) -> list[ArmsCompared]:
    """Every pair of arms over simulated trials: what is not known of the parameters, and how often for nothing."""

    def known(points: Float[np.ndarray, " trials"]) -> Interval:
        return of_parameters(quiet(points, run.draw_of_trial, run.draws.count), "points")

    return [
        ArmsCompared(
            arm=c.arm, control=c.control, primary=c.primary, difference=known(c.difference), by_belief=known(c.by_belief),
            for_nothing=share(c.for_nothing), favourable=share(c.found),
        )
        for c in every_comparison(run)
    ]  # fmt: skip


def day_parts(run: Run) -> tuple[Quiet, Quiet, Quiet]:
    """Difference between arms on the dose-day rating: what of it is belief, what is drug added to it, and all of it."""
    both, belief, neither, _ = _day_differences(run)

    def known(part: Float[np.ndarray, " trials"]) -> Quiet:
        return quiet(part, run.draw_of_trial, run.draws.count)

    return known(belief - neither), known(both - belief), known(both - neither)


def _day_differences(run: Run) -> list[np.ndarray]:
    """Active minus control per trial: as believed, belief only, neither, drug only."""

    def mean(rating: Float[np.ndarray, " people"], arm: int | None) -> Float[np.ndarray, " trials"]:
        return np.nanmean(run.by_trial(rating)[:, run.plan.arm_of == arm], axis=1)

    d, plan = run.records.day, run.plan
    ratings = (d.as_believed, d.belief_only, d.neither, d.drug_only)
    return [mean(np.asarray(r), plan.active) - mean(np.asarray(r), plan.control) for r in ratings]


def _day_orders(run: Run) -> list[tuple[float, float]]:
    """Smallest and largest mean of belief and of drug over the two orders."""
    both, belief, neither, drug = (float(np.mean(d)) for d in _day_differences(run))
    return [
        (min(belief - neither, both - drug), max(belief - neither, both - drug)),
        (min(both - belief, drug - neither), max(both - belief, drug - neither)),
    ]


def on_scale(run: Run, severity: Float[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """Severity as the scale prints it."""
    return -severity if run.plan.better else severity


def _trajectory(run: Run, index: int) -> ArmTrajectory:
    plan = run.plan
    inside = plan.arm_of == index
    weeks = [w for w in plan.visit_weeks if w <= plan.weeks]
    scores = on_scale(run, run.by_trial(run.records.scores))[:, inside][..., weeks]
    with np.errstate(invalid="ignore"):
        means = np.nansum(scores, axis=1) / np.isfinite(scores).sum(axis=1)
    people = scores.reshape(-1, len(weeks))
    lines = people[np.linspace(0, len(people) - 1, LINES).astype(int)]
    published = _published(run, index)
    return ArmTrajectory(
        arm=plan.arms[index].name,
        weeks=[float(w) for w in weeks],
        mean=band(weeks, "wk", means.T, "points", TRIALS),
        people=[[float(x) for x in line] for line in lines],
        published=[(week, mean) for week, mean, _ in published],
        published_source=published[0][2] if published else None,
    )


def _published(run: Run, index: int) -> list[tuple[float, float, str]]:
    """Week, mean and source of what was published for an arm; a published change is counted from the simulated baseline."""
    inside = run.plan.arm_of == index
    before = float(np.mean(on_scale(run, run.by_trial(run.records.baseline)[:, inside])))
    week = float(run.plan.primary_week or run.plan.weeks)
    found = []
    for row in published_rows(run):
        if row.comparator or contrasts.is_control(row) != (index == run.plan.control):
            continue
        mean = (
            row.mean
            if row.mean is not None
            else None
            if row.change_mean is None
            else before + row.change_mean
        )
        if mean is not None:
            found.append((week, mean, row.sources[0] if row.sources else row.study_id))
    return found


def _decomposition(split: Split) -> Decomposition:
    channels = [
        Channel(
            name=name,  # type: ignore[arg-type]
            change=of_parameters(part, "points"),
            order_low=split.by_order[name][0],
            order_high=split.by_order[name][1],
            status=CHANNEL_STATUS[name],
        )
        for name, part in split.channels.items()
    ]
    total = of_parameters(split.total, "points")
    return Decomposition(of=split.of, order=list(split.channels), channels=channels, total=total)


def _scenario(reports: Reports, label: str, delta: float | None, alpha: float) -> Scenario:
    estimates = reports.estimate[np.isfinite(reports.estimate)]
    return Scenario(
        delta=delta,
        label=label,
        estimates=np.quantile(estimates, QUANTILES).tolist() if estimates.size else [],
        critical=reports.critical(alpha) if estimates.size else None,
        significant=share(reports.significant(alpha)),
        favourable=share(reports.favourable(alpha)),
        below_01=share(reports.favourable(0.01)),
        improved=share(reports.improved()),
    )


def reported_weekly(run: Run, reports: dict[str, Reports], name: str) -> Reported:
    """The weekly primary under no effect, 0.2, 0.4 and what is believed."""
    alpha, single = run.plan.alpha, run.plan.control is None
    by = reports["course + belief"]
    order = [
        ("course + belief", "no drug effect", 0.0),
        ("delta 0.2", "delta 0.2", 0.2),
        ("delta 0.4", "delta 0.4", 0.4),
        ("as believed", "as believed now", None),
    ]
    return Reported(
        outcome=run.plan.outcome,
        outcome_name=name,
        timing="weekly",
        unit="improvement from baseline, points"
        if single
        else "difference between arms, points, benefit positive",
        alpha=alpha,
        method=by.method,
        scenarios=[_scenario(reports[key], label, delta, alpha) for key, label, delta in order],
        type_one=None if single else _rate(reports["course + belief"], alpha),
        type_one_blind=None if single else _rate(reports["course"], alpha),
        by_belief=None if single else _by_belief(run, reports["course + belief"], reports["course"], alpha),
        stopping=_stopping(run, by),
        note="The drug effect is counted in standard deviations of control-arm change, at the reference regimen. "
        f"By {by.method}; {by.coverage}.",
    )


def _stopping(run: Run, dead: Reports) -> Stopping | None:
    looks, stops = run.plan.looks, dead.stops
    if looks is None or stops is None:
        return None
    people = interval(stops.people, "people", TRIALS)
    return Stopping(
        at=list(looks.at), spending=looks.spending, early=share(stops.look < len(looks.at) - 1), people=people
    )


def reported_day(run: Run, reports: dict[str, Reports]) -> Reported:
    """A dose-day rating, where unblinding bites hardest: with the drug's own effect off, and as measured."""
    alpha, entry = run.plan.alpha, OUTCOMES[run.plan.dose_day]
    return Reported(
        outcome=entry.id,
        outcome_name=entry.full_name,
        timing="dose day",
        unit="difference between arms, points, benefit positive",
        alpha=alpha,
        method=f"{reports['as believed'].method}; the mean dose-day rating",
        scenarios=[
            _scenario(reports["belief only"], "no drug effect", 0.0, alpha),
            _scenario(reports["as believed"], "drug effect as measured", None, alpha),
        ],
        type_one=_rate(reports["belief only"], alpha),
        type_one_blind=_rate(reports["neither"], alpha),
        by_belief=_by_belief(run, reports["belief only"], reports["neither"], alpha),
        note="Ratings move with the guess by the size measured in the self-blinding trial. "
        f"By {reports['as believed'].method}; {reports['as believed'].coverage}.",
    )


def _rate(reports: Reports, alpha: float) -> Share | None:
    """How often a scenario is reported as significant; None where no simulated trial could be analysed."""
    found = share(reports.significant(alpha))
    return found if found.of else None


def _by_belief(run: Run, on: Reports, off: Reports, alpha: float) -> Paired:
    """What belief does to how often a drug that does nothing is reported, in the trials that were analysed with it and
    without."""
    trials, here, there = np.intersect1d(on.trials, off.trials, return_indices=True)
    return paired(on.significant(alpha)[here], off.significant(alpha)[there], run.draw_of_trial[trials])


def _responders(run: Run, index: int) -> Interval:
    """Share of responders among those observed, by the scale's own definition."""
    data = run.data()
    how = options(data, 0.95)
    came = responded(data.primary, data.baseline, how.best, how.responder)
    inside = data.by_trial(came)[:, run.plan.arm_of == index]
    seen = np.isfinite(inside).sum(1)
    return interval(100 * np.nansum(inside, 1) / np.maximum(seen, 1), "%", TRIALS)


def _retained(run: Run, index: int) -> Interval:
    inside = run.plan.arm_of == index
    week = run.plan.primary_week or run.plan.weeks
    present = run.by_trial(run.records.present)[:, inside, week]
    return interval(100 * present.mean(1), "%", TRIALS)
