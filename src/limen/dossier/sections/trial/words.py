"""The expected trial in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.trial.nouns import DIFFERENCE, ExpectedTrial


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


def reconciled(trial: ExpectedTrial, answer: Answer) -> str:
    """Everybody and completers in one line: what the split counts, what the trial sees, and what the drug does by itself."""
    seen = [f"{words.value(share)} on {name}" for name, share in trial.retained]
    text = f"The split counts everybody, before anybody leaves; a trial sees those who stay ({words.listed(seen)})."
    total = next((split.total for split in trial.decomposition if split.of == DIFFERENCE), None)
    effect = answer.verdict.drug_effect
    if total is None or effect is None:
        return text
    return (
        f"{text} The difference between arms of {words.better(total)} is counted on the rounded, bounded scale and holds belief; the drug effect "
        f"of {words.better(effect)} is the drug's alone, on the scale's underlying score."
    )
