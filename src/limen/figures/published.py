"""Published values as open circles over the intervals that limen predicted, a panel for each group and unit."""

from __future__ import annotations

from collections.abc import Sequence

from limen.calibration.validation import Validation
from limen.figures.figure import Figure
from limen.figures.marks import (
    Datum,
    around,
    circles,
    distinct,
    exactly,
    mark,
    n,
    of,
    panel,
    q,
    stacked,
    upto,
)
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "role": "predicted, or calibrated to",
    "group": "what kind of quantity",
    "axis": "what the numbers count",
    "name": "the published value",
    "low": "lower end of the 90% predictive interval",
    "median": "its median",
    "high": "its upper end",
    "published": "the published value",
    "inside": "whether it lies in the interval",
}
RATIO = "times the predicted median"
ROW = 17


def table(v: Validation, role: str) -> list[Datum]:
    """One line a target with a number; exposures, whose units differ, over their predicted median."""
    lines = []
    for p in (p for p in v.of(role) if p.published is not None):
        by, axis = (p.median, RATIO) if p.group == "exposure" else (1.0, p.unit)
        values = {"low": p.low, "median": p.median, "high": p.high, "published": p.published or 0.0}
        lines.append(
            {"role": role, "group": p.group, "axis": axis, "name": p.name, "inside": p.inside}
            | {key: value / by for key, value in values.items()}
        )
    return lines


def chart(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    """Panels one below the other, as high as they have lines."""
    panels = [
        _panel(of(rows, group=group, axis=axis), f"{group}, {axis}", narrow)
        for group in distinct(rows, "group")
        for axis in distinct(of(rows, group=group), "axis")
    ]
    return dressed(stacked(panels, 22), narrow)


def _panel(rows: list[Datum], title: str, narrow: bool) -> Spec:
    ends = [row[end] for row in rows for end in ("low", "high", "published")]
    ratio = rows[0]["axis"] == RATIO
    low, high = min(ends), max(ends)
    room = 1.06
    scale = {"type": "log", **exactly(low / room, high * room)} if ratio else around(low, high, room - 1)
    axis = {"tickCount": 3 if narrow else 7}
    limit = 150 if narrow else 430
    x = q("median", scale=scale, axis=axis, title=None)
    y = n("name", sort=None, title=None, axis={"labelLimit": limit, "minExtent": limit, "maxExtent": limit,
                                               "labelFontSize": 9 if narrow else 12, "grid": False})  # fmt: skip
    span = {"x": {**x, "field": "low"}, "x2": upto("high"), "y": y}
    layers = [
        mark("rule", rows, span, strokeWidth=7, color=LIGHT["rule"], strokeCap="round"),
        mark("tick", rows, {"x": x, "y": y}, thickness=2, size=9, color=LIGHT["soft"]),
        circles(of(rows, inside=True), {**x, "field": "published"}, y, 46),
        _outside(of(rows, inside=False), {**x, "field": "published"}, y),
    ]
    return panel(layers, 150 if narrow else 480, ROW * len(rows), title)


def _outside(rows: list[Datum], x: Spec, y: Spec) -> list[Spec]:
    """Values outside their interval: a wider ring around the circle, so that they are found without colour."""
    look = {"shape": "circle", "filled": False, "strokeWidth": 1.2, "color": LIGHT["ink"], "opacity": 1}
    return [
        *circles(rows, x, y, 46),
        *([mark("point", rows, {"x": x, "y": y}, size=170, **look)] if rows else []),
    ]


def published_figures(v: Validation) -> list[Figure]:
    """Of what was predicted, and of what was calibrated to."""
    found = []
    for name, role in (("predicted", "predicted"), ("calibrated", "calibrated to")):
        rows, covered = table(v, role), v.covered(role)
        if rows and covered is not None:
            sentence = f"{covered.inside} of {covered.of} published values (open circles) lie in their 90% interval (bars, the median a tick); a double ring is outside."
            found.append(
                Figure(
                    name,
                    f"Published values and what was {role}",
                    sentence,
                    "One line a published value; the table is that of limen validate.",
                    rows,
                    chart,
                )
            )
    return found


def drawn(v: Validation) -> Figure:
    """The figure of a validation in a notebook: what was predicted."""
    return published_figures(v)[0]
