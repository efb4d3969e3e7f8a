"""Markers by group, and a day of cortisol."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points
from limen.dossier.noun import Band
from limen.dossier.sections.mechanism.nouns import CortisolDay, MarkerPicture, Mechanism
from limen.dossier.sections.mechanism.words import figure_of
from limen.figures import clock, switches
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(m: Mechanism, answer: Answer) -> list[Figure]:
    """One figure of markers per group, and the clock day of the hormone that has one."""
    groups = dict.fromkeys(marker.group for marker in m.markers)
    drawn = [_switches(answer, m, group) for group in groups]
    return drawn if m.cortisol is None else [*drawn, _day(m, m.cortisol)]


def _switches(answer: Answer, m: Mechanism, group: str) -> Figure:
    markers = [marker for marker in m.markers if marker.group == group]
    switched = [marker.name for marker in markers if marker.switch]
    text = f"{words.listed(marker.name for marker in markers)} under {m.dose} of {answer.question.compound}"
    text += f", {m.course}." if any(marker.on.at_unit == "d" for marker in markers) else " on a dosing day."
    if switched:
        text += f" {words.listed(switched)}: with the switch at 0 (left) and at 1 (right)."
    table = [row for marker in markers for row in marker_rows(marker)]
    return Figure(
        figure_of(group), f"Markers: {group}", text, _source(m, markers[0].on), table, switches.chart
    )


def marker_rows(marker: MarkerPicture) -> list[Datum]:
    """The rows of figures/switches.py for one marker."""
    own = {"marker": marker.name, "unit": marker.unit, "status": marker.status, "arm": "all"}
    shown = enumerate((marker.off, marker.on)) if marker.switch else [(1, marker.on)]
    return [
        row
        for switch, band in shown
        for row in points(band, **own, switch=switch, said=marker.switched[switch], x_unit=band.at_unit)
    ]


def _day(m: Mechanism, day: CortisolDay) -> Figure:
    parts = [f"at {s.clock} by {words.value(s.change)}" for s in day.samples]
    swing = max(day.without.median) / min(day.without.median)
    text = (
        f"{day.name} over a dosing day, dosed at {day.dose_clock}. The drug changes the median person's level "
        f"{words.listed(parts)}; without it the highest level of the day is {words.number(swing, 1)} times the lowest."
    )
    shared = {"quantity": "level", "marker": day.name, "unit": day.without.unit}
    first = day.without.at[0]
    table = [
        *points(day.without, **shared, arm="without the drug", status="measured"),
        *points(day.with_drug, **shared, arm="with the drug", status="assumption"),
        *(
            {"quantity": quantity, "marker": day.name, "clock": clock, "x": _hour(clock, first)}
            for quantity, clock in [("dose", day.dose_clock), *(("sample", s.clock) for s in day.samples)]
        ),
    ]
    return Figure(
        day.marker, f"A day of {day.name.casefold()}", text, _source(m, day.without), table, clock.chart
    )


def _source(m: Mechanism, band: Band) -> str:
    return f"Simulated: {m.draws} parameter draws, a person each. Bands (50% and 90%) hold {words.layers(band.layers)}."


def _hour(time: str, first: float) -> float:
    """Clock hour of HH:MM; what lies before the first hour drawn is of the next morning."""
    hour, minute = map(int, time.split(":"))
    found = hour + minute / 60
    return found if found >= first else found + 24
