"""The recruitment funnel: of a hundred people who would come, whom each rule keeps out, and who is let in."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import Datum, exact, exactly, mark, q, upto
from limen.figures.theme import LIGHT, Spec, dressed, fill

COLUMNS = {
    "rule": "the rule, gravest first; the last row is who is let in",
    "taking": "what the people it keeps out take",
    "severity": "of the rule",
    "held": "whether it leaves them to a clinician, who lets a share in",
    "lost": "people of a hundred it keeps out and no graver rule did, mean",
    "low": "5% point over parameters; of the last row, of those let in",
    "high": "95% point",
    "start": "people left before the rule",
    "end": "people left after it",
    "last": "whether it is the row of those let in",
}
MINUS = "\N{MINUS SIGN}"


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """Bars from a hundred downwards, one a rule; the last is what is left. All rest on assumed prevalences: hatched."""
    values = [_worded(row, narrow) | {"place": place} for place, row in enumerate(table)]
    y = {"field": "place", "type": "ordinal", "title": None, "axis": None,
         "scale": {"paddingInner": 0.62, "paddingOuter": 0.5}}  # fmt: skip
    x = q(
        "start",
        title="people of a hundred who would come",
        scale=exactly(0, 100),
        axis={"grid": True, "tickCount": 5},
    )
    room = 42 if narrow else 22
    lost = [{**v, "at": v["end"] if v["end"] >= room else v["start"]} for v in values if not v["last"]]
    amount = {"x": q("at"), "y": y, "text": {"field": "amount"}}
    layers = [
        mark("bar", values, {"x": x, "x2": upto("end"), "y": y, "fill": exact("paint")},
             strokeWidth=1.2, stroke=LIGHT["ink"]),
        mark("rule", values[-1:], {"x": q("low"), "x2": upto("high"), "y": y}, color=LIGHT["ink"], strokeWidth=1.6),
        mark("text", values, {"x": {"datum": 0, "type": "quantitative"}, "y": y, "text": {"field": "words"}},
             align="left", baseline="bottom", dy=-10),
        mark("text", [v for v in lost if v["end"] >= room], amount, align="right", dx=-6, fontWeight="bold"),
        mark("text", [v for v in lost if v["end"] < room], amount, align="left", dx=6, fontWeight="bold"),
    ]  # fmt: skip
    return dressed({"layer": layers, "width": 330 if narrow else 760, "height": 46 * len(values)}, narrow)


def _worded(row: Datum, narrow: bool) -> Datum:
    """A row with its words above the bar and the amount beside it."""
    last = row["last"]
    amount = f"{_short(row['end' if last else 'lost'])} ({_short(row['low'])} to {_short(row['high'])})"
    rule = f" ({row['rule']}{', by a clinician' if row['held'] else ''})"
    who = _fit(f"{row['taking'][:1].upper()}{row['taking'][1:]}", rule, 52 if narrow else 120)
    return {**row, "words": f"Let in: {amount}" if last else who, "amount": "" if last else MINUS + amount,
            "paint": fill("ink" if last else "selection", "assumption")}  # fmt: skip


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.05 else "<0.1"


def _fit(who: str, rule: str, room: int) -> str:
    """Who and by which rule; of a long list of medicines the end is left to the data."""
    left = room - len(rule)
    return who + rule if len(who) <= left else f"{who[: left - 1].rstrip(' ,')}…{rule}"
