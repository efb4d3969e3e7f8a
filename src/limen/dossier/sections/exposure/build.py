"""The exposure section: concentration, occupancy and noticing, per arm that takes the compound."""

from __future__ import annotations

import numpy as np

from limen.compounds import compound
from limen.design.operate import Run
from limen.dossier.asked import Asked
from limen.dossier.sections.exposure.nouns import ArmExposure, DosingDay, Exposed
from limen.dossier.summarise import PARAMETER, POPULATION, band, by_draw, interval
from limen.trial.curves import after_one_dose, by_day, thresholds
from limen.trial.plan import ACTIVE, OPEN

SAMPLE = 400
HOURS = np.concatenate([np.arange(0.0, 4.0, 0.25), np.arange(4.0, 24.1, 0.5)])
LONGEST_MONTH = 56  # days drawn on the page; a longer schedule repeats itself
THRESHOLDS = 4096  # people whose thresholds are summarised


def build(asked: Asked) -> Exposed:
    """Curves and noticing of every arm that takes the compound."""
    run = asked.run
    arms = [i for i, arm in enumerate(run.plan.arms) if arm.kind in (ACTIVE, OPEN)]
    given = compound(run.plan.compound)
    theirs = thresholds(run.theta, run.sample(run.plan.active, THRESHOLDS))
    return Exposed(
        arms=[_arm(run, i) for i in arms],
        threshold=interval(theirs, "ng/mL", POPULATION, value=float(np.median(theirs))),
        false_alarm=interval(run.draws["perception.detection.false_alarm"], "fraction", PARAMETER),
        analyte=given.analyte,
        warnings=list(run.plan.warnings),
        statuses={n: given.evidence[n] for n in ("concentration", "threshold", "occupancy", "tolerance")},  # type: ignore[arg-type]
    )


def _arm(run: Run, index: int) -> ArmExposure:
    plan, r = run.plan, run.records
    people, draw = np.flatnonzero(run.arm == index), run.draw
    sample = run.sample(index, SAMPLE)
    single = after_one_dose(sample, HOURS)
    span = np.arange(0, min(LONGEST_MONTH, 7 * plan.weeks) + 1)
    daily = by_day(run.theta, sample, plan, len(span))
    month, tolerance = np.asarray(daily.occupancy), np.asarray(daily.tolerance)
    fold = r.fold[people][:, : len(plan.days)]
    notice = r.p_notice[people][:, : len(plan.days)]
    return ArmExposure(
        arm=plan.arms[index].name,
        concentration=band(HOURS, "h", np.asarray(single.plasma), "ng/mL", POPULATION),
        effect_site=band(HOURS, "h", np.asarray(single.effect), "ng/mL", POPULATION),
        occupancy=band(HOURS, "h", np.asarray(single.occupancy), "fraction", POPULATION),
        month=band(span, "d", month, "fraction", POPULATION),
        tolerance=band(span, "d", tolerance, "fraction", POPULATION),
        cmax=interval(np.asarray(single.cmax), "ng/mL", POPULATION, float(np.median(single.cmax))),
        dosing_days=[
            DosingDay(
                day=day,
                noticed=interval(by_draw(notice[:, j], draw[people], run.draws.count), "fraction", PARAMETER),
                tolerance_fold=interval(fold[:, j], "fold", POPULATION, float(np.median(fold[:, j]))),
            )
            for j, day in enumerate(plan.days)
        ],
    )
