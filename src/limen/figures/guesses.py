"""Who knows? What each arm guesses it was given, week by week, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import (
    Datum,
    beside,
    circles,
    distinct,
    exact,
    exactly,
    mark,
    of,
    panel,
    q,
    ribbon,
    stacked,
    upto,
    weeks,
)
from limen.figures.theme import LIGHT, Spec, dash, dressed

COLUMNS = {
    "arm": "arm of the trial",
    "quantity": "active, don't know or placebo: what was guessed; published: guessed active in the trial; or belief",
    "x": "week",
    "low": "lower edge of the share in the stack",
    "high": "upper edge; of a published guess the share",
    "active_low": "5% point over trials of the share guessing active",
    "active_high": "95% point of it",
    "median": "belief: median of P(I am in the active arm) over people",
    "q05": "belief: 5% point; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
}
# One meaning for violet: belief. How sure the guess is shows as depth of the one colour.
DEPTH = {"active": 0.95, "don't know": 0.4, "placebo": 0.1}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """A row of stacked bars per arm (guess active, don't know, placebo) over that arm's belief with its bands."""
    arms = distinct(table, "arm")
    many = len(arms)
    width = 286 if narrow else (900 - 40 * (many - 1)) // many if many > 1 else 600
    columns = []
    for place, arm in enumerate(arms):
        own, first = of(table, arm=arm), place == 0 or narrow
        bars = panel(_bars(own, first), width, 150 if narrow else 190, f"{arm}: guesses")
        belief = _belief(of(own, quantity="belief"), arms, first)
        columns.append(
            [bars, panel(belief, width, 80 if narrow else 100, "Belief: P(I am in the active arm)")]
        )
    if narrow:
        return dressed(stacked([stacked(column, 18) for column in columns], 18), narrow)
    return dressed(stacked([beside(list(row)) for row in zip(*columns, strict=True)], 20), narrow)


def _bars(own: list[Datum], first: bool) -> list[Spec]:
    stacks = [{**r, "depth": DEPTH[r["quantity"]]} for r in own if r["quantity"] in DEPTH]
    seen = sorted({r["x"] for r in stacks})
    size = max(6.0, min(34.0, 200.0 / max(len(seen), 1)))
    axis = {"values": seen[:: max(1, len(seen) // 8)], "format": "d"}
    x = q("x", title=None, axis=axis, scale=exactly(min(seen) - 0.7, max(seen) + 0.7))
    up = q("low", title=None, scale={"domain": [0, 1]},
           axis={"format": "%", "tickCount": 5, "labelOpacity": 1 if first else 0})  # fmt: skip
    words = [{"x": r["x"], "mid": (r["low"] + r["high"]) / 2, "word": r["quantity"]}
             for r in stacks if r["x"] == max(seen) and r["high"] - r["low"] > 0.07]  # fmt: skip
    return [
        mark("bar", stacks, {"x": x, "y": up, "y2": upto("high"), "fillOpacity": exact("depth")},
             color=LIGHT["belief"], size=size, stroke=LIGHT["belief"], strokeWidth=0.8),
        mark("rule", of(stacks, quantity="active"), {"x": x, "y": q("active_low"), "y2": upto("active_high")},
             color=LIGHT["ink"], strokeWidth=1.6),
        mark("text", words, {"x": x, "y": q("mid"), "text": {"field": "word"}}, align="left", dx=size / 2 + 5),
        *circles(of(own, quantity="published"), x, q("high"), 80),
    ]  # fmt: skip


def _belief(points: list[Datum], arms: list[str], first: bool) -> list[Spec]:
    x = weeks(points)
    y = q("median", title=None, scale={"domain": [0, 1]},
          axis={"format": "%", "values": [0, 0.5, 1], "labelOpacity": 1 if first else 0})  # fmt: skip
    return ribbon(points, x, y, "belief", dash(arms, legend=False))
