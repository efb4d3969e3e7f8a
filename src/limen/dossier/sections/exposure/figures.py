"""What one dose and the month of dosing do."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import simulation
from limen.dossier.sections.exposure.nouns import Exposure
from limen.figures import dose, month
from limen.figures.figure import Figure


def figures(exposure: Exposure, answer: Answer) -> list[Figure]:
    return [_dose(exposure, answer), _month(exposure, answer)] if exposure.arms else []


def _dose(exposure: Exposure, answer: Answer) -> Figure:
    arms = exposure.arms
    parts = []
    for arm in arms:
        first = arm.dosing_days[0].noticed if arm.dosing_days else None
        text = f"{arm.arm}: plasma {exposure.analyte} peaks at {words.full(arm.cmax)}"
        parts.append(
            text
            + (
                f"; on the first dosing day {words.percent(first.value)} of people notice something"
                if first
                else ""
            )
        )
    floor = f"After an inert placebo {words.percent(exposure.false_alarm.value)} do."
    return Figure(
        "dose", "Dose and threshold",
        f"{'. '.join(parts)}. {floor} Across people the threshold is {words.full(exposure.threshold)}.",
        simulation(answer, arms[0].concentration),
        lambda narrow: dose.chart(arms, exposure.threshold, exposure.false_alarm, exposure.analyte, exposure.statuses, narrow),
        dose.data(arms),
    )  # fmt: skip


def _month(exposure: Exposure, answer: Answer) -> Figure:
    arms = exposure.arms
    peak = max(max(arm.month.median) for arm in arms)
    shift = max(
        (d.tolerance_fold for arm in arms for d in arm.dosing_days), key=lambda i: i.value, default=None
    )
    met = (
        f" The most tolerance any dose meets shifts the threshold {words.number(shift.value, 2)}-fold "
        f"({shift.level:.0%} interval {words.number(shift.low, 2)} to {words.number(shift.high, 2)})."
        if shift
        else ""
    )
    return Figure(
        "month", "The month",
        f"On a dosing day the median person's peak occupancy of the serotonin 2A receptor (5-HT2A) reaches {words.percent(peak)}.{met}",
        simulation(answer, arms[0].month), lambda narrow: month.chart(arms, exposure.statuses, narrow), month.data(arms),
    )  # fmt: skip
