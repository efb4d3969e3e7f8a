"""The month: occupancy and tolerance over the whole schedule, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, distinct, exactly, mark, of, panel, q, ribbon, stacked
from limen.figures.theme import LIGHT, Spec, dash, dressed

COLUMNS = {
    "arm": "arm of the trial",
    "quantity": "occupancy (daily peak), tolerance (state before the dose), or dosing day",
    "x": "day of the schedule",
    "x_unit": "d",
    "median": "median over people and parameters; empty for a dosing day",
    "q05": "5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
    "unit": "fraction",
    "status": "measured, translated or assumption: what the curve rests on",
}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Two rows: 5-HT2A occupancy as a share of receptors, and the tolerance state, with dosing days ticked."""
    width, height = (286, 120) if narrow else (940, 140)
    arms = distinct(table, "arm")
    end = max(r["x"] for r in of(table, quantity="occupancy"))

    def row(quantity: str, title: str, daily: bool, axis: Spec) -> Spec:
        kept = of(table, quantity=quantity)
        top = max(r["q95"] for r in kept) * 1.05 or 1.0
        days = q(
            "x",
            title=None,
            scale=exactly(-0.6, end),
            axis={"tickCount": 8, "labels": False, "ticks": False, "format": "d"},
        )
        level = q("median", title=None, scale=exactly(0, top), axis={"tickCount": 4, **axis})
        # One value a day is drawn as a step, not as a slope between days.
        drawn = ribbon(kept, days, level, "drug", dash(arms, daily), kept[0]["status"],
                       interpolate="step" if daily else "linear")  # fmt: skip
        return panel([drawn], width, height, title)

    ticks = mark(
        "tick", of(table, quantity="dosing day"),
        {"x": q("x", title="day of the schedule; the marks are dosing days", scale=exactly(-0.6, end),
                axis={"tickCount": 8, "format": "d", "offset": 4}),
         "y": {"field": "arm", "type": "nominal", "sort": arms, "title": None, "axis": None}},
        color=LIGHT["ink"], thickness=2, size=11,
    )  # fmt: skip
    rows = [
        row("occupancy", "Peak 5-HT2A occupancy of the day", True, {"format": "%"}),
        row("tolerance", "Tolerance state (0 none, 1 complete)", False, {}),
        {**ticks, "width": width, "height": 12 * len(arms)},
    ]
    whole = stacked(rows, 14)  # one clock: the rows stay together on a phone
    return dressed(stacked([whole]) if narrow else whole, narrow)
