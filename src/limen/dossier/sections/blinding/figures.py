"""Who guesses what, week by week."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.captions import points, simulation
from limen.dossier.references import short
from limen.dossier.sections.blinding.nouns import Blinding
from limen.figures import guesses
from limen.figures.figure import Figure
from limen.figures.marks import Datum


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
        found = sorted({short(p.source) for p in blinding.published})
        source += f" Open circles: published guesses, {words.listed(found)}."
    return [Figure("guesses", "Who knows?", text, source, _table(blinding), guesses.chart)]


def _table(blinding: Blinding) -> list[Datum]:
    """The rows of figures/guesses.py."""
    rows: list[Datum] = []
    for arm in (arm for arm in blinding.arms if arm.guesses):
        for g in arm.guesses:
            edges = (0.0, g.active, g.active + g.dont_know, g.active + g.dont_know + g.placebo)
            low, high = g.active_interval
            rows += [
                {"arm": arm.arm, "x": g.week, "quantity": kind, "low": edges[i], "high": edges[i + 1],
                 "active_low": low, "active_high": high}
                for i, kind in enumerate(guesses.DEPTH)
            ]  # fmt: skip
        rows += points(arm.belief, arm=arm.arm, quantity="belief")
    return rows + [
        {"arm": p.arm, "x": p.week, "quantity": "published", "low": 0.0, "high": p.active}
        for p in blinding.published
    ]
