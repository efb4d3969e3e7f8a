"""The recruitment funnel: of a hundred people who would come, whom each rule keeps out, and who is let in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, layered
from limen.figures.shapes import LosingRule, Range
from limen.figures.theme import LIGHT, dressed, fill, table

LEFT: Any = {"align": "right", "dx": -6}  # where the amount stands beside its bar
RIGHT: Any = {"align": "left", "dx": 6}
MINUS = "\N{MINUS SIGN}"


def data(steps: Sequence[LosingRule], let_in: Range) -> list[Row]:
    """One row per rule, gravest first: people lost with the interval, and the stretch from `start` to `end` that goes."""
    records: list[Row] = []
    start = 100.0
    for step in steps:
        records.append(
            {"rule": step.rule, "taking": ", ".join(step.classes), "severity": step.severity, "held": step.held,
             "lost": step.lost.value, "low": step.lost.low, "high": step.lost.high, "start": start, "end": step.left}
        )  # fmt: skip
        start = step.left
    records.append(
        {"rule": "let in", "taking": "", "severity": "", "held": False, "lost": 0.0, "low": let_in.low,
         "high": let_in.high, "start": 0.0, "end": let_in.value}
    )  # fmt: skip
    return records


def chart(steps: Sequence[LosingRule], let_in: Range, narrow: bool = False) -> Any:
    """Bars from a hundred downwards, one a rule; the last is what is left. All rest on assumed prevalences: hatched."""
    values = []
    for place, row in enumerate(data(steps, let_in)):
        last = row["rule"] == "let in"
        amount = f"{_short(row['end' if last else 'lost'])} ({_short(row['low'])} to {_short(row['high'])})"
        who = f"{row['taking'][:1].upper()}{row['taking'][1:]}"
        rule = f" ({row['rule']}{', by a clinician' if row['held'] else ''})"
        words = f"Let in: {amount}" if last else _fit(who, rule, 52 if narrow else 120)
        values.append(
            {**row, "place": place, "words": words, "amount": "" if last else MINUS + amount,
             "paint": fill("ink" if last else "selection", "assumption"), "edge": LIGHT["ink"]}
        )  # fmt: skip
    y = alt.Y("place:O", title=None, axis=None, scale=alt.Scale(paddingInner=0.62, paddingOuter=0.5))
    base = alt.Chart(table(values)).encode(y=y)
    x = alt.X("start:Q", title="people of a hundred who would come", scale=alt.Scale(domain=[0, 100], nice=False),
              axis=alt.Axis(grid=True, tickCount=5))  # fmt: skip
    bars = base.mark_bar(strokeWidth=1.2).encode(
        x=x, x2="end:Q", fill=alt.Fill("paint:N", scale=None), stroke=alt.Stroke("edge:N", scale=None)
    )
    words = base.mark_text(align="left", baseline="bottom", dy=-10).encode(x=alt.datum(0), text="words:N")
    ends = alt.Chart(table(values[-1:])).mark_rule(color=LIGHT["ink"], strokeWidth=1.6)
    whisker = ends.encode(x="low:Q", x2="high:Q", y=y)
    room = 42 if narrow else 22
    lost = [
        {**v, "at": v["end"] if v["end"] >= room else v["start"], "far": v["end"] < room} for v in values[:-1]
    ]
    amounts = [
        alt.Chart(table(rows)).mark_text(**style, fontWeight="bold").encode(x="at:Q", y=y, text="amount:N")
        for rows, style in (([v for v in lost if not v["far"]], LEFT), ([v for v in lost if v["far"]], RIGHT))
        if rows
    ]
    drawn = layered(bars, whisker, words, *amounts)
    return dressed(drawn.properties(width=330 if narrow else 760, height=46 * len(values)), narrow)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.05 else "<0.1"


def _fit(who: str, rule: str, room: int) -> str:
    """Who and by which rule; of a long list of medicines the end is left to the data."""
    left = room - len(rule)
    return who + rule if len(who) <= left else f"{who[: left - 1].rstrip(' ,')}…{rule}"
