"""What is known."""

from limen.dossier.section import Section
from limen.dossier.sections.known.nouns import Known

SECTION = Section(__name__, Known | None)
