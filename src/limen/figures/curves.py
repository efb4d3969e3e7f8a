"""The layers most figures share: a median line between its 50% and 90% bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.shapes import Curve
from limen.figures.theme import LIGHT, Colour, Status, fill, table

Row = dict[str, Any]


def rows(curve: Curve, **labels: object) -> list[Row]:
    """One record per point of the curve: `x`, `median`, `q05` ... `q95`, and the labels given."""
    points = zip(curve.at, curve.median, curve.q05, curve.q25, curve.q75, curve.q95, strict=True)
    names = ("x", "median", "q05", "q25", "q75", "q95")
    return [{**dict(zip(names, map(_short, point), strict=True)), **labels} for point in points]


def ribbon(
    data: Sequence[Row],
    x: alt.X,
    y: alt.Y,
    colour: Colour,
    style: alt.StrokeDash,
    status: Status = "measured",
    interpolate: str = "linear",
    weight: float = 2.0,
) -> list[alt.Chart]:
    """Bands and median of one or several arms. Arms differ by `style`; the 90% band shows the `status`."""
    base = alt.Chart(table(data)).encode(x=x)
    held: Any = interpolate

    def band(low: str, high: str, opacity: float, paint: str) -> alt.Chart:
        mark = base.mark_area(color=paint, opacity=opacity, interpolate=held, clip=True)
        return mark.encode(y=_field(y, low), y2=alt.Y2(f"{high}:Q"), detail="arm:N")

    line = base.mark_line(color=LIGHT[colour], strokeWidth=weight, interpolate=held, clip=True)
    return [
        band("q05", "q95", 0.16 if status == "measured" else 0.5, fill(colour, status)),
        band("q25", "q75", 0.26, LIGHT[colour]),
        line.encode(y=_field(y, "median"), strokeDash=style),
    ]


def thinned(values: Sequence[Row], limit: int = 160) -> list[Row]:
    """Every k-th record, so that no more than about `limit` remain: a line on paper needs no more."""
    step = max(1, -(-len(values) // limit))
    return list(values[::step])


def panel(text: str, lines: Sequence[str] = ()) -> alt.TitleParams:
    """A panel's title, which doubles as the title of its vertical axis, with optional lines below it."""
    return alt.TitleParams(text, subtitle=list(lines)) if lines else alt.TitleParams(text)


def layered(*parts: Any) -> Any:
    """One layer of all parts, lists of charts among them: flat, since each level of nesting is copied again."""
    return alt.layer(*[chart for part in parts for chart in (part if isinstance(part, list) else [part])])


def framed(chart: Any, **given: Any) -> Any:
    """Size and title of a panel just built, set in place: `properties` would copy all of it."""
    for name, value in given.items():
        chart[name] = value
    return chart


def beside(panels: Sequence[Any]) -> alt.HConcatChart:
    """Panels in a row with their frames aligned, whatever the length of their labels."""
    return alt.hconcat(*panels, spacing=54, bounds="flush")


def stacked(panels: Sequence[Any], spacing: int = 28) -> alt.VConcatChart:
    """Panels one below the other."""
    return alt.vconcat(*panels, spacing=spacing)


def _field(y: alt.Y, name: str) -> alt.Y:
    field = y.copy()
    field.shorthand = f"{name}:Q"
    return field


def _short(value: float) -> float:
    return float(f"{value:.4g}")
