"""Who would come, and who is let in."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.safety.nouns import Recruitment, Safety
from limen.figures import funnel
from limen.figures.figure import Figure
from limen.figures.marks import Datum


def figures(safety: Safety, answer: Answer) -> list[Figure]:
    found = safety.recruitment
    if found is None or not found.steps:
        return []
    text = (
        f"Of 100 people ({found.indication}) who would come, rules on what they take besides keep out "
        f"{words.number(100 - found.let_in.value, 0)}; {words.brief(found.let_in)} are let in (90% interval). "
        "Each person is counted once, at the gravest rule."
    )
    source = f"Computed from {words.number(answer.reproduce.draws, 0)} parameter draws and the screening rules. {found.note}."
    return [
        Figure("funnel", "Who would come, and who is let in", text, source, funnel_table(found), funnel.chart)
    ]


def funnel_table(found: Recruitment) -> list[Datum]:
    """The rows of figures/funnel.py."""
    rows: list[Datum] = []
    start = 100.0
    for step in found.steps:
        rows.append(
            {"rule": step.rule, "taking": ", ".join(step.classes), "severity": step.severity, "held": step.held,
             "lost": step.lost.value, "low": step.lost.low, "high": step.lost.high, "start": start, "end": step.left,
             "last": False}
        )  # fmt: skip
        start = step.left
    last = {"rule": "let in", "taking": "", "severity": "", "held": False, "lost": 0.0, "low": found.let_in.low,
            "high": found.let_in.high, "start": 0.0, "end": found.let_in.value, "last": True}  # fmt: skip
    return [*rows, last]
