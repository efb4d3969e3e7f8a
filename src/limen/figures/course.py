"""The trial: the mean score of each arm with its band, twenty people behind it, published means as open circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row, beside, framed, layered, panel, ribbon, rows, stacked
from limen.figures.shapes import ScoredArm
from limen.figures.theme import LIGHT, dash, dressed, table


def data(arms: Sequence[ScoredArm]) -> list[Row]:
    """Band of the arm mean, individual lines and published means, by arm and week."""
    records: list[Row] = []
    for arm in arms:
        records += rows(arm.mean, arm=arm.arm, quantity="arm mean")
        records += [
            {"arm": arm.arm, "quantity": "person", "person": i, "x": week, "median": score}
            for i, line in enumerate(arm.people)
            for week, score in zip(arm.weeks, line, strict=True)
            if score is not None and score == score  # a line ends where its person leaves
        ]
        records += [{"arm": arm.arm, "quantity": "published", "x": w, "median": m} for w, m in arm.published]
    return records


def chart(arms: Sequence[ScoredArm], score: str, narrow: bool = False) -> Any:
    """One panel per arm on one score axis. Ink, not channel colours: a score mixes all four channels."""
    many = len(arms)
    width = 286 if narrow else (930 - 45 * (many - 1)) // many if many > 1 else 640
    records = data(arms)
    values = [r["median"] for r in records] + [r["q95"] for r in records if "q95" in r]
    lowest = min([r["median"] for r in records] + [r["q05"] for r in records if "q05" in r])
    domain = [max(0.0, lowest - 1), max(values) + 1] if lowest >= 0 else [lowest - 1, max(values) + 1]
    names = [arm.arm for arm in arms]
    panels = [
        framed(
            _panel([r for r in records if r["arm"] == arm.arm], names, domain, place == 0 or narrow),
            width=width,
            height=190 if narrow else 270,
            title=panel(f"{arm.arm}: {score}"),
        )
        for place, arm in enumerate(arms)
    ]
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _panel(records: list[Row], names: list[str], domain: list[float], first: bool) -> Any:
    mean = [r for r in records if r["quantity"] == "arm mean"]
    people = [r for r in records if r["quantity"] == "person"]
    seen = [r for r in records if r["quantity"] == "published"]
    x = alt.X("x:Q", title="week", axis=alt.Axis(tickCount=8, tickMinStep=1, format="d"),
              scale=alt.Scale(domain=[min(r["x"] for r in mean), max(r["x"] for r in mean)], nice=False))  # fmt: skip
    y = alt.Y(
        "median:Q",
        title=None,
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(tickCount=6, labelOpacity=1 if first else 0),
    )
    behind = (
        alt.Chart(table(people))
        .mark_line(color=LIGHT["soft"], strokeWidth=0.7, opacity=0.55)
        .encode(x=x, y=y, detail="person:N")
    )
    layers: list[Any] = [behind, ribbon(mean, x, y, "ink", dash(names, legend=False), weight=2.6)]
    if seen:
        circles = alt.Chart(table(seen)).mark_point(
            shape="circle", filled=False, size=110, strokeWidth=2.2, color=LIGHT["ink"], opacity=1
        )
        layers.append(circles.encode(x=x, y=y))
    return layered(*layers)
