"""Mechanism: what lies between the dose and a symptom."""

from limen.dossier.section import Section
from limen.dossier.sections.mechanism.nouns import Mechanism

SECTION = Section(__name__, Mechanism | None, beyond=False)
