"""Provenance: every parameter and reference."""

from limen.dossier.section import Section
from limen.dossier.sections.provenance.nouns import Provenance

SECTION = Section(__name__, Provenance)
