"""The exposure section: concentration, occupancy and noticing, per arm that takes the compound."""

from __future__ import annotations

from typing import get_args

import numpy as np
from jaxtyping import Array, Float

from limen.compounds import Compound, compound
from limen.design.noise import quiet
from limen.design.operate import Enrolled, Run
from limen.dossier.asked import Asked
from limen.dossier.noun import Band
from limen.dossier.sections.exposure.nouns import ArmExposure, DosingDay, Exposed
from limen.dossier.summarise import PARAMETER, POPULATION, band, by_draw, interval
from limen.parameters.load import EvidenceStatus
from limen.trial.cautions import of_doses
from limen.trial.curves import Cohort, after_one_dose, by_day, noticing, thresholds
from limen.trial.plan import ACTIVE, OPEN
from limen.trial.theta import theta

SAMPLE = 400
HOURS = np.concatenate([np.arange(0.0, 4.0, 0.25), np.arange(4.0, 24.1, 0.5)])
LONGEST_MONTH = 56  # days drawn on the page; a longer schedule repeats itself
CURVES = ("concentration", "threshold", "occupancy", "tolerance")
DOSES = 27  # stops of the curve over dose
THRESHOLDS = 4096  # people whose thresholds are summarised


def build(asked: Asked) -> Exposed:
    """Curves of every arm that takes the compound; noticing where the trial model holds."""
    who = asked.who
    arms = [i for i, arm in enumerate(who.plan.arms) if arm.kind in (ACTIVE, OPEN)]
    given = compound(who.plan.compound)
    threshold = alarm = by_dose = None
    if isinstance(who, Run):
        some = who.sample(who.plan.active, THRESHOLDS)
        theirs = thresholds(who.theta, some)
        by_dose = _by_dose(who, some, given)
        threshold = interval(theirs, "ng/mL", POPULATION, value=float(np.median(theirs)))
        alarm = interval(who.draws["perception.detection.false_alarm"], "fraction", PARAMETER)
    return Exposed(
        arms=[_arm(who, i) for i in arms],
        threshold=threshold,
        false_alarm=alarm,
        by_dose=by_dose,
        measured=None if given.domain is None else (given.domain.low, given.domain.high),
        analyte=given.analyte,
        warnings=list(of_doses(asked.protocol)),
        statuses={n: status for n in CURVES if (status := given.evidence[n]) in get_args(EvidenceStatus)},  # type: ignore[misc]
    )


def _by_dose(run: Run, people: Cohort, given: Compound) -> Band | None:
    """Who notices a first dose, from none to the highest for which the trial model holds; its band is of the parameters."""
    if given.domain is None or run.plan.arms[run.plan.active].agent is not None:
        return None
    doses = np.linspace(0.0, given.domain.high, DOSES)
    p, draw = noticing(run.theta, people, doses * given.ug_per_unit), np.asarray(people.people.draw)
    chances = np.array([quiet(row, draw, run.draws.count).draws for row in p])
    return band(doses, given.unit, chances[:, np.isfinite(chances).all(0)], "fraction", PARAMETER)


def _arm(who: Enrolled, index: int) -> ArmExposure:
    plan, sample = who.plan, who.sample(index, SAMPLE)
    single = after_one_dose(sample, HOURS)
    span = np.arange(0, min(LONGEST_MONTH, 7 * plan.weeks) + 1)
    simulated = compound(plan.compound).simulated
    known = who.theta if isinstance(who, Run) else theta(who.draws, plan) if simulated else None
    month = by_day(known, sample, plan, len(span)) if simulated and known is not None else None

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
