"""A trial that is claimed and cannot be found, and what one like it would report."""

from __future__ import annotations

from pydantic import Field

from limen.dossier.noun import Noun, Share


class Claimed(Noun):
    """The question put to a trial that is claimed and cannot be found."""

    claim: str
    rows: list[tuple[str, float | None, Share]] = Field(
        description="(what would be reported, delta, how often)"
    )
    sentence: str
