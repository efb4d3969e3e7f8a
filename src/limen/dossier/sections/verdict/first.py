"""The first words of the page, by rule and never by hand: what can be said under every prior, and what the trial can tell.

A null posterior never reads as promise, nor a strong one as doubt: the words follow from chances alone, and those of a
sceptic and of an enthusiast must agree before a question is called answered.
"""

from __future__ import annotations

from dataclasses import dataclass

NO_VERDICT = "No verdict"
PROBABLY_NOT = "Probably not"
NOBODY_KNOWS = "Nobody knows"
CANNOT_TELL = "This trial cannot tell"
PROBABLY = "Probably"
LIKELY, UNLIKELY, AS_NOT = 0.9, 0.1, 0.5
OUTWEIGHED = 0.7071  # of the prior's spread left, where half of the precision is that of the trials


@dataclass(frozen=True)
class Chances:
    """P(the drug helps at all), and P(it helps by what matters) where that is known, each under the sceptical, the
    reference and the enthusiastic prior; `left` is the share of the prior's spread that the trials leave; `bars` says what
    keeps the trial from telling the drug from the rest."""

    above_zero: tuple[float, ...]
    above_mcid: tuple[float, ...] = ()
    bars: tuple[str, ...] = ()
    left: float = 0.0

    @property
    def answered(self) -> bool:
        """Whether trials, and not the prior, carry what is known."""
        return self.left <= OUTWEIGHED


def first_words(known: Chances | None) -> str:
    """Where the trials outweigh the prior: `Probably` where a sceptic too puts the chance that it helps at 90% or more, and at even odds that it helps by what
    matters; `Probably not` where an enthusiast too puts the chance of what matters, or of any help, at 10% or less; else
    `This trial cannot tell` where something bars it, and `Nobody knows` where nothing does."""
    if known is None:
        return NO_VERDICT
    helps, matters = known.above_zero, known.above_mcid
    if known.answered and min(helps) >= LIKELY and (not matters or min(matters) >= AS_NOT):
        return PROBABLY
    if known.answered and (max(helps) <= UNLIKELY or (matters and max(matters) <= UNLIKELY)):
        return PROBABLY_NOT
    return CANNOT_TELL if known.bars else NOBODY_KNOWS


def standing(words: str, known: Chances) -> str:
    """The sentence that goes on from the first words."""
    amount = "by an amount that matters to patients" if known.above_mcid else "at all"
    unlikely = known.above_mcid and max(known.above_mcid) <= UNLIKELY
    beside = (
        ", though an effect as large as matters to patients would surprise even somebody who starts out hopeful"
        if unlikely
        else ""
    )
    said = {
        PROBABLY: " by what is known now, even for somebody who starts out in doubt.",
        PROBABLY_NOT: f" {amount}, even for somebody who starts out hopeful.",
        NOBODY_KNOWS: f": what is known now leaves it open{beside}.",
        CANNOT_TELL: f": {' '.join(known.bars)}",
    }
    return words + said[words]
