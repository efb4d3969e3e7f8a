"""Who guesses what, and how well guesses tell the arms apart."""

from __future__ import annotations

from pydantic import Field

from limen.dossier.noun import Band, Interval, Noun


class WeeklyGuesses(Noun):
    week: float
    active: float
    dont_know: float
    placebo: float
    active_interval: tuple[float, float]


class PublishedGuess(Noun):
    arm: str
    week: float
    active: float
    n: int
    source: str


class ArmBlinding(Noun):
    arm: str
    guesses: list[WeeklyGuesses]
    noticed: Interval | None = Field(
        default=None, description="P(something noticed) on the first dosing day, across people"
    )
    bang: Interval
    belief: Band = Field(description="P(I am in the active arm) over weeks, across people")


class Blinding(Noun):
    arms: list[ArmBlinding]
    week: float = Field(description="week the indices refer to")
    d_prime: Interval
    criterion: Interval
    james: Interval
    correct: Interval
    capsule_hit: Interval = Field(description="P(capsule guessed active | active capsule)")
    capsule_false_alarm: Interval
    capsule_d_prime: Interval
    capsule_criterion: Interval
    published: list[PublishedGuess]
    notes: list[str]
