"""Designs of a search: a measure over one thing that was varied, with its Monte Carlo band, one line a value of the others;
and power against what a drug that does nothing would be said to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from limen.figures.marks import Datum, distinct, exactly, mark, n, panel, q, stacked, upto
from limen.figures.theme import LIGHT, Spec, dressed

COLUMNS = {
    "x": "value of the axis that most was varied on",
    "axis": "its name",
    "line": "the other things that were varied",
    "across": "value of the only other one, where two were varied; None where not",
    "power": "significant benefit, averaged over what is believed of the drug",
    "false": "significant benefit of a drug that does nothing",
    "power_low": "two Monte Carlo errors below", "power_high": "and above",
    "false_low": "two Monte Carlo errors below", "false_high": "and above",
}  # fmt: skip
DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3]]


def table(found: Any) -> list[Datum]:
    """One row a design that was simulated."""
    rows = [row for row in found.rows() if row["beyond"] is None]
    names = ["people", *(a.name for a in found.axes if a.name != "n")]
    values = {name: list(dict.fromkeys(row[name] for row in rows)) for name in names}
    along = max(names, key=lambda name: len(values[name]))
    others = [name for name in names if name != along and len(values[name]) > 1]
    return [
        {
            "x": _number(row[along], at),
            "axis": along,
            "line": ", ".join(f"{name} {row[name]}" for name in others),
            "across": str(row[others[0]]) if len(others) == 1 else None,
            **{
                key: value
                for m in ("power", "false")
                for key, value in (
                    (m, row[m]),
                    (f"{m}_low", max(row[m] - 2 * row[f"{m}_se"], 0.0)),
                    (f"{m}_high", row[m] + 2 * row[f"{m}_se"]),
                )
            },
        }
        for row in rows
        for at in [values[along].index(row[along])]
    ]


def chart(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    """A map of power where two things were varied; power, a drug that does nothing, and their frontier."""
    width = 300 if narrow else 560
    return dressed(
        stacked([*_map(rows, width), _over(rows, "power", ", over what is believed of the drug", width), _over(rows, "false", " of a drug that does nothing", width),
                 _frontier(rows, width)]),
        narrow,
    )  # fmt: skip


def _map(rows: Sequence[Datum], width: int) -> list[Spec]:
    """Power over both things that were varied, with the share of trials in words; nothing where it would be a single row."""
    across = distinct(rows, "across")
    if len(across) < 2 or len(distinct(rows, "x")) < 2:
        return []
    cells = [{**row, "said": f"{row['power']:.0%}"} for row in rows]
    pale, dark = ([row for row in cells if (row["power"] < 0.6) is light] for light in (True, False))
    x = {"field": "x", "type": "ordinal", "title": rows[0]["axis"], "axis": {"labelAngle": 0}}
    y = n("across", sort=across, title=None)
    shade = q("power", legend=None, scale={"domain": [0, 1], "range": [LIGHT["paper"], LIGHT["drug"]]})
    said = {"x": x, "y": y, "text": n("said")}
    layers = [
        mark("rect", cells, {"x": x, "y": y, "color": shade}, stroke=LIGHT["rule"]),
        *([mark("text", pale, said, color=LIGHT["ink"], fontSize=11)] if pale else []),
        *([mark("text", dark, said, color=LIGHT["paper"], fontSize=11)] if dark else []),
    ]
    names = f"{rows[0]['axis']} and {rows[0]['line'].removesuffix(across[0]).strip()}"
    return [panel(layers, width, 30 * len(across), f"Trials that find a significant benefit, by {names}")]


def _over(rows: Sequence[Datum], field: str, title: str, width: int) -> Spec:
    at = [row["x"] for row in rows]
    x = q(
        "x",
        title=rows[0]["axis"],
        axis={"tickCount": 6},
        scale=exactly(min(at), max(at)) if max(at) > min(at) else {"zero": False},
    )
    y = q(field, title=None, axis={"format": "%", "grid": True, "tickCount": 5}, scale={"domainMin": 0})
    line = n(
        "line",
        title=None,
        sort=distinct(rows, "line"),
        scale={"range": DASHES},
        legend={"orient": "bottom", "columns": 2, "labelLimit": 0},
    )
    detail = {"detail": n("line")}
    layers = [
        mark("area", rows, {"x": x, "y": y | {"field": f"{field}_low"}, "y2": upto(f"{field}_high"), **detail},
             color=LIGHT["rule"], opacity=0.5),
        mark("line", rows, {"x": x, "y": y, "strokeDash": line}, color=LIGHT["ink"], strokeWidth=1.8),
        mark("point", rows, {"x": x, "y": y, **detail}, color=LIGHT["ink"], size=25, filled=True),
    ]  # fmt: skip
    return panel(layers, width, 190, f"Trials that find a significant benefit{title}")


def _frontier(rows: Sequence[Datum], width: int) -> Spec:
    x = q("false", title="of a drug that does nothing", axis={"format": "%"}, scale={"zero": True})
    y = q("power", title=None, axis={"format": "%", "grid": True, "tickCount": 5}, scale={"zero": True})
    layers = [
        mark("rule", rows, {"x": x | {"field": "false_low"}, "x2": upto("false_high"), "y": y}, color=LIGHT["rule"]),
        mark("rule", rows, {"x": x, "y": y | {"field": "power_low"}, "y2": upto("power_high")}, color=LIGHT["rule"]),
        mark("point", rows, {"x": x, "y": y}, color=LIGHT["ink"], size=40, filled=True),
    ]  # fmt: skip
    return panel(
        layers, width, 190, "Power against a drug that does nothing, two Monte Carlo errors either way"
    )


def _number(value: Any, at: int) -> float:
    """A value of an axis as a number; one that is none stands in its place."""
    try:
        return float(str(value).split()[0])
    except ValueError:
        return float(at)
