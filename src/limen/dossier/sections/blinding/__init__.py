"""Blinding: who knows."""

from limen.dossier.section import Section, Topic
from limen.dossier.sections.blinding.nouns import Blinding

SECTION = Section(
    __name__,
    Blinding | None,
    beyond=False,
    drawers={"blinding": Topic("blinding", ("belief.", "perception."))},
)
