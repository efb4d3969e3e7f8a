"""The verdict in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.verdict.nouns import Verdict


def summary(v: Verdict, answer: Answer) -> list[tuple[str, str]]:
    """The numbers behind the paragraph, for a terminal."""
    rows: list[tuple[str, str]] = []
    if v.p_above_mcid is not None:
        rows.append(("P(effect exceeds what matters)", words.percent(v.p_above_mcid.value)))
    if v.difference is not None and v.difference_drug is not None and v.difference_belief is not None:
        rows.append(("expected difference", words.full(v.difference)))
        rows.append(("  of it drug", words.brief(v.difference_drug)))
        rows.append(("  of it belief", words.brief(v.difference_belief)))
    if v.type_one is not None and v.power is not None:
        rows.append(("significant with no drug effect", words.percent(v.type_one.value)))
        rows.append(("significant benefit as believed", words.percent(v.power.value)))
        if answer.question.mcid is not None:
            size = v.participants_to_settle
            rows.append(
                (
                    "participants to settle it",
                    words.number(size, 0) if size else f"more than {v.settle_limit}",
                )
            )
    return rows
