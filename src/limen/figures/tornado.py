"""What moves the verdict: how far the headline shifts when one parameter goes from its 10% to its 90% point."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row
from limen.figures.shapes import Swing
from limen.figures.theme import LIGHT, dressed, fill, table


def data(swings: Sequence[Swing]) -> list[Row]:
    """One row per parameter, most influential first."""
    return [
        {
            "parameter": s.parameter,
            "description": s.description,
            "status": s.status,
            "low": s.low,
            "high": s.high,
        }
        for s in swings
    ]


def chart(swings: Sequence[Swing], headline: str, value: float, narrow: bool = False) -> Any:
    """Horizontal bars around the headline's value. Each bar is patterned by the evidence for its parameter."""
    line = 40 if narrow else 46
    values = [
        {**r, "place": i, "words": textwrap.wrap(r["description"], line, max_lines=2, placeholder=" ..."),
         "paint": fill("ink", r["status"])}
        for i, r in enumerate(data(swings))
    ]  # fmt: skip
    for v in values:
        v["words"] = "\n".join(v["words"])
    share = min(min(s.low, s.high) for s in swings) >= 0 and max(max(s.low, s.high) for s in swings) <= 1
    ends = [value, *(s.low for s in swings), *(s.high for s in swings)]
    pad = 0.06 * (max(ends) - min(ends) or 1.0)
    scale = alt.Scale(domain=[min(ends) - pad, max(ends) + pad], nice=False)
    title = alt.TitleParams("\n".join(textwrap.wrap(headline, 46 if narrow else 90)))
    x = alt.X("low:Q", title=None, scale=scale,
              axis=alt.Axis(grid=True, tickCount=5 if narrow else 7, format="%" if share else "~g"))  # fmt: skip
    order = [v["parameter"] for v in values]
    base = alt.Chart(table(values))
    step = 62 if narrow else 42
    labels = alt.Y("parameter:N", sort=order, title=None, axis=None,
                   scale=alt.Scale(paddingInner=0.66 if narrow else 0.42, paddingOuter=0.4))  # fmt: skip
    bars = base.mark_bar(stroke=LIGHT["ink"], strokeWidth=1.2).encode(
        x=x, x2="high:Q", y=labels, fill=alt.Fill("paint:N", scale=None)
    )
    left = min(ends) - pad
    words = [
        _words([v for v in values if ("\n" in v["words"]) is two], two, left, order, narrow)
        for two in (False, True)
    ]
    at = alt.Chart(table([{"x": value}])).mark_rule(color=LIGHT["ink"], strokeWidth=1).encode(x="x:Q")
    drawn = alt.layer(at, bars, *words).properties(
        width=330 if narrow else 620, height=step * len(values), title=title
    )
    return dressed(drawn, narrow)


def _words(values: list[Row], two: bool, left: float, order: list[str], narrow: bool) -> Any:
    """Labels of one or of two lines: a second line lifts the first, so that the pair stays level with its bar."""
    text = alt.Chart(table(values))
    if narrow:
        mark = text.mark_text(
            align="left", baseline="bottom", dy=-24 if two else -12, lineBreak="\n", lineHeight=12
        )
    else:
        mark = text.mark_text(
            align="right", baseline="middle", dx=-10, dy=-8 if two else 0, lineBreak="\n", lineHeight=15
        )
    return mark.encode(x=alt.datum(left), y=alt.Y("parameter:N", sort=order), text="words:N")
