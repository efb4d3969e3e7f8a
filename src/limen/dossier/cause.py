"""The only words of the dossier that name a cause. Each is printed only where switching the cause off, with the same people
and the same random numbers, changes the result by more than twice its Monte Carlo standard error."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.noun import Paired


def alive(by_belief: Paired | None) -> str:
    """Whether noticing makes a drug that does nothing look alive."""
    if by_belief is None:
        return "What noticing adds to that was not simulated."
    if not by_belief.clear:
        return "Noticing adds nothing measurable to how often such a drug looks alive."
    if by_belief.value < 0:
        return "With belief switched on, such reports are fewer."
    return "Because some people notice what they take, a drug that does nothing looks alive more often."


def on_the_day(by_belief: Paired | None, weekly: Paired | None = None) -> str:
    """The same of a rating on dosing days, where unblinding bites hardest, beside what the weekly scale shows; nothing where
    the trials do not show it."""
    if by_belief is None or not by_belief.clear or by_belief.value < 0:
        return ""
    if weekly is not None and weekly.clear and weekly.value > 0:
        return f"So it does on a rating of the dosing day, in {words.number(100 * by_belief.value, 1)} more of 100 trials, because some people notice."
    return "On a rating of the dosing day it does: because some people notice what they take, a drug that does nothing looks alive more often."


def told_apart(by_belief: Paired) -> str:
    """The paired difference with its error, and whether it can be told from none."""
    size = (
        f"On the same trials belief changes it by {words.signed_percent(by_belief.value)} "
        f"(Monte Carlo standard error {words.percent(by_belief.monte_carlo_se)})"
    )
    return f"{size}." if by_belief.clear else f"{size}, which cannot be told from no change."
