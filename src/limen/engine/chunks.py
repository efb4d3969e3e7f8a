"""Cohorts larger than memory: people are made, solved and summarised chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from limen.engine.declare import Model
from limen.engine.schedule import Schedule
from limen.engine.solve import solve


def simulate_chunks(
    model: Model,
    people: Callable[[int, int], dict[str, Any]],
    count: int,
    schedule: Schedule,
    observe: tuple[str, ...] | None = None,
    chunk: int = 16384,
    store: Path | None = None,
    tick: Callable[[int], None] | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Mean, sd, least and largest of every observed value at every output, over `count` participants.

    `people(first, last)` makes the parameters of participants first..last-1, so memory is bounded by the chunk and
    never by the cohort. Means and variances are joined by Chan's update. With `store`, trajectories are written to
    that Zarr group too, one array (participants, times) per name, chunked as they are made.
    """
    group = None
    if store is not None:
        import zarr

        group = zarr.open_group(str(store), mode="w")
    kept: dict[str, dict[str, Any]] = {}
    for first in range(0, count, chunk):
        last = min(first + chunk, count)
        found = solve(model, people(first, last), schedule, observe).values
        for name, value in found.items():
            if group is not None:
                if name not in group:
                    shape = (count, value.shape[1])
                    group.create_array(
                        name, shape=shape, chunks=(min(chunk, count), shape[1]), dtype=value.dtype
                    )
                group[name][first:last] = value  # type: ignore[index]
            kept[name] = _join(kept.get(name), value)
        if tick is not None:
            tick(last - first)
    return {
        name: {
            "mean": s["mean"],
            "sd": np.sqrt(s["m2"] / max(count - 1, 1)),
            "min": s["min"],
            "max": s["max"],
        }
        for name, s in kept.items()
    }


def _join(kept: dict[str, Any] | None, value: np.ndarray) -> dict[str, Any]:
    """Chan's update: m2 = m2_a + m2_b + d^2 n_a n_b / n, d the difference of means."""
    mean, n = value.mean(axis=0), value.shape[0]
    own = {
        "n": n,
        "mean": mean,
        "m2": ((value - mean) ** 2).sum(axis=0),
        "min": value.min(0),
        "max": value.max(0),
    }
    if kept is None:
        return own
    total, d = kept["n"] + n, mean - kept["mean"]
    return {
        "n": total,
        "mean": kept["mean"] + d * n / total,
        "m2": kept["m2"] + own["m2"] + d**2 * kept["n"] * n / total,
        "min": np.minimum(kept["min"], own["min"]),
        "max": np.maximum(kept["max"], own["max"]),
    }
