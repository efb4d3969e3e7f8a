"""What captions of several figures say."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.noun import Band


def simulation(answer: Answer, band: Band | None = None) -> str:
    r = answer.reproduce
    text = f"Simulated: {words.number(r.draws, 0)} parameter draws, {words.number(r.people, 0)} people, seed {r.seed}."
    return text + (f" Bands (50% and 90%) hold {words.layers(band.layers)}." if band else "")


def cited(answer: Answer, key: str) -> str:
    """A reference short enough for a source line: authors and year of the formatted reference, or the key itself."""
    formatted = answer.provenance.references.get(key)
    return formatted.split(").")[0] + ")" if formatted and ")." in formatted else key
