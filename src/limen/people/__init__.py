"""Virtual participants."""

from limen.people.columns import Column, at, column
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
    "Column",
    "Identity",
    "Individual",
    "Participants",
    "Roll",
    "Typical",
    "at",
    "column",
    "individual",
    "recruit",
    "typical",
    "typical_person",
]
