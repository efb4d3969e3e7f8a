"""What trials found, as a forest plot."""

from __future__ import annotations

from limen.dossier import words
from limen.dossier.answer import Answer
from limen.dossier.sections.known.nouns import ForestLine, Known
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

    def drawn(narrow: bool) -> forest.Forest:
        lines = [_line(line, narrow) for line in f.lines]
        if not narrow:
            return forest.Forest(f.title, f.subtitle, f.axis, f.left, f.right, lines, footnotes=f.footnotes)
        left, right = (side.removeprefix("favours ") for side in (f.left, f.right))
        return forest.Forest(f.title, "", "Hedges g (95% CI)", left, right, lines)

    return [Figure("forest", "What trials found", text,
                 " ".join(["Published results, one a set of participants; squares are trials, lines 95% intervals.", *f.footnotes]),
                 lambda narrow: forest.chart(drawn(narrow), narrow), [line.model_dump() for line in f.lines])]  # fmt: skip


def _line(line: ForestLine, narrow: bool) -> forest.Line:
    """A line of the forest; a phone leaves its words room for about twenty letters."""
    label, detail = line.label, line.detail
    if narrow:
        label = {"pooled": "random effects", "predicted": "a new trial", "absent": "too few to pool",
                 "heading": "Beside it:"}.get(line.kind, label)  # fmt: skip
        detail = ""
    return forest.Line(line.kind, label, detail, line.y, line.low, line.high, line.weight)
