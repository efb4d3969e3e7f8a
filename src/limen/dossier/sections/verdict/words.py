"""The verdict in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.verdict.nouns import AsReported, Verdict


def summary(v: Verdict, answer: Answer) -> list[tuple[str, str]]:
    """What was reported beside what is predicted, and the rest of both boxes, for a terminal."""
    rows = [(f"reported {x.what}", _beside(x)) for x in v.beside]
    return rows + [
        (fact.what, "; on dosing days ".join(filter(None, (fact.said, fact.on_the_day)))) for fact in v.facts
    ]


def _beside(x: AsReported) -> str:
    seen = "seen by the posterior" if x.seen else "not seen by the posterior"
    if x.predicted is None:
        return f"{x.reported}; predicted below zero in {words.of_100(x.share_below or 0.0)} of 100 trials ({seen})"
    return f"{x.reported}; predicted {words.value(x.predicted)}, {words.span(x.predicted)} ({seen})"
