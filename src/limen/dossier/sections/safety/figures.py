"""Who would come, and who is let in."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.safety.nouns import Safety
from limen.figures import funnel
from limen.figures.figure import Figure


def figures(safety: Safety, answer: Answer) -> list[Figure]:
    found = safety.recruitment
    if found is None or not found.steps:
        return []
    text = (
        f"Of 100 people ({found.indication}) who would come, rules on what they take besides keep out "
        f"{words.number(100 - found.let_in.value, 0)}; {words.brief(found.let_in)} are let in (90% interval). "
        "Each person is counted once, at the gravest rule."
    )
    return [Figure("funnel", "Who would come, and who is let in", text,
                 f"Computed from {words.number(answer.reproduce.draws, 0)} parameter draws and the screening rules. {found.note}.",
                 lambda narrow: funnel.chart(found.steps, found.let_in, narrow),
                 funnel.data(found.steps, found.let_in))]  # fmt: skip
