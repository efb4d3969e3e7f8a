"""The expected trial: courses, and where the improvement comes from."""

from limen.dossier.section import Section, Topic
from limen.dossier.sections.trial.nouns import ExpectedTrial

SECTION = Section(
    __name__,
    ExpectedTrial | None,
    beyond=False,
    drawers={
        "course": Topic("the course and the split", ("outcomes.", "belief.", "drug_effect.", "leaving."))
    },
)
