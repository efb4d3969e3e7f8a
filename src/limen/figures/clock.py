"""A hormone with a daily rhythm over a dosing day, by clock hour, with and without the drug."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, distinct, exactly, mark, of, panel, q, ribbon
from limen.figures.theme import LIGHT, Spec, dash, dressed

COLUMNS = {
    "arm": "without the drug, or with the drug",
    "quantity": "level, dose, or sample",
    "marker": "name of the hormone",
    "x": "clock hour; hours above 24 are those of the next morning",
    "median": "median over people and parameters; empty for a dose or a sample",
    "q05": "5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
    "unit": "unit of the level",
    "status": "measured, translated or assumption: what the curve rests on",
    "clock": "clock time of a dose or a sample",
}
COLOURS = ("ink", "drug")


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """The two curves over each other, the dose as a line and sampling times as ticks."""
    width, height = (290, 180) if narrow else (880, 220)
    levels = of(table, quantity="level")
    arms, hours = distinct(levels, "arm"), [r["x"] for r in levels]
    low, high = min(hours), max(hours)
    ticks = {
        "values": list(range(int(low), int(high) + 1, 6 if narrow else 3)),
        "labelExpr": "(datum.value % 24 < 10 ? '0' : '') + (datum.value % 24) + ':00'",
    }
    x = q("x", title="clock time", scale=exactly(low, high), axis=ticks)
    y = q("median", title=None, scale={"zero": True})
    curves = []
    for arm, colour in zip(arms, COLOURS, strict=True):
        own = of(levels, arm=arm)
        curves += ribbon(own, x, y, colour, dash(arms), own[0]["status"])
    dose = [{**r, "text": f"dose {r['clock']}"} for r in of(table, quantity="dose")]
    layers = [
        *curves,
        mark("rule", dose, {"x": q("x")}, color=LIGHT["soft"], strokeDash=[2, 2]),
        mark("text", dose, {"x": q("x"), "y": {"value": 0}, "text": {"field": "text"}},
             align="left", dx=4, baseline="top"),
        mark("point", of(table, quantity="sample"), {"x": q("x"), "y": {"value": height - 5}},
             shape="triangle-up", size=70, filled=True, color=LIGHT["ink"], opacity=1),
    ]  # fmt: skip
    title = f"{levels[0]['marker']}, {levels[0]['unit']}"
    return dressed(panel(layers, width, height, title, ["triangles: sampling times"]), narrow)
