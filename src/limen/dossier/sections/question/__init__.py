"""The question: what is asked of whom."""

from limen.dossier.section import Section
from limen.dossier.sections.question.nouns import Question

SECTION = Section(__name__, Question)
