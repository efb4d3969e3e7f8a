"""The first screen: the question in words, the verdict, and at most five numbers."""

from limen.dossier.section import Section, Topic
from limen.dossier.sections.verdict.nouns import Verdict

SECTION = Section(
    __name__,
    Verdict,
    drawers={
        "effect": Topic("the drug effect", ("drug_effect.", "receptor.signal.")),
        "difference": Topic("the split of the difference", ("outcomes.", "belief.", "drug_effect.")),
        "false_positive": Topic("significant with no drug effect", ("belief.", "perception.", "outcomes.")),
        "size": Topic("the size of the trial", ("drug_effect.", "outcomes.", "leaving.")),
    },
)
