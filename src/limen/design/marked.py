"""Markers of a population, streamed: the people of `simulate`, the looks of the mechanism section, quantiles by bins."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from limen.design.operate import draw_parameters
from limen.design.population import AT_ONCE, DRAWS, INNER, QUANTILES, Tick
from limen.parameters import ParameterSet
from limen.protocol.clock import Clock
from limen.response import respond
from limen.trial.curves import sample
from limen.trial.marked import dosing_and_looks
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
    draws = draw_parameters(parameters, min(DRAWS, max(20, people)), seed)
    size = min(AT_ONCE, -(-people // INNER) * INNER)
    tables: list[pl.DataFrame] = []
    for index, arm in enumerate(plan.arms):
        if not arm.levels:
            continue
        place = 0 if plan.crossover else int(np.flatnonzero(plan.arm_of == index)[0])
        counts: dict[tuple[str, str, int], Int[np.ndarray, "times bins"]] = {}
        at = np.zeros(0)
        for start in range(0, people, size):
            who = np.minimum(np.arange(start, start + size), people - 1)
            met = sample(draws, plan, seed, index, who % draws.count, who, np.full_like(who, place))
            dosing, look = dosing_and_looks(plan, met, stated)
            found = respond(dosing, draws, plan.indication, met.people, look)
            at = found.times
            count = min(size, people - start)
            for marker in found.markers:
                for switch, values in enumerate(found.values[marker.id]):
                    key = (marker.id, marker.unit, switch)
                    counts[key] = counts.get(key, 0) + _counted(values[:count])
            if tick is not None:
                tick(count)
        tables += [_table(arm.name, key, at, count) for key, count in counts.items()]
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
