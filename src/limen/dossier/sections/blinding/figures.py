"""Who guesses what, week by week."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import cited, simulation
from limen.dossier.sections.blinding.nouns import Blinding
from limen.figures import guesses
from limen.figures.figure import Figure


def figures(blinding: Blinding, answer: Answer) -> list[Figure]:
    arms = [arm for arm in blinding.arms if arm.guesses]
    if not arms:
        return []
    said = [f"{words.percent(arm.guesses[-1].active)} of {arm.arm}" for arm in arms]
    text = (
        f"By week {arms[0].guesses[-1].week:g}, {words.listed(said)} guess that they are in the active arm."
    )
    if len(arms) > 1:
        text += (
            f" Telling the arms apart: d\N{PRIME} {words.brief(blinding.d_prime)}; leaning, whatever the arm:"
            f" criterion {words.brief(blinding.criterion)}."
        )
    source = simulation(answer, arms[0].belief) + " Whiskers: 90% interval of the share guessing active."
    if blinding.published:
        found = sorted({cited(answer, p.source) for p in blinding.published})
        source += f" Open circles: published guesses, {words.listed(found)}."
    return [Figure("guesses", "Who knows?", text, source,
                 lambda narrow: guesses.chart(arms, blinding.published, narrow), guesses.data(arms, blinding.published))]  # fmt: skip
