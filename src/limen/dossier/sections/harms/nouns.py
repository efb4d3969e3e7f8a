"""Expected harms per hundred people."""

from __future__ import annotations

from limen.dossier.noun import Interval, Noun, Status


class Harm(Noun):
    name: str
    arm: str
    per_100: Interval
    evidence: str
    status: Status
