"""What trials found, as a forest plot."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.known.nouns import Known
from limen.figures import forest
from limen.figures.figure import Figure


def figures(known: Known, answer: Answer) -> list[Figure]:
    if known.forest is None:
        return []
    f = known.forest
    trials = [line.label for line in f.lines if line.kind == "trial"]
    text = (
        f"{(known.dose_class or 'microdose').capitalize()} trials that report {known.outcome}: {words.listed(trials)}. "
        + (f"The diamond pools {known.pooled.of}." if known.pooled else "There is no diamond: one trial is too few to pool.")
    )  # fmt: skip

    shared = {"title": f.title, "subtitle": f.subtitle, "axis": f.axis, "left": f.left, "right": f.right}
    table = [line.model_dump() | shared | {"notes": f.footnotes} for line in f.lines]
    source = "Published results, one a set of participants; squares are trials, lines 95% intervals."
    return [
        Figure("forest", "What trials found", text, " ".join([source, *f.footnotes]), table, forest.chart)
    ]
