"""Markers with the link to the drug switched off and on: what nobody has measured, at both of its extremes."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, around, distinct, of, panel, q, ribbon, stacked
from limen.figures.theme import Spec, dash, dressed

COLUMNS = {
    "marker": "name of the marker",
    "switch": "0 or 1: the link to the drug off or on; 1 alone where the marker has no switch",
    "said": "what that position of the switch means",
    "unit": "unit of the marker",
    "status": "measured, translated or assumption: what the link rests on",
    "x": "days of the course, or hours after a dose",
    "x_unit": "d or h",
    "median": "median over people and parameters, prior-predictive",
    "q05": "5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
    "arm": "all: one curve",
}
HOW_LONG = {"h": "hours after a dose", "d": "days"}
SPACING = 14


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Small multiples: a row per marker, switch 0 beside switch 1 on one vertical axis."""
    rows = [_pair(of(table, marker=name), narrow) for name in distinct(table, "marker")]
    return dressed(stacked(rows, 18), narrow)


def _pair(own: list[Datum], narrow: bool) -> Spec:
    half, height = (138, 84) if narrow else (430, 96)
    switches = distinct(own, "switch")
    paired = len(switches) > 1
    scale = around(min(r["q05"] for r in own), max(r["q95"] for r in own), 0.06)
    panels = []
    for switch in switches:
        kept = of(own, switch=switch)
        first, on = kept[0], bool(switch)
        x = q("x", title=HOW_LONG.get(first["x_unit"], first["x_unit"]), scale={"nice": False},
              axis={"tickCount": 4 if narrow and paired else 7})  # fmt: skip
        leads = switch == switches[0]
        y = q("median", title=None, scale=scale, axis={"tickCount": 4, "labels": leads})
        drawn = ribbon(kept, x, y, "drug" if on else "ink", dash(["all"], legend=False),
                       first["status"] if on else "measured")  # fmt: skip
        title = f"{first['marker']}, {first['unit']}" if leads else " "
        panels.append(
            panel(
                [drawn], half if paired else 2 * half + SPACING, height, title, [_said(first, paired, narrow)]
            )
        )
    return {"hconcat": panels, "spacing": SPACING}


def _said(row: Datum, paired: bool, narrow: bool) -> str:
    if not paired:
        return f"no switch: {row['status']}"
    if narrow:
        return f"switch {row['switch']}"
    said = f"switch {row['switch']}: {row['said']}"
    return f"{said}, {row['status']}" if row["switch"] else said
