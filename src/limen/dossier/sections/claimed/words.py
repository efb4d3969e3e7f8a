"""The claim in words."""

from __future__ import annotations

from limen.dossier.sections.claimed.nouns import Claimed


def remarks(claimed: Claimed) -> list[str]:
    return [claimed.sentence]
