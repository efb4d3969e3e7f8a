"""What moves the verdict."""

from limen.dossier.section import Section

SECTION = Section(__name__, about="verdict", beyond=False)
