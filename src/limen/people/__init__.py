"""Virtual participants."""

from limen.people.columns import PerDraw, at, per_draw
from limen.people.identity import Identity, Roll
from limen.people.recruit import (
    DRAWS_PER_PERSON,
    Individual,
    Participants,
    Typical,
    individual,
    recruit,
    typical,
    typical_person,
)

__all__ = [
    "DRAWS_PER_PERSON",
    "Identity",
    "Individual",
    "Participants",
    "PerDraw",
    "Roll",
    "Typical",
    "at",
    "individual",
    "per_draw",
    "recruit",
    "typical",
    "typical_person",
]
