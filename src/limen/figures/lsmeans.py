"""Least-squares means of each arm over visits, and under them their differences from control, with intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

from limen.figures.marks import Datum, distinct, exactly, mark, n, of, panel, q, upto
from limen.figures.theme import DASHES, LIGHT, Spec, dressed

COLUMNS = {
    "panel": "mean of an arm, or difference from control",
    "arm": "the arm; of a difference the one compared with control",
    "visit": "visit, in order",
    "estimate": "adjusted mean, or difference",
    "low": "lower end of its interval",
    "high": "upper end",
    "n": "people it rests on",
    "level": "coverage of the intervals",
    "outcome": "name of the score",
    "visit_name": "what visits are counted in",
    "control": "the arm that others are compared with",
}
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")
# Horizontal distance between neighbouring arms at one visit, in the drawing's units: intervals must not overlap.
APART = 9


def table(analysis: Any, outcome: str, visit_name: str = "visit") -> list[Datum]:
    """The rows of an analysis by visit."""
    control = analysis.arms[0]
    shared = {"level": analysis.level, "outcome": outcome, "visit_name": visit_name, "control": control}
    return [
        {"panel": kind, "arm": line.contrast.removesuffix(f" - {control}"), "visit": line.visit,
         "estimate": line.estimate, **ends(line), "n": line.n, **shared}
        for kind, lines in (("mean", analysis.means), ("difference", analysis.estimates))
        for line in lines
    ]  # fmt: skip


def ends(line: Any) -> dict[str, float]:
    """The ends of an interval as drawn: a one-sided one has no line on its open side."""
    drawn = (end if isfinite(end) else line.estimate for end in (line.ci_low, line.ci_high))
    return dict(zip(("low", "high"), drawn, strict=True))


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Two panels on one axis of visits. The control is open and soft, other arms are ink: shape, dash and label
    tell them apart, never colour alone. Visits with numeric names stand at their distance in time."""
    first, width = table[0], 300 if narrow else 640
    means, lines = (_placed(of(table, panel=kind), table) for kind in ("mean", "difference"))
    percent = f"{100 * first['level']:g}% confidence intervals"
    above = panel(_panel(means, first, table, last=False), width, 200 if narrow else 250,
                  f"{first['outcome']}: adjusted mean", [percent])  # fmt: skip
    others = distinct(lines, "arm")
    title = (
        f"{others[0]} minus {first['control']}" if len(others) == 1 else f"difference from {first['control']}"
    )
    below = panel(_panel(lines, first, table, last=True), width, 130 if narrow else 160, title)
    return dressed({"vconcat": [above, below], "spacing": 14, "resolve": {"scale": {"x": "shared"}}}, narrow)


def _placed(rows: list[Datum], table: Sequence[Datum]) -> list[Datum]:
    """Rows with their place on the axis of visits, and the arm's shift beside its neighbours."""
    visits, arms = distinct(table, "visit"), distinct(rows, "arm")
    numeric = all(map(_is_number, visits))
    return [
        {**r, "x": float(r["visit"]) if numeric else float(visits.index(r["visit"])),
         "shift": APART * (arms.index(r["arm"]) - (len(arms) - 1) / 2)}
        for r in rows
    ]  # fmt: skip


def _panel(rows: list[Datum], first: Datum, table: Sequence[Datum], last: bool) -> list[Spec]:
    x, y = _axes(rows, first, table, last)
    arms, control = distinct(rows, "arm"), first["control"]
    names = [control, *[arm for arm in arms if arm != control]]
    dashes = [[4, 3], *[list(DASHES[i % len(DASHES)]) for i in range(len(names) - 1)]]
    inks = [LIGHT["soft"], *[LIGHT["ink"]] * (len(names) - 1)]
    colour = n("arm", legend=None, scale={"domain": names, "range": inks})
    shapes = [SHAPES[i % len(SHAPES)] for i in range(len(names))]
    shape = n("arm", legend=None, scale={"domain": names, "range": shapes})
    stroke = n("arm", legend=None, scale={"domain": names, "range": dashes})
    layers = (
        [mark("rule", [{"zero": 0.0}], {"y": q("zero")}, color=LIGHT["soft"], strokeWidth=1)] if last else []
    )
    furthest, heights = max(r["shift"] for r in rows), _label_heights(rows)
    for arm in arms:
        own = of(rows, arm=arm)
        shift, ink = own[0]["shift"], LIGHT["soft" if arm == control else "ink"]
        inside = LIGHT["paper"] if arm == control else ink
        layers += [
            mark("line", own, {"x": x, "y": y, "color": colour, "strokeDash": stroke}, strokeWidth=1.8, xOffset=shift),
            mark("rule", own, {"x": x, "y": q("low", title=None), "y2": upto("high"), "color": colour},
                 strokeWidth=1.5, xOffset=shift),
            mark("point", own, {"x": x, "y": y, "shape": shape},
                 size=70, fill=inside, stroke=ink, strokeWidth=1.8, opacity=1, xOffset=shift),
        ]  # fmt: skip
        if len(arms) > 1:
            end = [{**own[-1], "estimate": heights[arm]}]
            layers.append(mark("text", end, {"x": x, "y": y, "text": n("arm"), "color": colour},
                               align="left", dx=furthest + 11, fontWeight="bold"))  # fmt: skip
    return layers


def _axes(rows: list[Datum], first: Datum, table: Sequence[Datum], last: bool) -> tuple[Spec, Spec]:
    """The axis of visits, labelled in the last panel, with room for the arm's name; and that of the estimates."""
    places, visits = sorted({r["x"] for r in rows}), distinct(table, "visit")
    gap = min((b - a for a, b in pairwise(places)), default=1.0)
    crowded = not last or len(distinct(rows, "arm")) > 1
    axis: Spec = {
        "values": places,
        "labels": last,
        "ticks": last,
        "domain": last,
        "grid": False,
        "format": "~g",
    }
    if not all(map(_is_number, visits)):
        axis["labelExpr"] = f"{json.dumps(visits)}[datum.value]"
    domain = exactly(places[0] - 0.35 * gap, places[-1] + (1.0 if crowded else 0.35) * gap)
    x = q("x", title=first["visit_name"] if last else None, axis=axis, scale=domain)
    return x, q("estimate", title=None, axis={"tickCount": 6, "titlePadding": 8}, scale={"zero": last})


def _label_heights(rows: list[Datum]) -> dict[str, float]:
    """Where each arm's name stands beside its last mean: moved up just enough not to cover another name."""
    room = 0.085 * (max(r["high"] for r in rows) - min(r["low"] for r in rows))
    heights: dict[str, float] = {}
    for row in sorted(({r["arm"]: r for r in rows}).values(), key=lambda r: r["estimate"]):
        lowest = max(heights.values(), default=-float("inf")) + room
        heights[row["arm"]] = max(row["estimate"], lowest)
    return heights


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
