"""Blinding: who knows."""

from limen.dossier.section import Section, Topic
from limen.dossier.sections.blinding.nouns import Blinding

SECTION = Section(__name__, Blinding, drawers={"blinding": Topic("blinding", ("belief.", "perception."))})
