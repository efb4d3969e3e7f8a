"""The law over time, by place."""

from __future__ import annotations

from limen.dossier.answer import Answer
from limen.dossier.sections.law.nouns import Law
from limen.figures import law_timeline
from limen.figures.figure import Figure


def figures(law: Law, answer: Answer) -> list[Figure]:
    if law.timeline is None:
        return []
    t = law.timeline
    places = dict.fromkeys(s.place for s in t.stretches)
    text = (
        f"The law on {t.compound} in each place with an enacting event in the data ({', '.join(places)}). "
        "Pending events are hollow diamonds: they change nothing."
    )
    source = f"Published legal events; the data reach to {law.reach}."
    return [Figure("law", "The law over time", text, source, law_timeline.table(t), law_timeline.chart)]
