"""Safety: who must not take it, and what to watch."""

from limen.dossier.section import Section
from limen.dossier.sections.safety.nouns import Safety

SECTION = Section(__name__, Safety | None)
