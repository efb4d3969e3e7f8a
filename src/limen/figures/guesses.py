"""Who knows? What each arm guesses it was given, week by week, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, beside, framed, layered, panel, ribbon, rows, stacked
from limen.figures.shapes import Guess, GuessingArm
from limen.figures.theme import LIGHT, dash, dressed, table

KINDS = ("active", "don't know", "placebo")


def data(arms: Sequence[GuessingArm], published: Sequence[Guess]) -> list[Row]:
    """Stacked shares by arm and week, from `low` to `high`; published shares have quantity `published`."""
    records: list[Row] = []
    for arm in arms:
        for g in arm.guesses:
            edges = (0.0, g.active, g.active + g.dont_know, g.active + g.dont_know + g.placebo)
            records += [
                {"arm": arm.arm, "x": g.week, "quantity": kind, "low": edges[i], "high": edges[i + 1],
                 "active_low": g.active_interval[0], "active_high": g.active_interval[1]}
                for i, kind in enumerate(KINDS)
            ]  # fmt: skip
    records += [
        {"arm": p.arm, "x": p.week, "quantity": "published", "low": 0.0, "high": p.active} for p in published
    ]
    return records


def chart(arms: Sequence[GuessingArm], published: Sequence[Guess], narrow: bool = False) -> Any:
    """A row of stacked bars per arm (guess active, don't know, placebo) over that arm's belief with its bands."""
    many = len(arms)
    width = 286 if narrow else (900 - 40 * (many - 1)) // many if many > 1 else 600
    records = data(arms, published)
    names = [arm.arm for arm in arms]
    grid: list[list[Any]] = []
    for place, arm in enumerate(arms):
        own = [r for r in records if r["arm"] == arm.arm]
        bars = framed(
            _bars(own, first=place == 0 or narrow),
            width=width,
            height=150 if narrow else 190,
            title=panel(f"{arm.arm}: guesses"),
        )
        belief = framed(
            _belief(arm, names, first=place == 0 or narrow),
            width=width,
            height=80 if narrow else 100,
            title=panel("Belief: P(I am in the active arm)"),
        )
        grid.append([bars, belief])
    if narrow:
        return dressed(stacked([part for column in grid for part in column], 18), narrow)
    return dressed(alt.vconcat(*(beside(list(row)) for row in zip(*grid, strict=True)), spacing=20), narrow)


def _bars(records: list[Row], first: bool) -> Any:
    stacks = [r for r in records if r["quantity"] in KINDS]
    seen = [r for r in records if r["quantity"] == "published"]
    weeks = sorted({r["x"] for r in stacks})
    # One meaning for violet: belief. How sure the guess is shows as depth of the one colour.
    depth = {"active": 0.95, "don't know": 0.4, "placebo": 0.1}
    size = max(6.0, min(34.0, 200.0 / max(len(weeks), 1)))
    values = [{**r, "depth": depth[r["quantity"]]} for r in stacks]
    axis = alt.Axis(values=weeks[:: max(1, len(weeks) // 8)], format="d", labels=True)
    across = alt.X("x:Q", title=None, axis=axis,
                   scale=alt.Scale(domain=[min(weeks) - 0.7, max(weeks) + 0.7], nice=False))  # fmt: skip
    up = alt.Y("low:Q", title=None, scale=alt.Scale(domain=[0, 1]),
               axis=alt.Axis(format="%", tickCount=5, labelOpacity=1 if first else 0))  # fmt: skip
    bars = (
        alt.Chart(table(values))
        .mark_bar(color=LIGHT["belief"], size=size, stroke=LIGHT["belief"], strokeWidth=0.8)
        .encode(x=across, y=up, y2="high:Q", fillOpacity=alt.FillOpacity("depth:Q", scale=None))
    )
    whiskers = [r for r in stacks if r["quantity"] == "active"]
    whisker = (
        alt.Chart(table(whiskers))
        .mark_rule(color=LIGHT["ink"], strokeWidth=1.6)
        .encode(x=across, y=alt.Y("active_low:Q"), y2="active_high:Q")
    )
    last = max(weeks)
    words = [{"x": last + 0.0, "mid": (r["low"] + r["high"]) / 2, "word": r["quantity"], "inside": r["quantity"] == "active"}
             for r in stacks if r["x"] == last and r["high"] - r["low"] > 0.07]  # fmt: skip
    label = (
        alt.Chart(table(words))
        .mark_text(align="left", dx=size / 2 + 5)
        .encode(x=across, y="mid:Q", text="word:N")
    )
    layers: list[Any] = [bars, whisker, label]
    if seen:
        circles = alt.Chart(table(seen)).mark_point(
            shape="circle", filled=False, size=80, strokeWidth=2.2, color=LIGHT["ink"], opacity=1
        )
        layers.append(circles.encode(x=across, y="high:Q"))
    return layered(*layers)


def _belief(arm: GuessingArm, names: list[str], first: bool) -> Any:
    x = alt.X("x:Q", title="week", axis=alt.Axis(tickCount=8, tickMinStep=1, format="d"),
              scale=alt.Scale(domain=[min(arm.belief.at), max(arm.belief.at)], nice=False))  # fmt: skip
    y = alt.Y("median:Q", title=None, scale=alt.Scale(domain=[0, 1]),
              axis=alt.Axis(format="%", values=[0, 0.5, 1], labelOpacity=1 if first else 0))  # fmt: skip
    return layered(ribbon(rows(arm.belief, arm=arm.arm), x, y, "belief", dash(names, legend=False)))
