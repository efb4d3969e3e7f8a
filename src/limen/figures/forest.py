"""A forest plot a journal would print: one line a trial, weights, the pooled diamond, or the honest absence
of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt

from limen.figures.theme import LIGHT, dressed, table

Kind = Literal["trial", "pooled", "predicted", "absent", "comparator", "heading"]


@dataclass(frozen=True)
class Line:
    """One line: its words left, its effect and interval in the middle, the numbers right."""

    kind: Kind
    label: str
    detail: str = ""
    y: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None


@dataclass(frozen=True)
class Forest:
    """All lines from top to bottom. `left` and `right` say what each direction favours."""

    title: str
    subtitle: str
    axis: str
    left: str
    right: str
    lines: Sequence[Line]
    null: float = 0.0
    footnotes: Sequence[str] = field(default_factory=tuple)


ROW, TEXT = 25, 13
TALL = 0.3  # half the height of a diamond, in rows


def chart(forest: Forest, narrow: bool = False) -> Any:
    """Squares sized by weight with their intervals, a diamond for the pool, comparators as open circles."""
    size = 10.5 if narrow else TEXT
    lines = list(forest.lines)
    rows = [_row(number, line, shares=not narrow) for number, line in enumerate(lines)]
    height = ROW * len(lines)
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[len(lines) - 0.5, -0.5], nice=False, zero=False))
    ends = [x for line in lines for x in (line.low, line.high, line.y) if x is not None] + [forest.null]
    pad = 0.06 * (max(ends) - min(ends) or 1)
    scale = alt.Scale(domain=[min(ends) - pad, max(ends) + pad], nice=True)
    x = alt.X(
        "y:Q",
        title=forest.axis,
        scale=scale,
        axis=alt.Axis(grid=False, tickCount=3 if narrow else 6, format="~g"),
    )
    data = table(rows)
    words = _column(data, y, "label", 118 if narrow else 330, height, size)
    numbers = _column(data, y, "numbers", 106 if narrow else 150, height, size)
    base = alt.Chart(data).encode(y=y)
    zero = (
        alt.Chart(table([{"x": forest.null}]))
        .mark_rule(color=LIGHT["soft"], strokeDash=[4, 3], strokeWidth=1)
        .encode(x=alt.X("x:Q", scale=scale))
    )
    shown = "isValid(datum.low) && datum.kind != 'pooled'"
    whisker = base.transform_filter(shown).mark_rule(strokeWidth=1.4).encode(
        x=alt.X("low:Q", scale=scale, title=forest.axis), x2="high:Q", color=_colour(), strokeDash=_dash()
    )  # fmt: skip
    square = base.transform_filter("datum.kind == 'trial'").mark_square(filled=True, opacity=1, color=LIGHT["ink"]).encode(
        x=x, size=alt.Size("weight:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[36, 260]))
    )  # fmt: skip
    circle = base.transform_filter("datum.kind == 'comparator' && isValid(datum.y)").mark_point(
        filled=True, fill=LIGHT["paper"], stroke=LIGHT["soft"], size=52, opacity=1
    ).encode(x=x)  # fmt: skip
    layers = [zero, whisker, square, circle, *_diamonds(lines, y, scale)]
    middle = alt.layer(*layers).properties(width=116 if narrow else 360, height=height)
    favours = _favours(forest, scale, 116 if narrow else 360, size)
    whole = alt.hconcat(words, alt.vconcat(middle, favours, spacing=4), numbers, spacing=8)
    title = alt.Title(forest.title, subtitle=[forest.subtitle, *forest.footnotes], anchor="start")
    return dressed(whole.properties(title=title), narrow)


def _row(number: int, line: Line, shares: bool) -> dict[str, Any]:
    interval = ""
    if line.y is not None:
        interval = f"{line.y:.2f}"
        if line.low is not None and line.high is not None:
            interval += f" ({line.low:.2f} to {line.high:.2f})"
    if line.kind == "predicted" and line.low is not None and line.high is not None:
        interval = f"({line.low:.2f} to {line.high:.2f})"
    share = (
        f"  {100 * line.weight:.0f}%"
        if shares and line.weight is not None and line.weight < 1 and line.kind == "trial"
        else ""
    )
    return {
        "place": number,
        "kind": line.kind,
        "label": f"{line.label}{' · ' + line.detail if line.detail else ''}",
        "bold": line.kind in ("pooled", "heading", "absent"),
        "numbers": interval + share,
        "y": line.y,
        "low": line.low,
        "high": line.high,
        "weight": line.weight or 0.0,
    }


def _column(data: alt.InlineData, y: alt.Y, name: str, width: int, height: int, size: float) -> Any:
    base = alt.Chart(data).encode(y=y, x=alt.value(0), text=f"{name}:N")
    look: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": size, "limit": width}
    plain = base.transform_filter("!datum.bold").mark_text(**look)
    bold = base.transform_filter("datum.bold").mark_text(fontWeight="bold", **look)
    return alt.layer(plain, bold).properties(width=width, height=height)


def _colour() -> alt.Color:
    kinds = ["trial", "predicted", "comparator"]
    tones = [LIGHT["ink"], LIGHT["drug"], LIGHT["soft"]]
    return alt.Color("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=tones))


def _dash() -> alt.StrokeDash:
    scale = alt.Scale(domain=["trial", "predicted", "comparator"], range=[[1, 0], [4, 3], [1, 0]])
    return alt.StrokeDash("kind:N", legend=None, scale=scale)


def _diamonds(lines: Sequence[Line], y: alt.Y, scale: alt.Scale) -> list[Any]:
    """Each pooled line as a diamond whose tips are the ends of its interval."""
    drawn: list[Any] = []
    for number, line in enumerate(lines):
        if line.kind != "pooled" or line.y is None or line.low is None or line.high is None:
            continue
        corners = [(line.low, 0.0), (line.y, -TALL), (line.high, 0.0), (line.y, TALL), (line.low, 0.0)]
        points = [{"x": x, "place": number + up, "order": i} for i, (x, up) in enumerate(corners)]
        outline = alt.Chart(table(points)).mark_line(
            interpolate="linear-closed", fill=LIGHT["drug"], stroke=LIGHT["drug"], strokeWidth=1, opacity=1
        )
        drawn.append(outline.encode(x=alt.X("x:Q", scale=scale), y=y, order="order:Q"))
    return drawn


def _favours(forest: Forest, scale: alt.Scale, width: int, size: float) -> Any:
    """What lies left and right of no difference, in words under the axis."""
    words = [{"x": forest.null, "left": f"← {forest.left}", "right": f"{forest.right} →"}]
    base = alt.Chart(table(words)).encode(x=alt.X("x:Q", scale=scale, axis=None))
    look: dict[str, Any] = {"fontSize": size - 1.5, "color": LIGHT["soft"], "baseline": "middle"}
    left = base.mark_text(align="right", dx=-6, **look).encode(text="left:N")
    right = base.mark_text(align="left", dx=6, **look).encode(text="right:N")
    return alt.layer(left, right).properties(width=width, height=16)
