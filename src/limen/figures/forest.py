"""A forest plot a journal would print: one line a trial, weights, the pooled diamond, or the honest absence of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from limen.figures.marks import Datum, around, mark, n, of, panel, q, upto
from limen.figures.theme import LIGHT, Colour, Spec, dressed

COLUMNS = {
    "kind": "trial, pooled, predicted (a new trial), absent (why nothing is pooled), comparator, or heading",
    "label": "the trial, or what the line is",
    "detail": "what was measured, and in how many",
    "y": "effect",
    "low": "lower end of the 95% interval",
    "high": "upper end",
    "weight": "share of the weight in the pool",
    "title": "of the plot",
    "subtitle": "heterogeneity, or what there is of it",
    "axis": "what the effect is",
    "left": "what an effect below the line of no difference means",
    "right": "what one above it means",
    "notes": "footnotes",
}
SHORT = {
    "pooled": "random effects",
    "predicted": "a new trial",
    "absent": "too few to pool",
    "heading": "Beside it:",
}
TONES: dict[str, tuple[Colour, list[int]]] = {
    "trial": ("ink", [1, 0]),
    "predicted": ("drug", [4, 3]),
    "comparator": ("soft", [1, 0]),
}
ROW, TEXT = 25, 13
TALL = 0.3  # half the height of a diamond, in rows
NULL = 0.0  # no difference


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Squares sized by weight with their intervals, a diamond for the pool, comparators as open circles."""
    size = 10.5 if narrow else TEXT
    rows, first = [_row(place, line, narrow) for place, line in enumerate(table)], table[0]
    height, width = ROW * len(rows), 116 if narrow else 360
    y = q("place", axis=None, scale={"domain": [len(rows) - 0.5, -0.5], "nice": False, "zero": False})
    ends = [x for line in table for x in (line["low"], line["high"], line["y"]) if x is not None] + [NULL]
    scale = {**around(min(ends), max(ends), 0.06), "nice": True}
    axis = {"grid": False, "tickCount": 3 if narrow else 6, "format": "~g"}
    title = "Hedges g (95% CI)" if narrow else first["axis"]
    x = q("y", title=title, scale=scale, axis=axis)
    shown = [r for r in rows if r["low"] is not None and r["kind"] in TONES]
    kinds = {"domain": list(TONES)}
    layers = [
        mark("rule", [{"x": NULL}], {"x": q("x", scale=scale)}, color=LIGHT["soft"], strokeDash=[4, 3], strokeWidth=1),
        mark("rule", shown, {
            "x": q("low", scale=scale, title=title), "x2": upto("high"), "y": y,
            "color": n("kind", legend=None, scale={**kinds, "range": [LIGHT[tone] for tone, _ in TONES.values()]}),
            "strokeDash": n("kind", legend=None, scale={**kinds, "range": [dash for _, dash in TONES.values()]}),
        }, strokeWidth=1.4),
        mark("square", of(rows, kind="trial"), {
            "x": x, "y": y, "size": q("weight", legend=None, scale={"domain": [0, 1], "range": [36, 260]}),
        }, filled=True, opacity=1, color=LIGHT["ink"]),
        mark("point", [r for r in of(rows, kind="comparator") if r["y"] is not None], {"x": x, "y": y},
             filled=True, fill=LIGHT["paper"], stroke=LIGHT["soft"], size=52, opacity=1),
        *_diamonds(rows, y, scale),
    ]  # fmt: skip
    middle = {
        "vconcat": [panel(layers, width, height), _favours(first, scale, width, size, narrow)],
        "spacing": 4,
    }
    words = _column(rows, y, "words", 118 if narrow else 330, height, size)
    numbers = _column(rows, y, "numbers", 106 if narrow else 150, height, size)
    head = {"text": first["title"], "anchor": "start",
            "subtitle": [""] if narrow else [first["subtitle"], *first["notes"]]}  # fmt: skip
    return dressed({"hconcat": [words, middle, numbers], "spacing": 8, "title": head}, narrow)


def _row(place: int, line: Datum, narrow: bool) -> Datum:
    """A line with its words and numbers; a phone leaves the words room for about twenty letters."""
    low, high, weight = line["low"], line["high"], line["weight"]
    span = "" if low is None or high is None else f"({low:.2f} to {high:.2f})"
    numbers = (
        span
        if line["kind"] == "predicted"
        else ""
        if line["y"] is None
        else f"{line['y']:.2f} {span}".strip()
    )
    if line["kind"] == "trial" and weight is not None and weight < 1 and not narrow:
        numbers += f"  {100 * weight:.0f}%"
    label = str(SHORT.get(line["kind"], line["label"]) if narrow else line["label"])
    detail = f" · {line['detail']}" if line["detail"] and not narrow else ""
    bold = line["kind"] in ("pooled", "heading", "absent")
    return {
        **line,
        "place": place,
        "words": label + detail,
        "numbers": numbers,
        "bold": bold,
        "weight": weight or 0.0,
    }


def _column(rows: list[Datum], y: Spec, name: str, width: int, height: int, size: float) -> Spec:
    at = {"x": {"value": 0}, "y": y, "text": n(name)}
    look: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": size, "limit": width}
    parts = [
        mark("text", of(rows, bold=bold), at, **look, fontWeight="bold" if bold else "normal")
        for bold in (False, True)
    ]
    return panel(parts, width, height)


def _diamonds(rows: list[Datum], y: Spec, scale: Spec) -> list[Spec]:
    """Each pooled line as a diamond whose tips are the ends of its interval."""
    drawn = []
    for row in of(rows, kind="pooled"):
        corners = [
            (row["low"], 0.0),
            (row["y"], -TALL),
            (row["high"], 0.0),
            (row["y"], TALL),
            (row["low"], 0.0),
        ]
        points = [{"x": x, "place": row["place"] + up, "order": i} for i, (x, up) in enumerate(corners)]
        drawn.append(
            mark("line", points, {"x": q("x", scale=scale), "y": y, "order": q("order")},
                 interpolate="linear-closed", fill=LIGHT["drug"], stroke=LIGHT["drug"], strokeWidth=1, opacity=1)
        )  # fmt: skip
    return drawn


def _favours(first: Datum, scale: Spec, width: int, size: float, narrow: bool) -> Spec:
    """What lies left and right of no difference, in words under the axis."""
    left, right = (
        first[side].removeprefix("favours ") if narrow else first[side] for side in ("left", "right")
    )
    words = [{"x": NULL, "left": f"← {left}", "right": f"{right} →"}]
    look: dict[str, Any] = {"fontSize": size - 1.5, "color": LIGHT["soft"], "baseline": "middle"}
    x = q("x", scale=scale, axis=None)
    parts = [
        mark("text", words, {"x": x, "text": n("left")}, align="right", dx=-6, **look),
        mark("text", words, {"x": x, "text": n("right")}, align="left", dx=6, **look),
    ]
    return panel(parts, width, 16)
