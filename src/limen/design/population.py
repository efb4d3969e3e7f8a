"""A population on a protocol's doses: streamed quantiles of exposure, or every trajectory on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import xarray as xr

from limen.design.operate import draw_parameters
from limen.errors import OutputError, Place
from limen.parameters import Draws, ParameterSet
from limen.results import Result
from limen.trial.curves import Curves, over, sample
from limen.trial.plan import Plan

CHUNK = 1000  # people held in memory at a time
DRAWS = 500
HOURS_A_DAY = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0])
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SERIES = ("plasma", "effect", "occupancy")
UNITS = {"plasma": "ng/mL", "effect": "ng/mL", "occupancy": "fraction"}
# Bins of the streamed quantiles: logarithmic for concentrations, even for a fraction.
_BINS = {
    "plasma": np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 2401)]),
    "effect": np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 2401)]),
    "occupancy": np.linspace(0.0, 1.0, 2001),
}


@dataclass(frozen=True)
class PopulationSummary(Result):
    """`summary`: one row per arm, series and hour with quantiles; `headline`: a few numbers per arm."""

    summary: pl.DataFrame
    headline: list[dict[str, Any]]

    def rows(self) -> list[dict[str, Any]]:
        return self.summary.to_dicts()

    def document(self) -> dict[str, Any]:
        return {"schema_version": 1, "arms": self.headline}

    def lines(self) -> list[str]:
        return [f"{row['arm']}: " + "; ".join(f"{name} {said}" for name, said in row["text"].items())
                for row in self.headline]  # fmt: skip


def hours(plan: Plan) -> np.ndarray:
    """Times of the output: eight a day over the weeks of dosing, hours from baseline."""
    days = np.arange(7 * plan.dosing_weeks)
    return (24.0 * days[:, None] + HOURS_A_DAY).ravel()


def simulate(
    plan: Plan, parameters: ParameterSet, people: int, seed: int, tick: Callable[[int], None] | None = None
) -> PopulationSummary:
    """Quantiles over people and parameters, in memory that does not grow with `people`.

    Quantiles come from fixed fine histograms (0.9% apart for concentrations, 0.0005 for occupancy), so chunks can be
    added up; people are drawn with their own parameter draw.
    """
    at = hours(plan)
    rows, headline = [], []
    for index, arm in enumerate(plan.arms):
        if not arm.levels:
            continue
        counts = {name: np.zeros((len(at), len(_BINS[name]) - 1), np.int64) for name in SERIES}
        cmax: list[np.ndarray] = []
        for c in _chunks(plan, parameters, index, people, seed, at, tick):
            for name in SERIES:
                _add(counts[name], np.asarray(getattr(c, name)), _BINS[name])
            cmax.append(np.asarray(c.cmax))
        for name in SERIES:
            q = _quantiles(counts[name], _BINS[name])
            rows.append(_rows(arm.name, name, at, q))
        peak = np.concatenate(cmax)
        occupied = _quantiles(counts["occupancy"], _BINS["occupancy"])
        top = occupied[:, occupied[2].argmax()]
        headline.append(_headline(arm.name, peak, top, people))
    return PopulationSummary(pl.concat(rows), headline)


def write_trajectories(
    plan: Plan,
    parameters: ParameterSet,
    people: int,
    seed: int,
    store: Path,
    tick: Callable[[int], None] | None = None,
) -> None:
    """Every person's series as one Zarr store, chunk by chunk: variables `plasma`, `effect`, `occupancy` over
    (person, hour), arm as a coordinate. The store appears under its name only when whole."""
    at = hours(plan)
    partial = store.with_name(f".{store.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    first, start = True, 0
    try:
        for index, arm in enumerate(plan.arms):
            if not arm.levels:
                continue
            for c in _chunks(plan, parameters, index, people, seed, at, tick):
                count = c.cmax.shape[0]
                data = xr.Dataset(
                    {
                        n: (
                            ("person", "hour"),
                            np.asarray(getattr(c, n)).T.astype(np.float32),
                            {"unit": UNITS[n]},
                        )
                        for n in SERIES
                    },
                    coords={
                        "hour": at,
                        "person": np.arange(start, start + count),
                        "arm": ("person", np.full(count, index)),
                    },
                    attrs={"arms": [a.name for a in plan.arms], "compound": plan.compound},
                )
                if first:
                    data.to_zarr(partial, mode="w", zarr_format=2)
                else:
                    data.to_zarr(partial, append_dim="person", zarr_format=2)
                first, start = False, start + count
        shutil.rmtree(store, ignore_errors=True)
        partial.rename(store)
    except OSError as error:
        raise OutputError(
            f"cannot write here: {error.strerror}", Place(file=store), "name a folder with --out"
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _chunks(
    plan: Plan, parameters: ParameterSet, arm: int, people: int, seed: int, at: np.ndarray,
    tick: Callable[[int], None] | None,
) -> Iterator[Curves]:  # fmt: skip
    """Curves of the first participant of the arm in each of as many trials as there are people: everybody has a
    parameter draw and a batch of their own, and is the person whom a trial of that number meets."""
    draws: Draws = draw_parameters(parameters, min(DRAWS, max(20, people)), seed)
    place = int(np.flatnonzero(plan.arm_of == arm)[0]) if not plan.crossover else 0
    for start in range(0, people, CHUNK):
        who = np.arange(start, min(start + CHUNK, people))
        padded = np.concatenate([who, np.full(min(CHUNK, people) - len(who), who[-1])])
        met = sample(draws, plan, seed, arm, padded % draws.count, padded, np.full_like(padded, place))
        whole = over(met, plan, at)
        if tick is not None:
            tick(len(who))
        yield Curves(**{n: getattr(whole, n)[..., : len(who)] for n in whole.__dataclass_fields__})


def _add(counts: np.ndarray, values: np.ndarray, bins: np.ndarray) -> None:
    where = np.clip(np.searchsorted(bins, values, side="right") - 1, 0, len(bins) - 2)
    for row in range(len(counts)):
        counts[row] += np.bincount(where[row], minlength=counts.shape[1])


def _quantiles(counts: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """[quantiles, times]: the middle of the bin each quantile falls in."""
    cumulative = counts.cumsum(1) / counts.sum(1, keepdims=True)
    middle = 0.5 * (bins[:-1] + bins[1:])
    return np.stack([middle[(cumulative < q).sum(1)] for q in QUANTILES])


def _rows(arm: str, series: str, at: np.ndarray, q: np.ndarray) -> pl.DataFrame:
    names = [f"q{round(100 * p):02d}" for p in QUANTILES]
    columns = dict(zip(names, q, strict=True))
    return pl.DataFrame(
        {"arm": [arm] * len(at), "series": series, "unit": UNITS[series], "hour": at} | columns
    )


def _headline(arm: str, cmax: np.ndarray, occupancy: np.ndarray, people: int) -> dict[str, Any]:
    low, middle, high = (float(x) for x in np.quantile(cmax, [0.05, 0.5, 0.95]))
    text = {
        "Cmax": f"{middle:.3g} ng/mL (90% of people {low:.3g} to {high:.3g})",
        "peak 5-HT2A occupancy": f"{100 * occupancy[2]:.0f}% (90% of people {100 * occupancy[0]:.0f} to {100 * occupancy[4]:.0f})",
    }
    return {
        "arm": arm,
        "people": people,
        "cmax_ng_ml": {"median": middle, "q05": low, "q95": high},
        "peak_occupancy": {
            "median": float(occupancy[2]),
            "q05": float(occupancy[0]),
            "q95": float(occupancy[4]),
        },
        "text": text,
    }
