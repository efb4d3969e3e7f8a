"""Where the improvement comes from: selection, course, belief and drug, each arm and the difference between arms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, beside, framed, layered, panel, stacked
from limen.figures.shapes import Split
from limen.figures.theme import LIGHT, Colour, dressed, fill, table

CHANNEL_COLOURS: dict[str, Colour] = {
    "selection": "selection",
    "course": "course",
    "belief": "belief",
    "drug": "drug",
}


def data(splits: Sequence[Split]) -> list[Row]:
    """One step per channel, from `start` to `end` in points, with the range over orders; then the total."""
    records: list[Row] = []
    for split in splits:
        reached = 0.0
        for part in split.channels:
            change = part.change.value
            records.append(
                {"of": split.of, "channel": part.name, "start": reached, "end": reached + change, "change": change,
                 "low": part.change.low, "high": part.change.high,
                 "order_low": part.order_low, "order_high": part.order_high, "status": part.status}
            )  # fmt: skip
            reached += change
        total = split.total
        records.append(
            {"of": split.of, "channel": "total", "start": 0.0, "end": total.value, "change": total.value,
             "low": total.low, "high": total.high, "order_low": total.value, "order_high": total.value,
             "status": "measured"}
        )  # fmt: skip
    return records


def chart(splits: Sequence[Split], unit: str, narrow: bool = False) -> Any:
    """A panel per arm on one axis; the difference between arms is much smaller and has an axis of its own."""
    records = data(splits)
    own_axis = [s.of for s in splits if s.of.startswith("difference")]
    shared = [s.of for s in splits if s.of not in own_axis]
    many = len(splits)
    width = 270 if narrow else (890 - 75 * (many - 1)) // many if many > 1 else 560
    reach = _reach([r for r in records if r["of"] in shared]) if shared else None
    panels = []
    for split in splits:
        rows = [r for r in records if r["of"] == split.of]
        domain = _reach(rows) if split.of in own_axis else reach
        note = f"{unit}, axis of its own" if split.of in own_axis and shared else f"{unit}, improvement is up"
        title = split.of[0].upper() + split.of[1:]
        panels.append(framed(_steps(rows, domain or [0, 1]), 
            width=width, height=210 if narrow else 270, title=panel(title, [note])))  # fmt: skip
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _steps(rows: list[Row], domain: list[float]) -> Any:
    order = [r["channel"] for r in rows]
    values = [
        {**r, "top": max(r["start"], r["end"]), "words": _signed(r["change"]),
         "whisker_low": r["start"] + r["order_low"], "whisker_high": r["start"] + r["order_high"],
         "paint": LIGHT["paper"] if r["channel"] == "total" else fill(CHANNEL_COLOURS[r["channel"]], r["status"]),
         "edge": LIGHT["ink"] if r["channel"] == "total" else LIGHT[CHANNEL_COLOURS[r["channel"]]]}
        for r in rows
    ]  # fmt: skip
    for value in values:
        value["label_at"] = max(value["top"], value["whisker_high"])
    base = alt.Chart(table(values)).encode(
        x=alt.X("channel:N", sort=order, title=None,
                axis=alt.Axis(labelAngle=0, labelFontSize=11, domain=False, ticks=False, labelOverlap=False, labelPadding=6))
    )  # fmt: skip
    up = alt.Y(
        "start:Q",
        title=None,
        scale=alt.Scale(domain=domain, nice=False, zero=True),
        axis=alt.Axis(tickCount=5),
    )
    bars = base.mark_bar(strokeWidth=1.4, width=alt.RelativeBandSize(0.66)).encode(
        y=up, y2="end:Q", fill=alt.Fill("paint:N", scale=None), stroke=alt.Stroke("edge:N", scale=None)
    )
    whisker = base.mark_rule(color=LIGHT["ink"], strokeWidth=1.6).encode(
        y="whisker_low:Q", y2="whisker_high:Q"
    )
    label = base.mark_text(dy=-8, fontWeight="bold").encode(y="label_at:Q", text="words:N")
    zero = alt.Chart(table([{"y": 0}])).mark_rule(color=LIGHT["soft"], strokeWidth=1).encode(y="y:Q")
    return layered(zero, bars, whisker, label)


def _reach(rows: list[Row]) -> list[float]:
    ends = [0.0]
    for r in rows:
        ends += [r["start"], r["end"], r["start"] + r["order_low"], r["start"] + r["order_high"]]
    low, high = min(ends), max(ends)
    pad = 0.13 * (high - low or 1.0)
    return [low - pad if low < 0 else 0.0, high + pad]


def _signed(value: float) -> str:
    text = f"{abs(value):.1f}" if abs(value) >= 0.05 else f"{abs(value):.2f}" if abs(value) >= 0.005 else "0"
    return ("\N{MINUS SIGN}" if value < 0 and float(text) else "+" if float(text) else "") + text
