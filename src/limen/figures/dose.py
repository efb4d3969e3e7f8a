"""Dose and threshold: what one dose puts into plasma and to the effect site, and how many people notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, beside, framed, layered, panel, ribbon, rows, stacked, thinned
from limen.figures.shapes import ExposedArm, Range, Statuses
from limen.figures.theme import LIGHT, dash, dressed, fill, table


def data(arms: Sequence[ExposedArm]) -> list[Row]:
    """The points drawn: concentration in plasma and at the effect site by hour, share noticing by day."""
    curves = [
        row
        for arm in arms
        for place, curve in (("plasma", arm.concentration), ("effect site", arm.effect_site))
        for row in rows(curve, arm=arm.arm, quantity=place, x_unit=curve.at_unit, unit=curve.unit)
    ]
    days = [
        {"x": d.day, "median": d.noticed.value, "q05": d.noticed.low, "q95": d.noticed.high, "arm": arm.arm,
         "quantity": "share noticing", "x_unit": "d", "unit": "fraction"}
        for arm in arms
        for d in arm.dosing_days
    ]  # fmt: skip
    return curves + days


def chart(
    arms: Sequence[ExposedArm],
    threshold: Range,
    false_alarm: Range,
    analyte: str,
    statuses: Statuses,
    narrow: bool = False,
) -> Any:
    """Three panels. The threshold band lies over the effect site, where perception is modelled to happen."""
    width, height = (290, 170) if narrow else (282, 250)
    names = [arm.arm for arm in arms]
    unit = arms[0].concentration.unit
    end = max(max(arm.concentration.at) for arm in arms)
    tops = [max(arm.concentration.q95) for arm in arms] + [max(arm.effect_site.q95) for arm in arms]
    top = max(*tops, threshold.high) * 1.05
    hours = alt.X("x:Q", title="hours after the dose", scale=alt.Scale(domain=[0, end], nice=False),
                  axis=alt.Axis(tickCount=6))  # fmt: skip
    level = alt.Y(
        "median:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=5)
    )

    def concentration(place: str, legend: bool) -> list[alt.Chart]:
        points = [r for r in data(arms) if r["quantity"] == place]
        kept = [r for name in names for r in thinned([p for p in points if p["arm"] == name], 100)]
        return ribbon(
            kept, hours, level, "drug", dash(names, legend), statuses.get("concentration", "assumption")
        )

    band = {"low": threshold.low, "high": threshold.high, "value": threshold.value, "zero": 0, "end": end}
    over = alt.Chart(table([band]))
    status = statuses.get("threshold", "assumption")
    strip = over.mark_rect(fill=fill("ink", status), opacity=0.14 if status == "measured" else 0.4).encode(
        x=alt.X("zero:Q", scale=alt.Scale(domain=[0, end], nice=False)),
        x2="end:Q",
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, top], nice=False)),
        y2="high:Q",
    )
    rule = over.mark_rule(color=LIGHT["ink"], strokeWidth=1.2).encode(y="value:Q")
    label = over.mark_text(align="right", baseline="bottom", dx=-4, dy=-3, fontWeight="bold").encode(
        x="end:Q", y="value:Q", text=alt.value("threshold")
    )
    panels: list[Any] = [
        framed(layered(concentration("plasma", True)), width=width, height=height, title=panel(f"{analyte} in plasma, {unit}")),
        framed(layered(strip, concentration("effect site", False), rule, label), 
            width=width, height=height, title=panel(f"At the effect site, {unit}")
        ),
        framed(_noticing(arms, names, false_alarm), 
            width=width, height=height, title=panel("Share who notice something")
        ),
    ]  # fmt: skip
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _noticing(arms: Sequence[ExposedArm], names: list[str], false_alarm: Range) -> Any:
    days = [r for r in data(arms) if r["quantity"] == "share noticing"]
    last = max((r["x"] for r in days), default=1)
    base = alt.Chart(table(days)).encode(
        x=alt.X("x:Q", title="day of the schedule", scale=alt.Scale(domain=[-1, last + 1], nice=False),
                axis=alt.Axis(tickCount=6, format="d"))
    )  # fmt: skip
    share = alt.Y(
        "median:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)
    )
    whisker = base.mark_rule(color=LIGHT["drug"], strokeWidth=1.4).encode(
        y=alt.Y("q05:Q", scale=alt.Scale(domain=[0, 1])), y2="q95:Q"
    )
    shape = alt.Shape("arm:N", sort=names, scale=alt.Scale(domain=names, range=["circle", "square", "diamond", "triangle-up", "cross"]),
                      legend=None)  # fmt: skip
    dots = base.mark_point(color=LIGHT["drug"], fill=LIGHT["drug"], filled=True, opacity=1, size=42).encode(
        y=share, shape=shape
    )
    floor = alt.Chart(table([{"value": false_alarm.value, "low": false_alarm.low,
                                              "high": false_alarm.high, "zero": -1, "end": last + 1}]))  # fmt: skip
    strip = floor.mark_rect(color=LIGHT["ink"], opacity=0.1).encode(
        x="zero:Q", x2="end:Q", y="low:Q", y2="high:Q"
    )
    line = floor.mark_rule(color=LIGHT["ink"], strokeDash=[2, 3]).encode(y="value:Q")
    text = floor.mark_text(align="right", baseline="top", dx=-2, dy=4).encode(
        x="end:Q", y="value:Q", text=alt.value("after an inert placebo")
    )
    return layered(strip, line, whisker, dots, text)
