"""What moves the verdict: how far the headline shifts when one parameter goes from its 10% to its 90% point."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from limen.figures.marks import Datum, around, exact, mark, n, q, upto
from limen.figures.theme import LIGHT, Spec, dressed, fill

COLUMNS = {
    "parameter": "name of the parameter; empty for those that cannot be told from noise, drawn as long as noise may be",
    "description": "what it is",
    "status": "measured, translated or assumption",
    "low": "headline at the parameter's 10% point",
    "high": "headline at its 90% point",
    "headline": "the number that is moved",
    "value": "its mean",
}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Horizontal bars around the headline's value. Each bar is patterned by the evidence for its parameter."""
    values = [
        {**r, "words": textwrap.wrap(r["description"], 40 if narrow else 46, max_lines=2, placeholder=" ..."),
         "paint": fill("ink", r["status"]) if r["status"] else LIGHT["rule"]}
        for r in table
    ]  # fmt: skip
    value = table[0]["value"]
    ends = [value, *(end for r in table for end in (r["low"], r["high"]))]
    scale = around(min(ends), max(ends), 0.06)
    share = min(ends[1:]) >= 0 and max(ends[1:]) <= 1
    axis = {"grid": True, "tickCount": 5 if narrow else 7, "format": "%" if share else "~g"}
    order = [v["parameter"] for v in values]
    y = n("parameter", sort=order, title=None, axis=None,
          scale={"paddingInner": 0.66 if narrow else 0.42, "paddingOuter": 0.4})  # fmt: skip
    left = scale["domain"][0]
    layers = [
        mark("rule", [{"x": value}], {"x": q("x")}, color=LIGHT["ink"], strokeWidth=1),
        mark("bar", values, {"x": q("low", title=None, scale=scale, axis=axis), "x2": upto("high"), "y": y,
                             "fill": exact("paint")}, stroke=LIGHT["ink"], strokeWidth=1.2),
        *[_words([v for v in values if len(v["words"]) == lines], lines, left, order, narrow) for lines in (1, 2)],
    ]  # fmt: skip
    title = {"text": textwrap.wrap(table[0]["headline"], 46 if narrow else 90)}
    size = {"width": 330 if narrow else 620, "height": (62 if narrow else 42) * len(values)}
    return dressed({"layer": layers, "title": title, **size}, narrow)


def _words(values: list[Datum], lines: int, left: float, order: list[str], narrow: bool) -> Spec:
    """Labels of one or of two lines: a second line lifts the first, so that the pair stays level with its bar."""
    look = (
        {"align": "left", "baseline": "bottom", "dy": -12 * lines, "lineHeight": 12}
        if narrow
        else {"align": "right", "baseline": "middle", "dx": -10, "dy": 8 - 8 * lines, "lineHeight": 15}
    )
    at = {"x": {"datum": left, "type": "quantitative"}, "y": n("parameter", sort=order)}
    return mark("text", values, {**at, "text": n("words")}, **look)
