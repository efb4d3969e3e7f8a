"""Markers with the link to the drug switched off and on: what nobody has measured, at both of its extremes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, framed, layered, panel, ribbon, rows, thinned
from limen.figures.shapes import Marker
from limen.figures.theme import dash, dressed

HOW_LONG = {"h": "hours after a dose", "d": "days"}
SPACING = 14


def data(markers: Sequence[Marker]) -> list[Row]:
    """Band of each marker over time with its switch at 0 and at 1; one band, at 1, where it has no switch."""
    return [
        row
        for m in markers
        for switch, curve in ((0, m.off), (1, m.on))
        if switch or m.switch
        for row in rows(curve, marker=m.name, switch=switch, unit=m.unit, x_unit=curve.at_unit, arm="all")
    ]


def chart(markers: Sequence[Marker], narrow: bool = False) -> Any:
    """Small multiples: a row per marker, switch 0 beside switch 1 on one vertical axis."""
    half, height = (138, 84) if narrow else (430, 96)
    records = data(markers)
    stacked = []
    for marker in markers:
        own = [r for r in records if r["marker"] == marker.name]
        low, high = min(r["q05"] for r in own), max(r["q95"] for r in own)
        pad = 0.06 * (high - low or 1.0)
        pair = []
        for switch in (0, 1) if marker.switch else (1,):
            kept = thinned([r for r in own if r["switch"] == switch], 120)
            width = half if marker.switch else 2 * half + SPACING
            first = switch == 0 or not marker.switch
            x = alt.X("x:Q", title=HOW_LONG.get(marker.on.at_unit, marker.on.at_unit), scale=alt.Scale(nice=False),
                      axis=alt.Axis(tickCount=4 if narrow and marker.switch else 7))  # fmt: skip
            y = alt.Y("median:Q", title=None, scale=alt.Scale(domain=[low - pad, high + pad], nice=False, zero=False),
                      axis=alt.Axis(tickCount=4, labels=first))  # fmt: skip
            mark = ribbon(
                kept,
                x,
                y,
                "drug" if switch else "ink",
                dash(["all"], legend=False),
                marker.status if switch else "measured",
            )
            title = f"{marker.name}, {marker.unit}" if first else " "
            pair.append(
                framed(
                    layered(mark),
                    width=width,
                    height=height,
                    title=panel(title, [_said(marker, switch, narrow)]),
                )
            )
        stacked.append(alt.hconcat(*pair, spacing=SPACING))
    return dressed(alt.vconcat(*stacked, spacing=18), narrow)


def _said(marker: Marker, switch: int, narrow: bool) -> str:
    if not marker.switch:
        return f"no switch: {marker.status}"
    if narrow:
        return f"switch {switch}"
    said = f"switch {switch}: {marker.switched[switch]}"
    return f"{said}, {marker.status}" if switch else said
