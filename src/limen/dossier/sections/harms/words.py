"""Expected harms in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.sections.harms.nouns import Harm

SHOWN = 3


def first_harms(harms: list[Harm]) -> str:
    """The first of what is expected per hundred people, each with its interval."""
    first = [f"{h.name}, {h.arm}: {words.brief(h.per_100)}" for h in harms[:SHOWN]]
    return f"Of a hundred people: {'; '.join(first)}."
