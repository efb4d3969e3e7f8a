"""Solve a population natively: what JAX prepares per person, the march, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from limen.engine.declare import Model, Reading, Values
from limen.engine.native.lanes import WIDTH
from limen.engine.native.machine import compiled, over_groups
from limen.engine.native.recipe import Recipe, recipe
from limen.engine.placing import Accuracy


@cache
def _recipe(model: Model, found: Reading, names: tuple[str, ...]) -> Recipe:
    ones = Values({name: np.ones(1) for name in names})
    count = len(model.kinetics.elimination(ones))
    further = sum(name is not None for name in (model.kinetics.absorption, model.kinetics.effect))
    return recipe(model, found, names, count + further)


@dataclass(frozen=True)
class Marched:
    """States at every pin (intervals * pins, N) by name, their start (N,), and what stood in each interval."""

    states: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    seen: dict[str, Any]


def run(
    model: Model,
    found: Reading,
    accuracy: Accuracy,
    given: dict[str, Any],
    arrays: dict[str, Any],
    observed: bool,
    threads: int,
) -> Marched:
    """A population on this machine's cores. Raises Untranslatable where the model has no native form."""
    own = _recipe(model, found, tuple(sorted(given)))
    pins = arrays["pins"].shape[1]
    code = compiled(own, accuracy, pins > 1, observed)
    people = max(
        [v.shape[0] for v in given.values()] + [arrays[k].shape[-1] for k in ("doses", "starts", "pins")]
    )
    padded = -(-people // WIDTH) * WIDTH

    def wide(array: Any) -> np.ndarray:
        """(..., 1 | people) to (..., padded), contiguous."""
        array = np.asarray(array)
        if array.shape[-1] == 1:
            return np.ascontiguousarray(np.broadcast_to(array, (*array.shape[:-1], padded)))
        if array.shape[-1] == padded:
            return np.ascontiguousarray(array)
        return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, padded - people)], mode="edge")

    intervals, kind = arrays["doses"].shape[0], arrays["kind"]
    row = np.arange(intervals) if kind is None else np.asarray(kind, np.int64)
    offsets = wide(arrays["pins"])
    memory = {
        "parameters": np.stack([wide(given[name]) for name in own.parameters]),
        "gaps": np.ascontiguousarray(offsets[:, -1]),
        "largest": wide(arrays["doses"].max(axis=0)),
        "rates": np.empty((own.modes, padded)),
        "coefficients": np.empty((own.modes * len(own.observables), padded)),
        "initial": np.empty((len(own.states), padded)),
        "graded": np.empty((len(offsets), accuracy.panels, padded)),
        "starts": wide(arrays["starts"]),
        "doses": wide(arrays["doses"]),
        "slot": np.zeros_like(row) if kind is None else row,
        "row": row,
        "fresh": np.array([kind is None or k not in row[:i] for i, k in enumerate(row)], np.int64),
        "states": np.empty((len(own.states), intervals * pins, padded)),
        "seen": np.empty((intervals, own.modes + len(own.before) + 2, padded) if observed else 1),
    }
    count = {"people": padded, "rows": len(offsets), "intervals": intervals, "pins": pins}
    count["panels"] = accuracy.panels + pins - 1
    slots = 1 if kind is None else int(row.max()) + 1
    room = code.memory.scratch(slots, count["panels"], len(own.states))

    def prepare(first: int, last: int) -> None:
        code.prepare(memory, count | {"first": first, "last": last})

    def march(first: int, last: int) -> None:
        scratch = np.empty(room + WIDTH)
        own_memory = memory | {"scratch": scratch[-scratch.ctypes.data % 64 // 8 :]}
        code.march(own_memory, count | {"first": first, "last": last})

    over_groups(prepare, padded, threads)
    memory["edges"], memory["reached"] = _edges(memory["graded"], offsets)
    over_groups(march, padded, threads)
    seen, m = memory["seen"], own.modes
    return Marched(
        dict(zip(own.states, memory["states"], strict=True)),
        dict(zip(own.states, memory["initial"], strict=True)),
        {
            "amplitude": seen[:, :m],
            "before": {name: seen[:, m + i] for i, name in enumerate(own.before)},
            "dose": seen[:, -2],
            "tad": seen[:, -1],
        }
        if observed
        else {},
    )


def _edges(graded: np.ndarray, pins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`panels.cut` on this machine: edges (rows, P + 1, N) and how many panels are done at each pin (rows, R, N)."""
    edges = np.concatenate([graded, pins], axis=1)
    if pins.shape[1] == 1:
        return edges, np.zeros(1, np.int64)
    edges.sort(axis=1)
    reached = np.zeros(pins.shape, np.int64)
    for r in range(pins.shape[1]):
        reached[:, r] = np.sum(edges <= pins[:, r : r + 1] * (1 + 1e-14), axis=1) - 1
    return edges, reached
