"""Exposure in words."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.exposure.nouns import Exposed


def summary(exposure: Exposed, answer: Answer) -> list[tuple[str, str]]:
    """Peak and noticing of each arm, for a terminal."""
    rows: list[tuple[str, str]] = []
    for arm in exposure.arms:
        rows.append((f"Cmax, {arm.arm}", words.full(arm.cmax)))
        if arm.dosing_days:
            first = arm.dosing_days[0].noticed
            rows.append((f"noticed, {arm.arm}", f"{words.percent(first.value)} of first doses"))
    return rows
