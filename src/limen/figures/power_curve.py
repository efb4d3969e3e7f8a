"""Power over the number of people or over the effect, with the answer marked."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, exactly, mark, of, panel, q
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "over": "what the curve runs over: n or effect",
    "design": "name of the design",
    "effect": "difference to be shown",
    "n": "people in all groups together",
    "power": "chance to show it",
    "answer": "whether this is the answer that was asked for",
}
TITLES = {"n": "people in all groups together", "effect": "difference"}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """One line, a point at the answer with its size, effect and power beside it."""
    over = table[0]["over"]
    x = q(over, title=TITLES[over], scale={"zero": False, "nice": False})
    y = q("power", title=None, scale=exactly(0, 1), axis={"format": "%", "grid": True, "tickCount": 5})
    answer = [{**row, "words": _words(row)} for row in of(table, answer=True)]
    middle = (min(r[over] for r in table) + max(r[over] for r in table)) / 2
    right = bool(answer) and answer[0][over] > middle
    layers = [
        mark("line", table, {"x": x, "y": y}, color=LIGHT["ink"], strokeWidth=2),
        mark("point", answer, {"x": x, "y": y}, size=90, filled=True, color=LIGHT["ink"], opacity=1),
        mark("text", answer, {"x": x, "y": y, "text": {"field": "words"}},
             align="right" if right else "left", dx=-12 if right else 12, dy=-8 if right else 14),
    ]  # fmt: skip
    return dressed(
        panel(layers, 300 if narrow else 560, 220 if narrow else 300, f"Power, {table[0]['design']}"), narrow
    )


def _words(row: Datum) -> str:
    return f"n {row['n']}, difference {row['effect']:.4g}: {100 * row['power']:.1f}%"
