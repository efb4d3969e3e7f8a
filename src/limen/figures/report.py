"""What the trial would say: the estimated difference over simulated trials, and when it would be called significant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from limen.figures.curves import Row, framed, layered, panel
from limen.figures.shapes import ReportedOutcome, WhatIf
from limen.figures.theme import LIGHT, dressed, table


def data(outcomes: Sequence[ReportedOutcome]) -> list[Row]:
    """Density of the estimate by outcome and scenario: a Gaussian kernel over the quantiles, Silverman's width."""
    records: list[Row] = []
    for outcome in outcomes:
        for scenario in outcome.scenarios:
            grid, density = _density(scenario.estimates)
            records += [
                {"outcome": outcome.outcome_name, "timing": outcome.timing, "scenario": scenario.label,
                 "x": float(f"{x:.4g}"), "density": float(f"{d:.4g}")}
                for x, d in zip(grid, density, strict=True)
            ]  # fmt: skip
    return records


def chart(outcomes: Sequence[ReportedOutcome], narrow: bool = False) -> Any:
    """A column per outcome, a row per drug effect; the region reported as significant is dark."""
    width = 320 if narrow else 460 if len(outcomes) > 1 else 640
    columns = []
    for outcome in outcomes:
        ends = [e for s in outcome.scenarios for e in (s.estimates[0], s.estimates[-1])]
        pad = 0.12 * (max(ends) - min(ends) or 1.0)
        domain = [min(ends) - pad, max(ends) + pad]
        rows = [framed(_row(outcome, s, domain, s is outcome.scenarios[-1], narrow), width=width, height=64 if narrow else 84,
                title=panel(s.label, [_finding(outcome, s)])) for s in outcome.scenarios]  # fmt: skip
        head = alt.TitleParams(
            f"{outcome.outcome_name} ({outcome.timing})",
            anchor="start",
            fontSize=13 if narrow else 15,
            offset=10,
        )
        columns.append(alt.vconcat(*rows, spacing=14).properties(title=head))
    return dressed(alt.vconcat(*columns) if narrow else alt.hconcat(*columns, spacing=60), narrow)


def _row(outcome: ReportedOutcome, scenario: WhatIf, domain: list[float], last: bool, narrow: bool) -> Any:
    grid, density = _density(scenario.estimates)
    cut = scenario.critical
    values = [{"x": float(x), "density": float(d), "zero": 0.0} for x, d in zip(grid, density, strict=True)]
    side = [
        [v for v in values if cut is not None and v["x"] >= cut],
        [v for v in values if cut is not None and v["x"] <= -cut],
    ]
    title = _axis_title(outcome.unit, narrow) if last else None
    x = alt.X(
        "x:Q",
        title=title,
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(tickCount=6, labels=last, ticks=last),
    )
    y = alt.Y(
        "density:Q", axis=None, title=None, scale=alt.Scale(domain=[0, max(density) * 1.02], nice=False)
    )

    def area(points: list[Row], opacity: float) -> alt.Chart:
        mark = alt.Chart(table(points)).mark_area(color=LIGHT["ink"], opacity=opacity, clip=True)
        return mark.encode(x=x, y=y)

    outline = (
        alt.Chart(table(values)).mark_line(color=LIGHT["ink"], strokeWidth=1.4, clip=True).encode(x=x, y=y)
    )
    zero = alt.Chart(table([{"x": 0.0}])).mark_rule(color=LIGHT["soft"], strokeDash=[3, 3]).encode(x="x:Q")
    layers: list[Any] = [area(values, 0.1), *[area(s, 0.72) for s in side if len(s) > 1], outline, zero]
    return layered(*layers)


def _finding(outcome: ReportedOutcome, scenario: WhatIf) -> str:
    share, bound = scenario.significant.value, f"p < {outcome.alpha:g}"
    null = scenario.delta == 0
    if null:
        return f"type I error {_percent(share)}: share of trials with {bound}"
    return f"power {_percent(scenario.favourable.value)}: share of trials with {bound} in favour"


def _density(estimates: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    points = np.asarray(estimates, float)
    spread = (
        min(points.std(ddof=1), (np.quantile(points, 0.75) - np.quantile(points, 0.25)) / 1.349)
        or points.std()
        or 1.0
    )
    width = max(0.9 * spread * len(points) ** -0.2, 1e-9)
    grid = np.linspace(points[0] - 3 * width, points[-1] + 3 * width, 121)
    kernel = np.exp(-0.5 * ((grid[:, None] - points[None, :]) / width) ** 2)
    return grid, kernel.mean(axis=1) / (width * math.sqrt(2 * math.pi))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%" if share < 0.1 else f"{100 * share:.0f}%"


def _axis_title(unit: str, narrow: bool) -> str:
    what = unit.removesuffix(", benefit positive").removeprefix("difference between arms, ")
    return f"estimated difference, {what}" + ("" if narrow else "; right favours the active arm")
