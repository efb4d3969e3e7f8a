"""The exposure section: concentration, occupancy and noticing, per arm that takes the compound."""

from __future__ import annotations

import numpy as np

from limen.design.operate import Run
from limen.dossier.asked import Asked
from limen.dossier.sections.exposure.nouns import ArmExposure, DosingDay, Exposure
from limen.dossier.summarise import PARAMETER, POPULATION, band, by_draw, interval
from limen.trial.curves import curves
from limen.trial.plan import ACTIVE, OPEN

SAMPLE = 400
HOURS = np.concatenate([np.arange(0.0, 4.0, 0.25), np.arange(4.0, 24.1, 0.5)])
LONGEST_MONTH = 56  # days drawn on the page; a longer schedule repeats itself
ANALYTE = {"LSD": "LSD", "psilocybin": "psilocin"}


def build(asked: Asked) -> Exposure:
    """Curves and noticing of every arm that takes the compound."""
    run = asked.run
    arms = [i for i, arm in enumerate(run.plan.arms) if arm.kind in (ACTIVE, OPEN)]
    d = run.draws
    lsd = run.plan.compound == "LSD"
    theta = d[f"perception.detection.theta_{'lsd' if lsd else 'psi'}"]
    sigma, rest = d["perception.detection.sigma"], d["perception.detection.person_share"]
    spread = np.exp(np.random.default_rng(0).standard_normal(theta.size) * sigma * np.sqrt(rest))
    return Exposure(
        arms=[_arm(run, i) for i in arms],
        threshold=interval(theta * spread, "ng/mL", POPULATION, value=float(np.median(theta))),
        false_alarm=interval(d["perception.detection.false_alarm"], "fraction", PARAMETER),
        analyte=ANALYTE[run.plan.compound],
        warnings=list(run.plan.warnings),
        statuses={
            "concentration": "measured",
            "threshold": "measured" if lsd else "assumption",
            "occupancy": "assumption" if lsd else "measured",
            "tolerance": "assumption",
        },
    )


def _arm(run: Run, index: int) -> ArmExposure:
    plan, r = run.plan, run.records
    people = np.flatnonzero(run.arm == index)
    sample = people[np.linspace(0, len(people) - 1, min(SAMPLE, len(people))).astype(int)]
    draw = np.repeat(run.draw_of_trial, plan.people)
    dose = np.asarray(r.dose[sample])
    single = curves(run.draws, plan, run.seed, draw[sample], sample, dose[None], np.zeros(1), HOURS)
    days = np.array([day for day in plan.days if day < LONGEST_MONTH], float)
    span = np.arange(0, min(LONGEST_MONTH, 7 * plan.weeks) + 1)
    month, tolerance = _month(run, sample, draw, days, span)
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


def _month(run: Run, sample: np.ndarray, draw: np.ndarray, days: np.ndarray, span: np.ndarray):
    """Daily peak occupancy, and tolerance at the hour of dosing, [days, people]."""
    hours = (24.0 * span[:, None] + np.arange(0.0, 24.0, 1.5)).ravel()
    dose = np.broadcast_to(run.records.dose[sample], (len(days), len(sample)))
    c = curves(run.draws, run.plan, run.seed, draw[sample], sample, dose, days, hours)
    peaks = np.asarray(c.occupancy).reshape(len(span), -1, len(sample)).max(1)
    slope = np.asarray(run.draws["receptor.tolerance.a_perception"] * run.draws["receptor.tolerance.s_t"])[
        draw[sample]
    ]
    at_dose = (run.records.fold[sample][:, : len(days)].T - 1.0) / slope
    tolerance = np.zeros((len(span), len(sample)))
    recovery = np.asarray(c.recovery)
    for row, day in enumerate(span):
        following = np.searchsorted(days, day)
        if following < len(days):
            # Between doses the drive is spent within a day, so tolerance runs back from what the next dose met.
            back = np.exp(24.0 * recovery * (days[following] - day))
            tolerance[row] = (
                np.minimum(at_dose[following] * back, 1.0) if following > 0 or day == days[0] else 0.0
            )
        else:
            tolerance[row] = tolerance[row - 1] * np.exp(-24.0 * recovery)
    return peaks, tolerance
