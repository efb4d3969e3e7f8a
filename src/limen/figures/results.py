"""The figure of each kind of result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scipy.special import erfinv

from limen.analysis.power.staged import staged
from limen.errors import LimenError
from limen.figures import blind, designs, forest, forest_lines, looks, lsmeans, power_curve
from limen.figures.figure import Figure
from limen.figures.marks import Datum, distinct
from limen.figures.theme import Spec, dressed

if TYPE_CHECKING:
    from limen.analysis.analysed import Analysed, AnalysedEach
    from limen.analysis.blinded import Blinded
    from limen.analysis.nca import KineticsTable
    from limen.analysis.pooled_table import PooledTable
    from limen.analysis.power.ask import Power
    from limen.analysis.power.sequential import Bounds
    from limen.analysis.power.staged import Staged
    from limen.design.designs import Designs
    from limen.design.population import PopulationSummary
    from limen.design.trials import Trials
    from limen.evidence.meta import Meta


def analysed(found: Analysed) -> Figure:
    """Adjusted means over visits, and under them the differences from control; these alone where a model has no means."""
    if not found.result.means:
        lines = found.result.estimates
        rows = [
            {
                "value": line.visit,
                "difference": line.contrast,
                "estimate": line.estimate,
                **lsmeans.ends(line),
            }
            for line in lines
        ]
        return _figure("differences", "Differences", rows, _intervals)
    rows = lsmeans.table(found.result, found.roles["outcome"], found.roles.get("visit", ""))
    return _figure("lsmeans", "Adjusted means and differences", rows, lsmeans.chart)


def analysed_each(found: AnalysedEach) -> Figure:
    """The difference of each analysis at the visit of interest, with its interval."""
    rows = [
        {"value": f"{found.by} {value}", "difference": line.contrast, "estimate": line.estimate, **lsmeans.ends(line)}
        for value, one in found.each.items() for line in one.result.of_interest()
    ]  # fmt: skip
    return _figure("differences", "Difference of each analysis", rows, _intervals)


def pooled(found: Meta) -> Figure:
    """The forest plot."""
    return _figure("forest", "What is known", forest_lines.table(found), forest.chart)


def population(found: PopulationSummary, series: str = "plasma") -> Figure:
    """Median and 90% range of one series (`plasma`, `effect` or `occupancy`) over people, by arm."""
    rows = [row for row in found.rows() if row["series"] == series]
    return _figure("population", series, rows, _ranges)


def designed(found: Designs) -> Figure:
    """Power and what a drug that does nothing would be said to do, over what was varied, and their frontier."""
    return _figure("designs", "Designs", designs.table(found), designs.chart)


def scores(found: Trials) -> Figure:
    """The mean score of each arm over weeks, over all trials. Raises LimenError where no score was simulated."""
    if "score" not in found.table.columns:
        raise LimenError("these trials have no score by week", remedy="plot their ratings from .to_polars()")
    means = found.table.group_by("arm", "visit", maintain_order=True).mean().select("arm", "visit", "score")
    return _figure("scores", "Mean score", means.to_dicts(), _means)


def powered(found: Power, over: str = "n") -> Figure:
    """Power over the size ("n") or the effect ("effect"), the answer marked."""
    return _figure("power", "Power", found.curve(over), power_curve.chart)


def blinded(found: Blinded) -> Figure:
    """Bang's index by arm and time, and the guess-rate curve where there is a score."""
    return _figure("blinding", "Was the blind kept?", blind.table(found), blind.chart)


def stages(found: Staged) -> Figure:
    """Bounds over the information, and where the trial stops."""
    return _figure("sequential", "Bounds and stopping", looks.table(found), looks.chart)


def bounded(found: Bounds) -> Figure:
    """Bounds over the information, and where a trial stops that has a power of 90% with them."""
    return stages(staged(found))


def pooled_table(found: PooledTable) -> Figure:
    """The effect of each study and what they come to, with intervals; of a meta-regression its coefficients alone."""
    half = math.sqrt(2) * erfinv(found.level)
    studies = [
        (row["study"], row["effect"], half * math.sqrt(row["variance"]))
        for row in found.rows()
        if "variance" in row
    ]
    each = [
        {"estimate": y, "low": y - d, "high": y + d, "value": name}
        for name, y, d in studies
        if not found.moderators
    ]
    both = [
        {"estimate": row["effect"], "low": row["ci_low"], "high": row["ci_high"], "value": row["study"]}
        for row in found.rows() if "ci_low" in row
    ]  # fmt: skip
    rows = [{**row, "difference": found.measure} for row in (*each, *both)]
    return _figure("pooled", "Effects of studies", rows, _intervals)


def concentrations_seen(found: KineticsTable) -> Figure:
    """Peak, area and half-life of each person."""
    shown = {"cmax": "peak", "auc_last": "area to the last sample", "half_life": "terminal half-life"}
    rows = [
        {"person": row["id"], "quantity": words, "value": row[name]}
        for name, words in shown.items() for row in found.rows() if row[name] is not None
    ]  # fmt: skip
    return _figure("kinetics", "Kinetics of each person", rows, _points)


def _figure(name: str, title: str, rows: Sequence[Datum], draw: Any) -> Figure:
    return Figure(name, title, "", "", list(rows), draw)


def _ranges(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    x: Spec = {"field": "hour", "type": "quantitative", "title": "hours since the first dose"}
    y: Spec = {"type": "quantitative", "title": f"{rows[0]['series']} ({rows[0]['unit']})"}
    band: Spec = {"mark": {"type": "area", "opacity": 0.2},
                  "encoding": {"x": x, "y": {"field": "q05", **y}, "y2": {"field": "q95"}}}  # fmt: skip
    line: Spec = {"mark": "line", "encoding": {"x": x, "y": {"field": "q50", **y}}}
    facet: Spec = {"row": {"field": "arm", "type": "nominal", "title": None, "sort": distinct(rows, "arm")}}
    return dressed({"data": {"values": list(rows)}, "facet": facet, "spec": {"layer": [band, line]}}, narrow)


def _means(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    encoding: Spec = {
        "x": {"field": "visit", "type": "quantitative", "title": "week"},
        "y": {"field": "score", "type": "quantitative", "scale": {"zero": False}},
        "strokeDash": {"field": "arm", "type": "nominal", "sort": distinct(rows, "arm")},
    }
    mark: Spec = {"type": "line", "point": True}
    return dressed({"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}, narrow)


def _points(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    x: Spec = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True}}
    point: Spec = {
        "mark": "point",
        "encoding": {"y": {"field": "person", "type": "nominal", "title": None}, "x": x},
    }
    facet: Spec = {"row": {"field": "quantity", "type": "nominal", "title": None}}
    spec: Spec = {
        "data": {"values": list(rows)},
        "facet": facet,
        "spec": point,
        "resolve": {"scale": {"x": "independent"}},
    }
    return dressed(spec, narrow)


def _intervals(rows: Sequence[Datum], narrow: bool = False) -> Spec:
    y: Spec = {"field": "value", "type": "nominal", "sort": None, "title": None}
    x: Spec = {"type": "quantitative", "title": "difference"}
    line: Spec = {"mark": "rule", "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}}}
    point: Spec = {"mark": "point", "encoding": {"y": y, "x": {"field": "estimate", **x}}}
    facet: Spec = {
        "row": {"field": "difference", "type": "nominal", "title": None, "sort": distinct(rows, "difference")}
    }
    return dressed({"data": {"values": list(rows)}, "facet": facet, "spec": {"layer": [line, point]}}, narrow)
