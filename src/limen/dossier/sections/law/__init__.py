"""Law and guidance: where it may be studied."""

from limen.dossier.section import Section
from limen.dossier.sections.law.nouns import Law

SECTION = Section(__name__, Law | None)
