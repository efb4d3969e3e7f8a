"""Markers with the link to the drug switched off and on: what nobody has measured, at both of its extremes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, framed, layered, panel, ribbon, rows, thinned
from limen.figures.shapes import Marker
from limen.figures.theme import dash, dressed


def data(markers: Sequence[Marker]) -> list[Row]:
    """Band of each marker over time with its switch at 0 and at 1."""
    return [
        row
        for m in markers
        for switch, curve in ((0, m.off), (1, m.on))
        for row in rows(curve, marker=m.name, switch=switch, unit=m.unit, x_unit=curve.at_unit, arm="all")
    ]


def chart(markers: Sequence[Marker], narrow: bool = False) -> Any:
    """Small multiples: a row per marker, switch 0 beside switch 1 on one vertical axis."""
    width, height = (138, 84) if narrow else (430, 96)
    records = data(markers)
    stacked = []
    for marker in markers:
        own = [r for r in records if r["marker"] == marker.name]
        low, high = min(r["q05"] for r in own), max(r["q95"] for r in own)
        pad = 0.06 * (high - low or 1.0)
        pair = []
        for switch in (0, 1):
            kept = thinned([r for r in own if r["switch"] == switch], 120)
            x = alt.X(
                "x:Q", title=None, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=4 if narrow else 7)
            )
            y = alt.Y("median:Q", title=None, scale=alt.Scale(domain=[low - pad, high + pad], nice=False, zero=False),
                      axis=alt.Axis(tickCount=4, labels=switch == 0))  # fmt: skip
            mark = ribbon(kept, x, y, "drug" if switch else "ink", dash(["all"], legend=False))
            title = f"{marker.name}, {marker.unit}" if switch == 0 else ""
            lines = [
                f"switch {switch}: {'as if the link holds' if switch else 'no link'}, {marker.status if switch else 'null'}"
            ]
            if narrow:
                lines = [f"switch {switch}"]
            pair.append(framed(layered(mark), width=width, height=height, title=panel(title or " ", lines)))
        stacked.append(alt.hconcat(*pair, spacing=14))
    return dressed(alt.vconcat(*stacked, spacing=18), narrow)
