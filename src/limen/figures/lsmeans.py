"""Least-squares means of each arm over visits, and under them their differences from control, with intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import altair as alt

from limen.figures.curves import panel
from limen.figures.theme import DASHES, LIGHT, dressed, table

SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")
# Horizontal distance between neighbouring arms at one visit, in the drawing's units: intervals must not overlap.
APART = 9


class Line(Protocol):
    @property
    def contrast(self) -> str: ...
    @property
    def visit(self) -> str: ...
    @property
    def estimate(self) -> float: ...
    @property
    def ci_low(self) -> float: ...
    @property
    def ci_high(self) -> float: ...
    @property
    def n(self) -> int: ...


class Analysis(Protocol):
    @property
    def visits(self) -> Sequence[str]: ...
    @property
    def arms(self) -> Sequence[str]: ...
    @property
    def level(self) -> float: ...
    @property
    def means(self) -> Sequence[Line]: ...
    @property
    def estimates(self) -> Sequence[Line]: ...


def chart(analysis: Analysis, outcome: str, visit_name: str = "visit", narrow: bool = False) -> Any:
    """Two panels on one axis of visits. The control is open and soft, other arms are ink: shape, dash and label
    tell them apart, never colour alone. Visits with numeric names stand at their distance in time."""
    numeric = all(_is_number(visit) for visit in analysis.visits)
    width = 300 if narrow else 640
    control, *others = analysis.arms
    percent = f"{100 * analysis.level:g}% confidence intervals"
    means = _records(analysis.means, list(analysis.arms), analysis.visits, numeric)
    above = _panel(means, list(analysis.arms), control, visit_name, analysis.visits, numeric, False)
    above = above.properties(
        width=width, height=200 if narrow else 250, title=panel(f"{outcome}: adjusted mean", [percent])
    )
    names = [f"{arm} - {control}" for arm in others]
    lines = _records(analysis.estimates, names, analysis.visits, numeric)
    for record in lines:
        record["arm"] = record["arm"].removesuffix(f" - {control}")
    title = f"{others[0]} minus {control}" if len(others) == 1 else f"difference from {control}"
    below = _panel(lines, others, control, visit_name, analysis.visits, numeric, True)
    below = below.properties(width=width, height=130 if narrow else 160, title=panel(title))
    return dressed(alt.vconcat(above, below, spacing=14).resolve_scale(x="shared"), narrow)


def _records(
    lines: Sequence[Line], names: list[str], visits: Sequence[str], numeric: bool
) -> list[dict[str, Any]]:
    return [
        {
            "arm": line.contrast,
            "x": float(line.visit) if numeric else float(list(visits).index(line.visit)),
            "shift": APART * (names.index(line.contrast) - (len(names) - 1) / 2),
            "estimate": line.estimate,
            "low": line.ci_low,
            "high": line.ci_high,
            "n": line.n,
        }
        for line in lines
    ]


def _panel(
    records: list[dict[str, Any]],
    arms: list[str],
    control: str,
    visit_name: str,
    visits: Sequence[str],
    numeric: bool,
    last: bool,
) -> Any:
    places = sorted({record["x"] for record in records})
    gap = min((b - a for a, b in pairwise(places)), default=1.0)
    # The last visit leaves room for the arm's name.
    domain = [places[0] - 0.35 * gap, places[-1] + (1.0 if not last or len(arms) > 1 else 0.35) * gap]
    labels: Any = alt.Undefined if numeric else f"{json.dumps(list(visits))}[datum.value]"
    axis = alt.Axis(
        values=places, labels=last, ticks=last, domain=last, grid=False, format="~g", labelExpr=labels
    )
    x = alt.X(
        "x:Q", title=visit_name if last else None, axis=axis, scale=alt.Scale(domain=domain, nice=False)
    )
    y = alt.Y(
        "estimate:Q", title=None, axis=alt.Axis(tickCount=6, titlePadding=8), scale=alt.Scale(zero=last)
    )
    names = [control, *[arm for arm in arms if arm != control]]
    colour = alt.Color(
        "arm:N",
        legend=None,
        scale=alt.Scale(domain=names, range=[LIGHT["soft"], *[LIGHT["ink"]] * (len(names) - 1)]),
    )
    shape = alt.Shape("arm:N", legend=None, scale=alt.Scale(domain=names, range=_cycle(SHAPES, len(names))))
    dashes = [[4, 3], *[list(DASHES[i % len(DASHES)]) for i in range(len(names) - 1)]]
    stroke = alt.StrokeDash("arm:N", legend=None, scale=alt.Scale(domain=names, range=dashes))
    layers: list[alt.Chart] = []
    if last:
        zero = alt.Chart(table([{"zero": 0.0}])).mark_rule(color=LIGHT["soft"], strokeWidth=1)
        layers.append(zero.encode(y=alt.Y("zero:Q")))
    furthest = max(record["shift"] for record in records)
    heights = _label_heights(records)
    for arm in arms:
        own = [record for record in records if record["arm"] == arm]
        shift = own[0]["shift"]
        plain = alt.Chart(table(own)).encode(x=x)
        base = plain.encode(color=colour)
        layers.append(base.mark_line(strokeWidth=1.8, xOffset=shift).encode(y=y, strokeDash=stroke))
        rule = base.mark_rule(strokeWidth=1.5, xOffset=shift)
        layers.append(rule.encode(y=alt.Y("low:Q", title=None), y2=alt.Y2("high:Q")))
        ink = LIGHT["soft" if arm == control else "ink"]
        inside = LIGHT["paper"] if arm == control else ink
        point = plain.mark_point(size=70, fill=inside, stroke=ink, strokeWidth=1.8, opacity=1, xOffset=shift)
        layers.append(point.encode(y=y, shape=shape))
        if len(arms) > 1:
            end = alt.Chart(table([{**own[-1], "estimate": heights[arm]}]))
            words = end.mark_text(align="left", dx=furthest + 11, fontWeight="bold")
            layers.append(words.encode(x=x, y=y, text="arm:N", color=colour))
    return alt.layer(*layers)


def _label_heights(records: list[dict[str, Any]]) -> dict[str, float]:
    """Where each arm's name stands beside its last mean: moved up just enough not to cover another name."""
    room = 0.085 * (max(r["high"] for r in records) - min(r["low"] for r in records))
    heights: dict[str, float] = {}
    for record in sorted(({r["arm"]: r for r in records}).values(), key=lambda r: r["estimate"]):
        lowest = max(heights.values(), default=-float("inf")) + room
        heights[record["arm"]] = max(record["estimate"], lowest)
    return heights


def _cycle(values: Sequence[str], count: int) -> list[str]:
    return [values[i % len(values)] for i in range(count)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
