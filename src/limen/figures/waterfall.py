"""Where the improvement comes from: selection, course, belief and drug, each arm and the difference between arms."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, beside, distinct, exact, mark, n, of, panel, q, signed, stacked, upto
from limen.figures.theme import CHANNELS, LIGHT, Spec, dressed, fill

COLUMNS = {
    "of": "an arm, or the difference between arms",
    "channel": "selection, course, belief, drug, or total",
    "start": "points reached before this channel",
    "end": "points reached with it",
    "change": "mean change that the channel adds in the stated order, points, improvement positive",
    "low": "5% point of the change over parameters",
    "high": "95% point",
    "order_low": "smallest mean change over all orders of the channels",
    "order_high": "largest mean change over all orders",
    "status": "measured, translated or assumption: what the channel's size rests on",
    "unit": "points",
    "own_axis": "whether it is drawn on an axis of its own, since it is much smaller",
}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """A panel per arm on one axis; the difference between arms is much smaller and has an axis of its own."""
    splits = distinct(table, "of")
    many = len(splits)
    width = 270 if narrow else (890 - 75 * (many - 1)) // many if many > 1 else 560
    shared = of(table, own_axis=False)
    panels = []
    for split in splits:
        rows = of(table, of=split)
        alone = rows[0]["own_axis"] and bool(shared)
        note = f"{rows[0]['unit']}, {'axis of its own' if alone else 'improvement is up'}"
        domain = _reach(rows if rows[0]["own_axis"] else shared)
        panels.append(
            panel(_steps(rows, domain), width, 210 if narrow else 270, split[0].upper() + split[1:], [note])
        )
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _steps(rows: Sequence[Datum], domain: list[float]) -> list[Spec]:
    values = [
        {**r, "words": signed(r["change"]),
         "whisker_low": r["start"] + r["low"], "whisker_high": r["start"] + r["high"],
         "tick_low": r["start"] + r["order_low"], "tick_high": r["start"] + r["order_high"],
         "label_at": max(r["start"], r["end"], r["start"] + r["high"]),
         "paint": fill(r["channel"], r["status"]) if r["channel"] in CHANNELS else LIGHT["paper"],
         "edge": LIGHT[r["channel"] if r["channel"] in CHANNELS else "ink"]}
        for r in rows
    ]  # fmt: skip
    moved = [v for v in values if v["order_high"] - v["order_low"] > 0.05]
    x = n("channel", sort=[r["channel"] for r in rows], title=None,
          axis={"labelAngle": 0, "labelFontSize": 11, "domain": False, "ticks": False, "labelOverlap": False,
                "labelPadding": 6})  # fmt: skip
    up = q("start", title=None, scale={"domain": domain, "nice": False, "zero": True}, axis={"tickCount": 5})
    return [
        mark("rule", [{"y": 0}], {"y": q("y")}, color=LIGHT["soft"], strokeWidth=1),
        mark("bar", values, {"x": x, "y": up, "y2": upto("end"), "fill": exact("paint"), "stroke": exact("edge")},
             strokeWidth=1.4, width={"band": 0.66}),
        mark("rule", values, {"x": x, "y": q("whisker_low"), "y2": upto("whisker_high")},
             color=LIGHT["ink"], strokeWidth=1.6),
        *[
            mark("tick", moved, {"x": x, "y": q(end)}, color=LIGHT["ink"], thickness=1.6, width={"band": 0.3})
            for end in ("tick_low", "tick_high")
        ],
        mark("text", values, {"x": x, "y": q("label_at"), "text": n("words")}, dy=-8, fontWeight="bold"),
    ]  # fmt: skip


def _reach(rows: Sequence[Datum]) -> list[float]:
    steps = [(r["start"], r["end"], r["start"] + r["low"], r["start"] + r["high"]) for r in rows]
    ends = [0.0, *(end for step in steps for end in step)]
    low, high = min(ends), max(ends)
    pad = 0.13 * (high - low or 1.0)
    return [low - pad if low < 0 else 0.0, high + pad]
