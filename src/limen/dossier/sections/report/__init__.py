"""What the expected trial would say."""

from limen.dossier.section import Section, Topic

SECTION = Section(
    __name__,
    about="trial",
    beyond=False,
    drawers={
        "report": Topic("what the trial would say", ("outcomes.", "dose_day.", "belief.", "drug_effect."))
    },
)
