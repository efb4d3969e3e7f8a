"""Bounds of a group-sequential trial over the information, and where the trial stops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from limen.figures.marks import Datum, exactly, mark, panel, q, stacked
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "look": "which look",
    "information": "share of the planned information",
    "kind": "efficacy, other side or futility",
    "z": "bound of the statistic; None where there is none",
    "p": "two-sided or one-sided p-value at the bound for efficacy",
    "stops": "probability to stop there with the effect that the trial has its power for",
}


def table(found: Any) -> list[Datum]:
    """The rows of a staged trial, one for each look and bound."""
    below = "other side" if found.bounds.sided == 2 else "futility"
    rows: list[Datum] = []
    for k, t in enumerate(found.bounds.information):
        shared = {"look": k + 1, "information": t, "p": found.bounds.p[k]}
        ends = (
            ("efficacy", found.bounds.efficacy[k], found.with_effect.upper[k]),
            (below, found.bounds.lower[k], found.with_effect.lower[k]),
        )
        rows += [
            {**shared, "kind": kind, "z": z if math.isfinite(z) else None, "stops": stops}
            for kind, z, stops in ends
        ]
    return rows


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Bounds above, stopping below, on one axis of information."""
    seen = [row for row in table if row["z"] is not None]
    span = exactly(0, 1.06)
    x = q("information", title=None, scale=span, axis={"format": "%", "labels": False, "ticks": False})
    y = q("z", title=None, axis={"grid": True})
    kind: Spec = {"field": "kind", "type": "nominal", "legend": None}
    words = [{**row, "words": f"{row['z']:.2f}"} for row in seen]
    bounds: list[Any] = [
        mark(
            "line",
            seen,
            {"x": x, "y": y, "strokeDash": kind},
            color=LIGHT["ink"],
            strokeWidth=1.8,
            point={"color": LIGHT["ink"], "size": 50},
        ),
        mark("text", words, {"x": x, "y": y, "text": {"field": "words"}}, dy=-11),
    ]
    below = q("information", title="share of the planned information", scale=span, axis={"format": "%"})
    high = q("stops", title=None, axis={"format": "%", "grid": True, "tickCount": 4}, scale={"domainMin": 0})
    place = {"field": "kind", "type": "nominal", "scale": {"range": [LIGHT["ink"], LIGHT["rule"]], "domain": _kinds(table)},
             "legend": {"title": None, "orient": "top", "symbolType": "square"}}  # fmt: skip
    bars: list[Any] = [mark("bar", table, {"x": below, "y": high, "color": place}, size=24)]
    width = 300 if narrow else 560
    return dressed(
        stacked(
            [
                panel(bounds, width, 220, "Bounds for z"),
                panel(bars, width, 120, "Stops there, with the effect"),
            ],
            16,
        ),
        narrow,
    )


def _kinds(table: Sequence[Datum]) -> list[str]:
    return list(dict.fromkeys(row["kind"] for row in table))
