"""Expected harms per hundred people."""

from __future__ import annotations

from limen.dossier.noun import Interval, Noun
from limen.parameters.load import EvidenceStatus


class Harm(Noun):
    name: str
    arm: str
    per_100: Interval
    evidence: str
    status: EvidenceStatus
