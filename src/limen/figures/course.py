"""The trial: the mean score of each arm with its band, twenty people behind it, published means as open circles."""

from __future__ import annotations

from collections.abc import Sequence

from limen.figures.marks import (
    Datum,
    beside,
    circles,
    distinct,
    exactly,
    mark,
    n,
    of,
    panel,
    q,
    ribbon,
    stacked,
    weeks,
)
from limen.figures.theme import LIGHT, Spec, dash, dressed

COLUMNS = {
    "arm": "arm of the trial",
    "quantity": "arm mean, person (one of twenty), or published",
    "outcome": "the scale",
    "person": "which of the twenty",
    "x": "week",
    "median": "arm mean: median over simulated trials; person and published: the score",
    "q05": "5% point over trials; q25, q75 and q95 likewise",
    "q25": "25% point",
    "q75": "75% point",
    "q95": "95% point",
}


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """One panel per arm on one score axis. Ink, not channel colours: a score mixes all four channels."""
    arms = distinct(table, "arm")
    many = len(arms)
    width = 286 if narrow else (930 - 45 * (many - 1)) // many if many > 1 else 640
    highest = max(max(r["median"], r.get("q95", r["median"])) for r in table) + 1
    lowest = min(min(r["median"], r.get("q05", r["median"])) for r in table)
    domain = (max(0.0, lowest - 1) if lowest >= 0 else lowest - 1, highest)
    panels = [
        panel(_panel(of(table, arm=arm), arms, domain, place == 0 or narrow), width,
              190 if narrow else 270, f"{arm}: {table[0]['outcome']}")
        for place, arm in enumerate(arms)
    ]  # fmt: skip
    return dressed(stacked(panels) if narrow else beside(panels), narrow)


def _panel(own: list[Datum], arms: list[str], domain: tuple[float, float], first: bool) -> list[Spec]:
    mean = of(own, quantity="arm mean")
    x = weeks(mean)
    y = q(
        "median", title=None, scale=exactly(*domain), axis={"tickCount": 6, "labelOpacity": 1 if first else 0}
    )
    people = {"x": x, "y": y, "detail": n("person")}
    return [
        mark("line", of(own, quantity="person"), people, color=LIGHT["soft"], strokeWidth=0.7, opacity=0.55),
        *ribbon(mean, x, y, "ink", dash(arms, legend=False), strokeWidth=2.6),
        *circles(of(own, quantity="published"), x, y, 110),
    ]
