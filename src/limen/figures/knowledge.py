"""Prior, data, posterior: what was believed about the drug effect, what the trials said, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from limen.figures.curves import Row
from limen.figures.shapes import Normal
from limen.figures.theme import LIGHT, dressed, table

Z_90 = 1.6448536269514722


def data(beliefs: Sequence[tuple[str, Normal]]) -> list[Row]:
    """Mean and 90% interval of each normal distribution, by role: prior, data or posterior."""
    return [
        {
            "role": role,
            "label": n.label,
            "mean": n.mean,
            "low": n.mean - Z_90 * n.sd,
            "high": n.mean + Z_90 * n.sd,
        }
        for role, n in beliefs
    ]


def chart(beliefs: Sequence[tuple[str, Normal]], narrow: bool = False) -> Any:
    """One line per source of belief about the standardised drug effect; to the right favours the drug."""
    values = [{**r, "place": f"{i} {r['label']}"} for i, r in enumerate(data(beliefs))]
    places = [v["place"] for v in values]
    base = alt.Chart(table(values)).encode(
        y=alt.Y("place:N", sort=places, title=None, axis=None, scale=alt.Scale(paddingInner=0.5))
    )
    x = alt.X("low:Q", title="drug effect, standard deviations of control-arm change; right favours the drug"
              if not narrow else "drug effect, SD; right favours the drug", axis=alt.Axis(grid=True, tickCount=6))  # fmt: skip
    line = base.mark_rule(strokeWidth=3, color=LIGHT["drug"]).encode(x=x, x2="high:Q")
    dot = base.mark_point(filled=True, size=80, opacity=1, color=LIGHT["drug"]).encode(
        x="mean:Q",
        shape=alt.Shape("role:N", legend=None, scale=alt.Scale(domain=["prior", "data", "posterior"],
                                                               range=["circle", "square", "diamond"])),
    )  # fmt: skip
    words = base.mark_text(align="left", baseline="bottom", dy=-9).encode(
        x=alt.X("low:Q"), text=alt.Text("label:N")
    )
    zero = alt.Chart(table([{"x": 0}])).mark_rule(color=LIGHT["ink"], strokeDash=[3, 3]).encode(x="x:Q")
    return dressed(
        alt.layer(zero, line, dot, words).properties(width=320 if narrow else 920, height=46 * len(values)),
        narrow,
    )
