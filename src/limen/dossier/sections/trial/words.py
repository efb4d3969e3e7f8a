"""The expected trial in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.trial.nouns import ExpectedTrial


def summary(trial: ExpectedTrial, answer: Answer) -> list[tuple[str, str]]:
    """Every pair of arms but the primary one, which the verdict tells, for a terminal."""
    return [
        (
            f"{pair.arm} against {pair.control}",
            f"{words.brief(pair.difference)}; significant with no drug effect in {words.percent(pair.for_nothing.value)}",
        )
        for pair in trial.comparisons
        if not pair.primary
    ]
