"""The claim: what a trial without any drug effect would report."""

from limen.dossier.section import Section
from limen.dossier.sections.claimed.nouns import Claimed

SECTION = Section(__name__, Claimed | None, beyond=False)
