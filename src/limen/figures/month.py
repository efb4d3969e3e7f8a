"""The month: occupancy and tolerance over the whole schedule, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, framed, layered, panel, ribbon, rows, thinned
from limen.figures.shapes import ExposedArm, Statuses
from limen.figures.theme import LIGHT, dash, dressed, table


def data(arms: Sequence[ExposedArm]) -> list[Row]:
    """Daily peak occupancy and tolerance state by day of the schedule."""
    return [
        row
        for arm in arms
        for quantity, curve in (("occupancy", arm.month), ("tolerance", arm.tolerance))
        for row in rows(curve, arm=arm.arm, quantity=quantity, x_unit=curve.at_unit, unit=curve.unit)
    ]


def chart(arms: Sequence[ExposedArm], statuses: Statuses, narrow: bool = False) -> alt.VConcatChart:
    """Two rows: 5-HT2A occupancy as a share of receptors, and the tolerance state, with dosing days ticked."""
    width, height = (286, 120) if narrow else (940, 140)
    names = [arm.arm for arm in arms]
    end = max(max(arm.month.at) for arm in arms)
    records = data(arms)

    def row(quantity: str, title: str, axis: alt.Axis, last: bool) -> Any:
        kept = [
            r
            for n in names
            for r in thinned([r for r in records if r["arm"] == n and r["quantity"] == quantity], 240)
        ]
        top = max(r["q95"] for r in kept) * 1.05 or 1.0
        days = alt.X("x:Q", title="day of the schedule; ticks below are dosing days" if last else None,
                     scale=alt.Scale(domain=[-0.6, end], nice=False),
                     axis=alt.Axis(tickCount=8, labels=last, ticks=last, titlePadding=14, format="d"))  # fmt: skip
        level = alt.Y("median:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=axis)
        daily = quantity == "occupancy"  # one value a day: drawn as a step, not as a slope between days
        mark = ribbon(kept, days, level, "drug", dash(names, daily), statuses.get(quantity, "assumption"),
                      "step" if daily else "linear")  # fmt: skip
        return framed(layered(mark), width=width, height=height, title=panel(title))

    share = (
        alt.Axis(tickCount=4, format="%")
        if arms[0].month.unit in ("", "1", "fraction")
        else alt.Axis(tickCount=4)
    )
    stacked: list[Any] = [
        row("occupancy", "Peak 5-HT2A occupancy of the day", share, last=False),
        row("tolerance", "Tolerance state (0 none, 1 complete)", alt.Axis(tickCount=4), last=False),
        _ticks(arms, names, end, width),
    ]  # fmt: skip
    return dressed(alt.vconcat(*stacked, spacing=14), narrow)


def _ticks(arms: Sequence[ExposedArm], names: list[str], end: float, width: int) -> alt.Chart:
    days = [{"x": d.day, "arm": arm.arm} for arm in arms for d in arm.dosing_days]
    axis = alt.Axis(tickCount=8, format="d", offset=4)
    return (
        alt.Chart(table(days))
        .mark_tick(color=LIGHT["ink"], thickness=2, size=11)
        .encode(
            x=alt.X("x:Q", title="day of the schedule; the marks are dosing days", axis=axis,
                    scale=alt.Scale(domain=[-0.6, end], nice=False)),
            y=alt.Y("arm:N", sort=names, title=None, axis=None),
        )
        .properties(width=width, height=12 * len(names))
    )  # fmt: skip
