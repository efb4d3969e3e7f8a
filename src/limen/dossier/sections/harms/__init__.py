"""Expected harms."""

from limen.dossier.section import Section
from limen.dossier.sections.harms.nouns import Harm

SECTION = Section(__name__, list[Harm])
