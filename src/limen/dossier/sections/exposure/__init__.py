"""Exposure: what the dose does, and whether it is felt."""

from limen.dossier.section import Section, Topic
from limen.dossier.sections.exposure.nouns import Exposed

SECTION = Section(
    __name__,
    Exposed,
    drawers={
        "exposure": Topic(
            "exposure",
            ("pharmacology.", "receptor.occupancy.", "receptor.tolerance.", "comedication.exposure."),
        ),
        "noticing": Topic("noticing", ("perception.", "receptor.tolerance.", "comedication.blunting.")),
    },
)
