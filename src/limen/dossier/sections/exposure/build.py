"""The exposure section: concentration, occupancy and noticing, per arm that takes the compound."""

from __future__ import annotations

from typing import get_args

import numpy as np
from jaxtyping import Array, Float

from limen.compounds import compound
from limen.design.operate import Enrolled, Run
from limen.dossier.asked import Asked
from limen.dossier.noun import Band
from limen.dossier.sections.exposure.nouns import ArmExposure, DosingDay, Exposed
from limen.dossier.summarise import PARAMETER, POPULATION, band, by_draw, interval
from limen.parameters.load import EvidenceStatus
from limen.trial.curves import after_one_dose, by_day, thresholds
from limen.trial.plan import ACTIVE, OPEN
from limen.trial.theta import theta

SAMPLE = 400
HOURS = np.concatenate([np.arange(0.0, 4.0, 0.25), np.arange(4.0, 24.1, 0.5)])
LONGEST_MONTH = 56  # days drawn on the page; a longer schedule repeats itself
CURVES = ("concentration", "threshold", "occupancy", "tolerance")
THRESHOLDS = 4096  # people whose thresholds are summarised


def build(asked: Asked) -> Exposed:
    """Curves of every arm that takes the compound; noticing where the trial model holds."""
    who = asked.who
    arms = [i for i, arm in enumerate(who.plan.arms) if arm.kind in (ACTIVE, OPEN)]
    given = compound(who.plan.compound)
    threshold = alarm = None
    if isinstance(who, Run):
        theirs = thresholds(who.theta, who.sample(who.plan.active, THRESHOLDS))
        threshold = interval(theirs, "ng/mL", POPULATION, value=float(np.median(theirs)))
        alarm = interval(who.draws["perception.detection.false_alarm"], "fraction", PARAMETER)
    return Exposed(
        arms=[_arm(who, i) for i in arms],
        threshold=threshold,
        false_alarm=alarm,
        analyte=given.analyte,
        warnings=list(who.plan.warnings),
        statuses={n: status for n in CURVES if (status := given.evidence[n]) in get_args(EvidenceStatus)},  # type: ignore[misc]
    )


def _arm(who: Enrolled, index: int) -> ArmExposure:
    plan, sample = who.plan, who.sample(index, SAMPLE)
    single = after_one_dose(sample, HOURS)
    span = np.arange(0, min(LONGEST_MONTH, 7 * plan.weeks) + 1)
    simulated = compound(plan.compound).simulated
    month = by_day(theta(who.draws, plan), sample, plan, len(span)) if simulated else None

    def hourly(values: Float[Array, "hours people"], unit: str) -> Band:
        return band(HOURS, "h", np.asarray(values), unit, POPULATION)

    def daily(values: Float[Array, "days people"]) -> Band:
        return band(span, "d", np.asarray(values), "fraction", POPULATION)

    return ArmExposure(
        arm=plan.arms[index].name,
        concentration=hourly(single.plasma, "ng/mL"),
        effect_site=hourly(single.effect, "ng/mL"),
        occupancy=hourly(single.occupancy, "fraction") if np.isfinite(single.occupancy).all() else None,
        month=None if month is None else daily(month.occupancy),
        tolerance=None if month is None else daily(month.tolerance),
        cmax=interval(np.asarray(single.cmax), "ng/mL", POPULATION, float(np.median(single.cmax))),
        dosing_days=_dosing_days(who, index) if isinstance(who, Run) else [],
    )


def _dosing_days(run: Run, index: int) -> list[DosingDay]:
    people, draw, days = np.flatnonzero(run.arm == index), run.draw, run.plan.days
    fold = run.records.fold[people][:, : len(days)]
    notice = run.records.p_notice[people][:, : len(days)]
    return [
        DosingDay(
            day=day,
            noticed=interval(by_draw(notice[:, j], draw[people], run.draws.count), "fraction", PARAMETER),
            tolerance_fold=interval(fold[:, j], "fold", POPULATION, float(np.median(fold[:, j]))),
        )
        for j, day in enumerate(days)
    ]
