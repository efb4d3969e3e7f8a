"""What one dose and the month of dosing do."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points, simulation, spread
from limen.dossier.sections.exposure.nouns import Exposed
from limen.figures import dose, month
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(exposure: Exposed, answer: Answer) -> list[Figure]:
    drawn = [_dose(exposure, answer)] if exposure.arms else []
    return [*drawn, _month(exposure, answer)] if any(arm.month for arm in exposure.arms) else drawn


def _dose(exposure: Exposed, answer: Answer) -> Figure:
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
    text = f"{'. '.join(parts)}."
    if exposure.false_alarm is not None and exposure.threshold is not None:
        text += (
            f" After an inert placebo {words.percent(exposure.false_alarm.value)} do. Across people the threshold is "
            f"{words.full(exposure.threshold)}."
        )
    source = simulation(answer, arms[0].concentration)
    title = "Dose and threshold" if exposure.threshold else "The dose in the body"
    return Figure("dose", title, text, source, _dose_table(exposure), dose.chart)


def _dose_table(exposure: Exposed) -> list[Datum]:
    """The rows of figures/dose.py."""
    status = exposure.statuses
    rows: list[Datum] = []
    for arm in exposure.arms:
        for place, curve in (("plasma", arm.concentration), ("effect site", arm.effect_site)):
            rows += points(
                curve, arm=arm.arm, quantity=place, x_unit=curve.at_unit, unit=curve.unit,
                status=status.get("concentration", "assumption"), analyte=exposure.analyte,
            )  # fmt: skip
        rows += [
            {"arm": arm.arm, "quantity": "share noticing", "x": d.day, "x_unit": "d", **spread(d.noticed), "unit": "fraction"}
            for d in arm.dosing_days
        ]  # fmt: skip
    if exposure.threshold is None or exposure.false_alarm is None:
        return rows
    felt = {"quantity": "threshold", **spread(exposure.threshold), "unit": exposure.threshold.unit}
    floor = {"quantity": "after an inert placebo", **spread(exposure.false_alarm), "unit": "fraction"}
    return [*rows, felt | {"status": status.get("threshold", "assumption")}, floor]


def _month(exposure: Exposed, answer: Answer) -> Figure:
    arms = exposure.arms
    months = [arm.month for arm in arms if arm.month is not None]
    peak = max(max(month.median) for month in months)
    shift = max(
        (d.tolerance_fold for arm in arms for d in arm.dosing_days), key=lambda i: i.value, default=None
    )
    met = (
        f" The most tolerance any dose meets shifts the threshold {words.number(shift.value, 2)}-fold "
        f"({shift.level:.0%} interval {words.number(shift.low, 2)} to {words.number(shift.high, 2)})."
        if shift
        else ""
    )
    text = (
        f"On a dosing day the median person's peak occupancy of the serotonin 2A receptor (5-HT2A) reaches "
        f"{words.percent(peak)}.{met}"
    )
    return Figure(
        "month", "The month", text, simulation(answer, months[0]), _month_table(exposure), month.chart
    )


def _month_table(exposure: Exposed) -> list[Datum]:
    """The rows of figures/month.py."""
    rows: list[Datum] = []
    for arm in exposure.arms:
        for quantity, curve in (("occupancy", arm.month), ("tolerance", arm.tolerance)):
            if curve is None:
                continue
            rows += points(
                curve, arm=arm.arm, quantity=quantity, x_unit=curve.at_unit, unit=curve.unit,
                status=exposure.statuses.get(quantity, "assumption"),
            )  # fmt: skip
        rows += [
            {"arm": arm.arm, "quantity": "dosing day", "x": d.day, "x_unit": "d"} for d in arm.dosing_days
        ]
    return rows
