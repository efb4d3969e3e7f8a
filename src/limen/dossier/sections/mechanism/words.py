"""The mechanism in words."""

from __future__ import annotations

from limen.dossier.sections.mechanism.nouns import Mechanism


def notice(mechanism: Mechanism) -> str | None:
    """What the page assumes by a scenario: said before anything that follows from it."""
    return mechanism.assumes
