"""Markers of a population, streamed: the people of `simulate`, the looks of the mechanism section, quantiles by bins."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from limen.design.population import QUANTILES, Tick, crowds
from limen.engine.runs import Histograms
from limen.parameters import Draws, ParameterSet
from limen.protocol.clock import Clock
from limen.response import Markers, respond
from limen.trial.curves import Cohort
from limen.trial.marked import by_the_clock, dosing_and_looks
from limen.trial.plan import Plan

# Sizes at most 1.1% apart, from a millionth to 256, on both sides of zero.
SIZES = 2.0 ** np.arange(-20, 8, 1 / 64)
EDGES = np.concatenate([-SIZES[::-1], SIZES])
MIDDLE = np.concatenate([[-np.inf], (EDGES[:-1] + EDGES[1:]) / 2, [np.inf]])


def simulate_markers(
    plan: Plan, parameters: ParameterSet, people: int, seed: int, stated: Clock, tick: Tick | None = None
) -> pl.DataFrame:
    """Quantiles over people and parameters of every marker with its switch at 0 and at 1: one row per arm, marker,
    switch and hour since the first dose, in memory that does not grow with `people`. They are the people of `simulate`,
    and what the mechanism section shows of an arm's first participants. Raises CompoundError for a compound of which
    markers are not known."""
    tables: list[pl.DataFrame] = []
    times: dict[str, Float[np.ndarray, " times"]] = {}
    for arm, crowd in crowds(plan, parameters, people, seed):

        def look(met: Cohort, draws: Draws = crowd.draws) -> Markers:
            dosing, looks = dosing_and_looks(plan, met, stated)
            return respond(dosing, draws, plan.indication, met.people, looks)

        def count(counts: Histograms, found: Markers, people: int, arm: str = arm) -> None:
            times[arm] = found.times
            for marker in found.markers:
                for switch, values in enumerate(found.values[marker.id]):
                    key = (marker.id, marker.unit, switch)
                    counts[key] = counts.get(key, 0) + _counted(values[:people])

        counts = crowd.counted(f"markers {by_the_clock(stated)!r}", look, count, tick)
        tables += [_table(arm, key, times[arm], total) for key, total in counts.items()]
    return pl.concat(tables)


def _counted(values: Float[np.ndarray, "people times"]) -> Int[np.ndarray, "times bins"]:
    where = np.searchsorted(EDGES, values.T)
    return np.stack([np.bincount(row, minlength=len(MIDDLE)) for row in where])


def _table(
    arm: str,
    key: tuple[str, str, int],
    at: Float[np.ndarray, " times"],
    counts: Int[np.ndarray, "times bins"],
) -> pl.DataFrame:
    """The middle of the bin each quantile falls in; within a millionth of zero, zero."""
    marker, unit, switch = key
    cumulative = counts.cumsum(1) / counts.sum(1, keepdims=True)
    columns = {f"q{round(100 * q):02d}": MIDDLE[(cumulative < q).sum(1)] for q in QUANTILES}
    return pl.DataFrame(
        {"arm": [arm] * len(at), "marker": marker, "unit": unit, "switch": switch, "hour": at} | columns
    )
