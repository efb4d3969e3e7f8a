"""Was the blind kept? Bang's index of each arm over time, and the difference between arms over the share of right guesses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from limen.figures.marks import Datum, beside, distinct, exactly, mark, n, of, panel, q, stacked, upto
from limen.figures.theme import DASHES, LIGHT, Spec, dressed

COLUMNS = {
    "panel": "Bang or curve",
    "time": "when it was guessed",
    "arm": "arm of the index; of the curve the active one",
    "rate": "of the curve: share of right guesses",
    "estimate": "index, or difference between arms",
    "low": "lower end of its interval",
    "high": "upper end",
    "seen": "of the curve: the share of right guesses in the data, and the difference as seen",
    "outcome": "name of the score",
}
APART = 12
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")


def table(found: Any) -> list[Datum]:
    """The indices of every time, and the curve of the last one that has it."""
    rows: list[Datum] = [
        {
            "panel": "Bang",
            "time": x.time,
            "arm": x.arm,
            "estimate": x.estimate,
            "low": x.ci_low,
            "high": x.ci_high,
        }
        for x in found.of("Bang")
    ]
    if found.curve:
        last = found.curve[-1].time
        shared: Datum = {"panel": "curve", "time": last, "outcome": found.outcome}
        for line in found.curve:
            if line.time == last:
                at = float(line.quantity.removeprefix("at rate "))
                rows.append({**shared, "arm": line.arm, "rate": at, "estimate": line.estimate, "low": line.ci_low, "high": line.ci_high, "seen": False})  # fmt: skip
        for seen in found.of("difference, as seen", last):
            (rate,) = found.of("correct-guess rate among those with a score", last, seen.arm)
            rows.append({**shared, "arm": seen.arm, "rate": rate.estimate, "estimate": seen.estimate, "low": seen.ci_low, "high": seen.ci_high, "seen": True})  # fmt: skip
    return rows


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Points with intervals over time, arms by shape; beside them the curve with its band and what was seen."""
    width = 300 if narrow else 400
    first = panel(_indices(of(table, panel="Bang")), width, 240, "Bang's index (0: random, 1: all right)")
    curve = of(table, panel="curve")
    if not curve:
        return dressed(first, narrow)
    title = f"{curve[0]['outcome']}: difference, {curve[0]['time']}"
    second = panel(_curve(curve), width, 240, title)
    return dressed(stacked([first, second]) if narrow else beside([first, second], 70), narrow)


def _indices(rows: list[Datum]) -> list[Any]:
    arms, times = distinct(rows, "arm"), distinct(rows, "time")
    x: Spec = {"field": "time", "type": "ordinal", "sort": times, "title": None, "axis": {"labelAngle": 0}}
    y = q("estimate", title=None, scale=exactly(-1, 1), axis={"grid": True, "tickCount": 5})
    layers: list[Any] = [mark("rule", [{"zero": 0.0}], {"y": q("zero")}, color=LIGHT["soft"], strokeWidth=1)]
    shape = n("arm", scale={"domain": arms, "range": [SHAPES[i % len(SHAPES)] for i in range(len(arms))]},
              legend={"title": None, "orient": "bottom"})  # fmt: skip
    for place, arm in enumerate(arms):
        shift = APART * (place - (len(arms) - 1) / 2)
        own, ink = of(rows, arm=arm), LIGHT["belief"]
        between = [row for row in own if row["low"] is not None]
        layers += [
            mark("rule", between, {"x": x, "y": q("low"), "y2": upto("high")}, color=ink, strokeWidth=1.6, xOffset=shift),
            mark("point", own, {"x": x, "y": y, "shape": shape}, size=70, fill=LIGHT["paper"] if place == 0 else ink,
                 stroke=ink, strokeWidth=1.8, opacity=1, xOffset=shift),
        ]  # fmt: skip
    return layers


def _curve(rows: list[Datum]) -> list[Any]:
    arms = distinct(rows, "arm")
    along, seen = of(rows, seen=False), of(rows, seen=True)
    x = q("rate", title="share of right guesses", scale=exactly(0, 1), axis={"format": "%"})
    y = q("estimate", title=None, axis={"grid": True})
    dashes = [list(DASHES[i % len(DASHES)]) for i in range(len(arms))]
    dash = n("arm", legend=None, scale={"domain": arms, "range": dashes})
    words = [{**row, "words": "as seen"} for row in seen]
    return [
        mark("rule", [{"zero": 0.0}], {"y": q("zero")}, color=LIGHT["soft"], strokeWidth=1),
        mark("area", along, {"x": x, "y": q("low"), "y2": upto("high"), "detail": n("arm")}, color=LIGHT["belief"], opacity=0.16),
        mark("line", along, {"x": x, "y": y, "strokeDash": dash}, color=LIGHT["belief"], strokeWidth=2),
        mark("rule", seen, {"x": x, "y": q("low"), "y2": upto("high")}, color=LIGHT["ink"], strokeWidth=1.5),
        mark("point", seen, {"x": x, "y": y}, size=80, filled=True, color=LIGHT["ink"], opacity=1),
        mark("text", words, {"x": x, "y": y, "text": {"field": "words"}}, align="left", dx=9, dy=-9),
    ]  # fmt: skip
