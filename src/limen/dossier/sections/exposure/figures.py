"""What one dose and the month of dosing do."""

from __future__ import annotations

import numpy as np

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points, simulation, spread
from limen.dossier.noun import Band, Interval
from limen.dossier.sections.exposure.nouns import Exposed
from limen.figures import dose, month, over_dose
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(exposure: Exposed, answer: Answer) -> list[Figure]:
    drawn = [_dose(exposure, answer)] if exposure.arms else []
    drawn += [_over_dose(exposure.by_dose, exposure, answer)] if exposure.by_dose else []
    return [*drawn, _month(exposure, answer)] if any(arm.month for arm in exposure.arms) else drawn


def _dose(exposure: Exposed, answer: Answer) -> Figure:
    """Where noticing is known the finding is who notices; the peaks stand in the table beside it."""
    arms, other = exposure.arms, _compared(exposure, answer)
    peaks = [f"{arm.arm} {words.full(arm.cmax)}" for arm in arms]
    text = f"{exposure.analyte} in plasma peaks at: {words.listed(peaks)}."
    felt = [(arm.arm, arm.dosing_days[0].noticed) for arm in arms if arm.dosing_days]
    if felt and other is not None:
        who = words.listed(f"{words.of_100(noticed.value)} on {arm}" for arm, noticed in felt)
        text = f"Of 100 people {who} notice something on a first dose; {other[0]} {words.of_100(other[1].value)}. {text}"
    source = simulation(answer, arms[0].concentration)
    title = "Dose and threshold" if exposure.threshold else "The dose in the body"
    return Figure("dose", title, text, source, _dose_table(exposure, other), dose.chart)


def _compared(exposure: Exposed, answer: Answer) -> tuple[str, Interval] | None:
    """What noticing is compared with: the protocol's own comparator, else an inert placebo."""
    taking = [arm.arm for arm in exposure.arms]
    arms = [] if answer.blinding is None else answer.blinding.arms
    found = next(
        ((f"on {arm.arm}", arm.noticed) for arm in arms if arm.noticed is not None and arm.arm not in taking),
        None,
    )
    if found is not None or exposure.false_alarm is None:
        return found
    return "after an inert placebo", exposure.false_alarm


def _dose_table(exposure: Exposed, other: tuple[str, Interval] | None) -> list[Datum]:
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
    if exposure.threshold is None or other is None:
        return rows
    felt = {"quantity": "threshold", **spread(exposure.threshold), "unit": exposure.threshold.unit}
    floor = {"arm": other[0], "quantity": "comparator", **spread(other[1]), "unit": "fraction"}
    return [*rows, felt | {"status": status.get("threshold", "assumption")}, floor]


def _over_dose(curve: Band, exposure: Exposed, answer: Answer) -> Figure:
    """The finding is how many notice a dose half as high, beside the protocol's own."""
    unit, other = curve.at_unit, _compared(exposure, answer)
    own = {arm.name: arm.base_dose for arm in answer.question.arms if arm.base_dose is not None}
    highest = max(own.values())
    said = [f"{words.of_100(_at(curve, dose))} on {dose:g} {unit}" for dose in (highest / 2, highest)]
    text = f"Of 100 people {words.listed(said)} notice something, with no tolerance from doses before."
    text += (
        f" Hatched: below {exposure.measured[0]:g} {unit}, where no trial among limen's facts asked."
        if exposure.measured
        else ""
    )
    low = exposure.measured[0] if exposure.measured else curve.at[-1]
    rows = points(curve, arm="any dose", quantity="share noticing", x_unit=unit, unit="fraction")
    rows = [row | {"status": "measured" if row["x"] >= low else "assumption"} for row in rows]
    rows += [
        {
            "arm": name,
            "quantity": "dose of the protocol",
            "x": dose,
            "x_unit": unit,
            "median": _at(curve, dose),
        }
        for name, dose in own.items()
    ]
    if other is not None:
        rows.append({"arm": other[0], "quantity": "comparator", **spread(other[1]), "unit": "fraction"})
    return Figure("over-dose", "Any other dose", text, simulation(answer, curve), rows, over_dose.chart)


def _at(curve: Band, dose: float) -> float:
    return float(np.interp(dose, curve.at, curve.median))


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
