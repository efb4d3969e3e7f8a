"""What the trial would say: the estimated difference over simulated trials, and when it would be called significant."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from limen.figures.marks import Datum, distinct, exactly, mark, of, panel, q, share_words, stacked
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "outcome": "the scale and when it is rated",
    "unit": "what is estimated, and in what",
    "scenario": "what the drug effect is taken to be",
    "delta": "the drug effect in standard deviations; empty where it is drawn from what is believed",
    "alpha": "level of the test, with as many sides as the protocol plans",
    "critical": "median estimate at which p crosses alpha",
    "significant": "share of trials with p below alpha, in either direction",
    "favourable": "share of trials with p below alpha in favour of the active arm",
    "x": "estimate; empty in the first row of a scenario, which says what the trials would report",
    "density": "density of the estimate over simulated trials",
}


def density(estimates: Sequence[float], points: int = 61) -> list[tuple[float, float]]:
    """(estimate, density): a Gaussian kernel over quantiles of the estimate, Silverman's width."""
    at = np.asarray(estimates, float)
    quartiles = np.quantile(at, [0.25, 0.75])
    spread = min(at.std(ddof=1), (quartiles[1] - quartiles[0]) / 1.349) or at.std() or 1.0
    width = max(0.9 * spread * len(at) ** -0.2, 1e-9)
    grid = np.linspace(at[0] - 3 * width, at[-1] + 3 * width, points)
    kernel = np.exp(-0.5 * ((grid[:, None] - at[None, :]) / width) ** 2)
    height = kernel.mean(axis=1) / (width * math.sqrt(2 * math.pi))
    return list(zip(grid.tolist(), height.tolist(), strict=True))


def chart(table: Sequence[Datum], narrow: bool = False) -> Spec:
    """A column per outcome, a row per drug effect; the region reported as significant is dark."""
    outcomes = distinct(table, "outcome")
    width = 320 if narrow else 460 if len(outcomes) > 1 else 640
    columns = []
    for outcome in outcomes:
        own = of(table, outcome=outcome)
        ends = [r["x"] for r in own if "x" in r]
        scenarios = distinct(own, "scenario")
        rows = [
            panel(_row(of(own, scenario=s), (min(ends), max(ends)), s == scenarios[-1], narrow), width,
                  64 if narrow else 84, s, [_finding(of(own, scenario=s)[0])])
            for s in scenarios
        ]  # fmt: skip
        head = {"text": outcome, "anchor": "start", "fontSize": 13 if narrow else 15, "offset": 10}
        columns.append({**stacked(rows, 14), "title": head})
    return dressed(stacked(columns) if narrow else {"hconcat": columns, "spacing": 60}, narrow)


def _row(points: Sequence[Datum], domain: tuple[float, float], last: bool, narrow: bool) -> list[Spec]:
    first = points[0]
    shown = points[1:]
    cut = first["critical"]
    sides = [] if cut is None else [[r for r in shown if r["x"] >= cut], [r for r in shown if r["x"] <= -cut]]
    axis = {"tickCount": 6, "labels": last, "ticks": last}
    x = q("x", title=_axis_title(first["unit"], narrow) if last else None, scale=exactly(*domain), axis=axis)
    top = max(r["density"] for r in shown) * 1.02
    both = {"x": x, "y": q("density", axis=None, title=None, scale=exactly(0, top))}

    def area(rows: Sequence[Datum], opacity: float) -> Spec:
        return mark("area", rows, both, color=LIGHT["ink"], opacity=opacity, clip=True)

    return [
        area(shown, 0.1),
        *[area(side, 0.72) for side in sides if len(side) > 1],
        mark("line", shown, both, color=LIGHT["ink"], strokeWidth=1.4, clip=True),
        mark("rule", [{"x": 0.0}], {"x": q("x")}, color=LIGHT["soft"], strokeDash=[3, 3]),
    ]


def _finding(first: Datum) -> str:
    bound = f"p < {first['alpha']:g}"
    if first["delta"] == 0:
        return f"type I error {share_words(first['significant'])}: share of trials with {bound}"
    return f"power {share_words(first['favourable'])}: share of trials with {bound} in favour"


def _axis_title(unit: str, narrow: bool) -> str:
    what = unit.removesuffix(", benefit positive").removeprefix("difference between arms, ")
    return f"estimated difference, {what}" + ("" if narrow else "; right favours the active arm")
