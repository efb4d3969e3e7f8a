"""Which parameters stand behind which number: the drawers of the page."""

from __future__ import annotations

from dataclasses import dataclass

from limen.dossier.answer import Provenance, UsedParameter


@dataclass(frozen=True)
class Topic:
    """A drawer's title and the parameter files, or parts of files, that feed the numbers it stands behind."""

    title: str
    prefixes: tuple[str, ...]


TOPICS: dict[str, Topic] = {
    "effect": Topic("the drug effect", ("drug_effect.", "receptor.signal.")),
    "difference": Topic("the split of the difference", ("outcomes.", "belief.", "drug_effect.")),
    "false_positive": Topic("significant with no drug effect", ("belief.", "perception.", "outcomes.")),
    "size": Topic("the size of the trial", ("drug_effect.", "outcomes.", "leaving.")),
    "exposure": Topic(
        "exposure", ("pharmacology.", "receptor.occupancy.", "receptor.tolerance.", "comedication.exposure.")
    ),
    "noticing": Topic("noticing", ("perception.", "receptor.tolerance.", "comedication.blunting.")),
    "blinding": Topic("blinding", ("belief.", "perception.")),
    "course": Topic("the course and the split", ("outcomes.", "belief.", "drug_effect.", "leaving.")),
    "report": Topic("what the trial would say", ("outcomes.", "dose_day.", "belief.", "drug_effect.")),
}
LENGTH = 6


def drawers(provenance: Provenance) -> dict[str, list[UsedParameter]]:
    """The most influential parameters behind each topic, at most six; the whole list stands at the page's end."""
    return {
        name: sorted(
            (p for p in provenance.parameters if p.name.startswith(topic.prefixes)),
            key=lambda p: -abs(p.influence),
        )[:LENGTH]
        for name, topic in TOPICS.items()
    }
