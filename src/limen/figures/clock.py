"""A hormone with a daily rhythm over a dosing day, by clock hour, with and without the drug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, framed, layered, panel, ribbon, rows
from limen.figures.shapes import Curve
from limen.figures.theme import LIGHT, Status, dash, dressed, table

ARMS = ["without the drug", "with the drug"]


def data(without: Curve, with_drug: Curve) -> list[Row]:
    """Both bands by clock hour; hours above 24 are those of the next morning."""
    return [
        row for arm, curve in zip(ARMS, (without, with_drug), strict=True) for row in rows(curve, arm=arm)
    ]


def chart(
    without: Curve,
    with_drug: Curve,
    dose: str,
    samples: Sequence[str],
    name: str,
    status: Status,
    narrow: bool = False,
) -> Any:
    """The two curves over each other, the dose as a line and sampling times as ticks."""
    width, height = (290, 180) if narrow else (880, 220)
    found = data(without, with_drug)
    low, high = without.at[0], without.at[-1]
    hours = alt.Axis(
        values=list(range(int(low), int(high) + 1, 6 if narrow else 3)),
        labelExpr="(datum.value % 24 < 10 ? '0' : '') + (datum.value % 24) + ':00'",
    )
    x = alt.X("x:Q", title="clock time", scale=alt.Scale(domain=[low, high], nice=False), axis=hours)
    y = alt.Y("median:Q", title=None, scale=alt.Scale(zero=True))
    style = dash(ARMS)
    both = [
        mark
        for arm, colour in zip(ARMS, ("ink", "drug"), strict=True)
        for mark in ribbon([r for r in found if r["arm"] == arm], x, y, colour, style, status if colour == "drug" else "measured")
    ]  # fmt: skip
    marked = table([{"x": _hour(dose, low), "text": f"dose {dose}"}])
    line = alt.Chart(marked).mark_rule(color=LIGHT["soft"], strokeDash=[2, 2]).encode(x="x:Q")
    word = alt.Chart(marked).mark_text(align="left", dx=4, baseline="top").encode(x="x:Q", y=alt.value(0), text="text:N")  # fmt: skip
    taken = table([{"x": _hour(time, low)} for time in samples])
    ticks = alt.Chart(taken).mark_point(shape="triangle-up", size=70, filled=True, color=LIGHT["ink"], opacity=1).encode(
        x="x:Q", y=alt.value(height - 5))  # fmt: skip
    title = panel(f"{name}, {without.unit}", ["triangles: sampling times"])
    return dressed(framed(layered(*both, line, word, ticks), width=width, height=height, title=title), narrow)


def _hour(time: str, low: float) -> float:
    hour, minute = time.split(":")
    found = int(hour) + int(minute) / 60
    return found if found >= low else found + 24
