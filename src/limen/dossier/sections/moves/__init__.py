"""What would change the answer."""

from limen.dossier.section import Section

SECTION = Section(__name__, about="verdict", beyond=False)
