"""The mechanism in words."""

from __future__ import annotations

import re

from limen.dossier.sections.mechanism.nouns import Mechanism


def notice(mechanism: Mechanism) -> str | None:
    """What the page assumes by a scenario: said before anything that follows from it."""
    return mechanism.assumes


HEADINGS = {"HPA": "Stress hormones (HPA axis)"}
SEEN = {"found": "found", "mixed": "mixed", "null": "no effect seen", "against": "against", "partly": "in part", "none": "none"}  # fmt: skip
NEEDED = {"full dose": "Full dose", "if the link holds": "If the link holds", "expected": "Expected", "one dose, own share": "Own share"}  # fmt: skip


def heading(group: str) -> str:
    """A group of markers as a heading; a group of the reader's own by its name."""
    return HEADINGS.get(group, f"{group[:1].upper()}{group[1:]}")


def figure_of(group: str) -> str:
    """Name of the figure that shows a group of markers."""
    return "mechanism-" + re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")


def groups(mechanism: Mechanism) -> list[str]:
    return list(dict.fromkeys(marker.group for marker in mechanism.markers))
