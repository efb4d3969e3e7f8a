"""Markers by group, and a day of cortisol."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.mechanism.nouns import Mechanism
from limen.figures import clock, switches
from limen.figures.figure import Figure


def figures(m: Mechanism, answer: Answer) -> list[Figure]:
    """One figure of markers per group, and the day of cortisol."""
    groups = dict.fromkeys(marker.group for marker in m.markers)
    return [*(_switches(answer, m, group) for group in groups), _cortisol(answer, m)]


def _switches(answer: Answer, m: Mechanism, group: str) -> Figure:
    markers = [marker for marker in m.markers if marker.group == group]
    switched = [marker.name for marker in markers if marker.switch]
    text = f"{words.listed(marker.name for marker in markers)} under {m.dose} of {answer.question.compound}"
    text += f", {m.course}." if any(marker.on.at_unit == "d" for marker in markers) else " on a dosing day."
    if switched:
        text += f" {words.listed(switched)}: with the switch at 0 (left) and at 1 (right)."
    source = f"Simulated: {m.draws} parameter draws, a person each. Bands (50% and 90%) hold {words.layers(markers[0].on.layers)}."
    return Figure(f"mechanism-{group.lower()}", f"Markers: {group}", text, source,
                 lambda narrow: switches.chart(markers, narrow), switches.data(markers))  # fmt: skip


def _cortisol(answer: Answer, m: Mechanism) -> Figure:
    day = m.cortisol
    parts = [f"at {s.clock} by {words.value(s.change)}" for s in day.samples]
    swing = max(day.without.median) / min(day.without.median)
    text = (
        f"Cortisol over a dosing day, dosed at {day.dose_clock}. The drug changes the median person's level "
        f"{words.listed(parts)}; without it the highest level of the day is {words.number(swing, 1)} times the lowest."
    )
    source = f"Simulated: {m.draws} parameter draws, a person each. Bands (50% and 90%) hold {words.layers(day.without.layers)}."
    return Figure("cortisol", "A day of cortisol", text, source,
                 lambda narrow: clock.chart(day.without, day.with_drug, day.dose_clock, [s.clock for s in day.samples],
                                            "Cortisol", "assumption", narrow),
                 clock.data(day.without, day.with_drug))  # fmt: skip
