"""The law over time, by place."""

from __future__ import annotations

from datetime import date

from limen.dossier.answer import Answer
from limen.dossier.sections.law.nouns import Law
from limen.figures import law_timeline
from limen.figures.figure import Figure
from limen.regulation.timeline import Mark, Stretch, Timeline


def figures(law: Law, answer: Answer) -> list[Figure]:
    if law.timeline is None:
        return []
    t, day = law.timeline, date.fromisoformat
    drawn = Timeline(
        t.compound, day(t.start), day(t.end),
        tuple(Stretch(s.place, day(s.start), day(s.end), s.status, s.kind, s.event) for s in t.stretches),
        tuple(Mark(m.place, day(m.when), m.event, m.words, m.effect) for m in t.marks),
    )  # fmt: skip
    places = dict.fromkeys(s.place for s in t.stretches)
    text = (
        f"The law on {t.compound} in each place with an enacting event in the data ({', '.join(places)}). "
        "Pending events are hollow diamonds: they change nothing."
    )
    return [Figure("law", "The law over time", text, f"Published legal events; the data reach to {law.reach}.",
                 lambda narrow: law_timeline.chart(drawn, narrow), [s.model_dump() for s in t.stretches])]  # fmt: skip
