"""The only words of the dossier that name a cause. Each is printed only where switching the cause off, with the same people
and the same random numbers, changes the result by more than twice its Monte Carlo standard error."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.noun import Paired


def noticing(by_belief: Paired | None) -> str:
    """How a sentence about reports of a drug that does nothing begins: with noticing as the cause, or without one."""
    if by_belief is not None and by_belief.clear and by_belief.value > 0:
        return "Because some people notice the drug, the"
    return "The"


def rated_higher(by_belief: Paired | None) -> str:
    """Why belief moves a rating of the dosing day; nothing where the trials do not show that it does."""
    if by_belief is not None and by_belief.clear and by_belief.value > 0:
        return ": people who notice something rate their day higher"
    return ""


def told_apart(by_belief: Paired) -> str:
    """The paired difference with its error, and whether it can be told from none."""
    size = (
        f"On the same trials belief changes it by {words.signed_percent(by_belief.value)} "
        f"(Monte Carlo standard error {words.percent(by_belief.monte_carlo_se)})"
    )
    return f"{size}." if by_belief.clear else f"{size}, which cannot be told from no change."
