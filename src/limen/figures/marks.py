"""The parts figures are put together from: Vega-Lite dictionaries, and a median line between its 50% and 90% bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from limen.figures.theme import LIGHT, Colour, Spec, fill
from limen.parameters.load import EvidenceStatus

Datum = dict[str, Any]
QUANTILES = ("median", "q05", "q25", "q75", "q95")


def mark(kind: str, rows: Sequence[Datum], encoding: Spec, **look: Any) -> Spec:
    """One mark over rows of its own, of which only what the encoding reads is carried along."""
    read = dict.fromkeys(channel["field"] for channel in encoding.values() if "field" in channel)
    values = [{name: row[name] for name in read if name in row} for row in rows]
    return {"data": {"values": values}, "mark": {"type": kind, **look}, "encoding": encoding}


def q(field: str, **given: Any) -> Spec:
    """A quantitative channel."""
    return {"field": field, "type": "quantitative", **given}


def n(field: str, **given: Any) -> Spec:
    """A nominal channel."""
    return {"field": field, "type": "nominal", **given}


def exact(field: str) -> Spec:
    """A channel whose values are what is drawn: a colour, an opacity."""
    return {"field": field, "type": "nominal", "scale": None, "legend": None}


def upto(field: str) -> Spec:
    """The second end of a stretch."""
    return {"field": field}


def exactly(low: float, high: float) -> Spec:
    """A scale that runs exactly so."""
    return {"domain": [low, high], "nice": False, "zero": False}


def around(low: float, high: float, room: float = 0.0) -> Spec:
    """A scale over a range with the share `room` of it left free on both sides."""
    pad = room * (high - low or 1.0)
    return exactly(low - pad, high + pad)


def weeks(rows: Sequence[Datum]) -> Spec:
    """The axis of weeks, from the first of the rows to the last."""
    at = [r["x"] for r in rows]
    axis = {"tickCount": 8, "tickMinStep": 1, "format": "d"}
    return q("x", title="week", axis=axis, scale=exactly(min(at), max(at)))


def panel(
    parts: Sequence[Any], width: float, height: float, title: str = "", lines: Sequence[str] = ()
) -> Spec:
    """Layers in one frame; the title doubles as the title of the vertical axis. Lists of layers are laid flat."""
    flat = [layer for part in parts for layer in (part if isinstance(part, list) else [part])]
    head = (
        {"title": {"text": title, **({"subtitle": list(lines)} if lines else {})}} if title or lines else {}
    )
    return {"layer": flat, "width": width, "height": height, **head}


def beside(panels: Sequence[Spec], spacing: int = 54) -> Spec:
    """Panels in a row with their frames aligned, whatever the length of their labels."""
    return {"hconcat": list(panels), "spacing": spacing, "bounds": "flush"}


def stacked(panels: Sequence[Spec], spacing: int = 28) -> Spec:
    """Panels one below the other."""
    return {"vconcat": list(panels), "spacing": spacing}


def ribbon(
    rows: Sequence[Datum],
    x: Spec,
    y: Spec,
    colour: Colour,
    style: Spec,
    status: EvidenceStatus = "measured",
    **look: Any,
) -> list[Spec]:
    """Bands and median of one or several arms. Arms differ by `style`; the 90% band shows the `status`."""
    weight = look.pop("strokeWidth", 2.0)
    rows = rows if look.get("interpolate") == "step" else thinned(rows)

    def band(low: str, high: str, opacity: float, paint: str) -> Spec:
        encoding = {"x": x, "y": {**y, "field": low}, "y2": upto(high), "detail": n("arm")}
        return mark("area", rows, encoding, color=paint, opacity=opacity, clip=True, **look)

    line = {"x": x, "y": {**y, "field": "median"}, "strokeDash": style}
    return [
        band("q05", "q95", 0.16 if status == "measured" else 0.5, fill(colour, status)),
        band("q25", "q75", 0.26, LIGHT[colour]),
        mark("line", rows, line, color=LIGHT[colour], strokeWidth=weight, clip=True, **look),
    ]


def circles(rows: Sequence[Datum], x: Spec, y: Spec, size: int) -> list[Spec]:
    """Published values as open circles; no layer where there are none."""
    look = {"shape": "circle", "filled": False, "strokeWidth": 2.2, "color": LIGHT["ink"], "opacity": 1}
    return [mark("point", rows, {"x": x, "y": y}, size=size, **look)] if rows else []


def thinned(rows: Sequence[Datum]) -> list[Datum]:
    """The rows of each arm without those that lie, in every quantile, within a screen's eye (a four-hundredth of the range)
    of the straight line between their neighbours."""
    eye = (max(r["q95"] for r in rows) - min(r["q05"] for r in rows)) / 400
    kept: list[Datum] = []
    for arm in distinct(rows, "arm"):
        own = of(rows, arm=arm)
        x, y = np.array([r["x"] for r in own]), np.array([[r[name] for r in own] for name in QUANTILES])
        ends, open_ = {0, len(own) - 1}, [(0, len(own) - 1)]
        while open_:
            i, j = open_.pop()
            if j - i < 2:
                continue
            along = (x[i + 1 : j] - x[i]) / (x[j] - x[i])
            off = np.abs(y[:, i + 1 : j] - (y[:, [i]] + (y[:, [j]] - y[:, [i]]) * along)).max(0)
            if off.max() > eye:
                k = i + 1 + int(off.argmax())
                ends.add(k)
                open_ += [(i, k), (k, j)]
        kept += [own[k] for k in sorted(ends)]
    return kept


def distinct(rows: Sequence[Datum], column: str) -> list[Any]:
    """Values of a column in the order in which they come, without those left open."""
    return [value for value in dict.fromkeys(row.get(column) for row in rows) if value is not None]


def of(rows: Sequence[Datum], **wanted: Any) -> list[Datum]:
    """The rows whose columns have these values."""
    return [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]


def signed(value: float) -> str:
    """A change with its sign in no more digits than can be seen."""
    text = f"{abs(value):.1f}" if abs(value) >= 0.05 else f"{abs(value):.2f}" if abs(value) >= 0.005 else "0"
    return ("\N{MINUS SIGN}" if value < 0 and float(text) else "+" if float(text) else "") + text


def share_words(share: float) -> str:
    """A share for a label: one decimal below a tenth."""
    return f"{100 * share:.1f}%" if share < 0.1 else f"{100 * share:.0f}%"
