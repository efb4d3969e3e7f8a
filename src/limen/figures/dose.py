"""Dose and threshold: what one dose puts into plasma and to the effect site, and how many people notice."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import (
    Datum,
    beside,
    distinct,
    exactly,
    mark,
    n,
    of,
    panel,
    q,
    ribbon,
    stacked,
    upto,
)
from limen.figures.theme import LIGHT, Spec, dash, dressed, fill

COLUMNS = {
    "arm": "arm of the trial, or what it is compared with; empty for the threshold",
    "quantity": "plasma, effect site, share noticing, threshold, or comparator: the share who notice something on it",
    "x": "hour after the dose, or day of the schedule",
    "x_unit": "h or d",
    "median": "median over people and parameters; of a share noticing the mean",
    "q05": "5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
    "unit": "unit of the quantity",
    "status": "measured, translated or assumption: what the curve rests on",
    "analyte": "what is measured in plasma",
}
POINTS = ["circle", "square", "diamond", "triangle-up", "cross"]


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Plasma, effect site and, where it is known, noticing. The threshold band lies over the effect site, where perception is modelled to happen."""
    width, height = (290, 170) if narrow else (282, 250)
    curves = [r for r in table if r["quantity"] in ("plasma", "effect site")]
    arms, end = distinct(curves, "arm"), max(r["x"] for r in curves)
    felt = of(table, quantity="threshold")
    top = 1.05 * max(r["q95"] for r in (*curves, *felt))
    hours = q("x", title="hours after the dose", scale=exactly(0, end), axis={"tickCount": 6})
    level = q("median", title=None, scale=exactly(0, top), axis={"tickCount": 5})

    def concentration(place: str, legend: bool) -> list[Spec]:
        points = of(curves, quantity=place)
        return ribbon(points, hours, level, "drug", dash(arms, legend), points[0]["status"])

    unit = curves[0]["unit"]
    panels = [
        panel([concentration("plasma", True)], width, height, f"{curves[0]['analyte']} in plasma, {unit}"),
        panel([*_threshold(felt, end, top), concentration("effect site", False)], width, height,
              f"At the effect site, {unit}"),
    ]  # fmt: skip
    if of(table, quantity="share noticing"):
        panels.append(panel(_noticing(table, arms), width, height, "Share who notice something"))
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _threshold(felt: list[Datum], end: float, top: float) -> list[Spec]:
    """The threshold with its band, where it was measured or assumed."""
    if not felt:
        return []
    one = felt[0]
    band = [{"low": one["q05"], "high": one["q95"], "value": one["median"], "zero": 0, "end": end}]
    measured = one["status"] == "measured"
    strip = mark(
        "rect", band, {"x": q("zero", scale=exactly(0, end)), "x2": upto("end"),
                       "y": q("low", scale=exactly(0, top)), "y2": upto("high")},
        fill=fill("ink", one["status"]), opacity=0.14 if measured else 0.4,
    )  # fmt: skip
    rule = mark("rule", band, {"y": q("value")}, color=LIGHT["ink"], strokeWidth=1.2)
    label = mark("text", band, {"x": q("end"), "y": q("value"), "text": {"value": "threshold"}},
                 align="right", baseline="bottom", dx=-4, dy=-3, fontWeight="bold")  # fmt: skip
    return [strip, rule, label]


def _noticing(table: Sequence[Datum], arms: list[str]) -> list[Spec]:
    days = of(table, quantity="share noticing")
    last = max((r["x"] for r in days), default=1) + 1
    whole = list(range(0, int(last) + 1, max(1, round(last / 6))))
    x = q("x", title="day of the schedule", scale=exactly(-1, last), axis={"values": whole, "format": "d"})
    share = q("median", title=None, scale={"domain": [0, 1]}, axis={"format": "%", "tickCount": 5})
    shape = {
        "field": "arm",
        "type": "nominal",
        "sort": arms,
        "scale": {"domain": arms, "range": POINTS},
        "legend": None,
    }
    floor = [{**r, "zero": -1, "end": last} for r in of(table, quantity="comparator")]
    across = {"x": q("zero"), "x2": upto("end")}
    return [
        mark("rect", floor, {**across, "y": q("q05"), "y2": upto("q95")}, color=LIGHT["ink"], opacity=0.1),
        mark("rule", floor, {"y": q("median")}, color=LIGHT["ink"], strokeDash=[2, 3]),
        mark("rule", days, {"x": x, "y": {**share, "field": "q05"}, "y2": upto("q95")},
             color=LIGHT["drug"], strokeWidth=1.4),
        mark("point", days, {"x": x, "y": share, "shape": shape},
             color=LIGHT["drug"], fill=LIGHT["drug"], filled=True, opacity=1, size=42),
        mark("text", floor, {"x": q("end"), "y": q("median"), "text": n("arm")},
             align="right", baseline="top", dx=-2, dy=4),
    ]  # fmt: skip
