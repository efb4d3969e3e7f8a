"""How large a trial would settle it: the chance of an answer, and of a false one, by the number of people."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, distinct, exactly, mark, n, panel, q
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "what": "settles the question, reports a benefit of 0.4 SD, or finds a benefit of a drug that does nothing",
    "people": "people in all",
    "chance": "chance over what is believed, the luck of a trial included",
    "here": "people that the protocol plans; in its own row only",
}
LINES = ([1, 0], [6, 4], [2, 3])


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """A line for each chance over the size; a rule where the protocol stands."""
    curves = [r for r in table if "chance" in r]
    kinds = distinct(curves, "what")
    sizes = [r["people"] for r in curves]
    x = q("people", title="people in all", axis={"format": "~s", "values": [50, 100, 200, 500, 1000, 2000, 5000]},
          scale={"type": "log", "domain": [min(sizes), max(sizes)], "nice": False})  # fmt: skip
    y = q("chance", title=None, scale=exactly(0, 1), axis={"format": "%", "tickCount": 5})
    legend = {
        "orient": "top",
        "direction": "vertical",
        "symbolType": "stroke",
        "symbolSize": 700,
        "labelLimit": 0,
    }
    style = n(
        "what",
        sort=kinds,
        title=None,
        legend=legend,
        scale={"domain": kinds, "range": list(LINES[: len(kinds)])},
    )
    here = [r for r in table if r.get("here")]
    layers = [
        mark("line", curves, {"x": x, "y": y, "strokeDash": style}, color=LIGHT["ink"], strokeWidth=2),
        mark("rule", here, {"x": q("here")}, color=LIGHT["soft"], strokeDash=[3, 3]),
        mark("text", [{**r, "said": "as planned"} for r in here], {"x": q("here"), "y": {"value": 0}, "text": n("said")},
             align="left", dx=4, baseline="top"),
    ]  # fmt: skip
    return dressed(panel(layers, 300 if narrow else 640, 190 if narrow else 260), narrow)
