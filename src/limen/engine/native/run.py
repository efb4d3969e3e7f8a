"""Solve a population natively: what JAX prepares per person, the march, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from limen.engine.declare import Model, Reading, Values, evaluate
from limen.engine.kinetics import modes
from limen.engine.native.lanes import WIDTH
from limen.engine.native.machine import compiled, march
from limen.engine.native.recipe import Recipe, recipe
from limen.engine.panels import cut
from limen.engine.placing import Accuracy, placed


@partial(jax.jit, static_argnums=(0, 1, 2))
def _prepare(
    model: Model, found: Reading, accuracy: Accuracy, given: dict[str, Any], pins: Any, doses: Any
) -> tuple[dict[str, Any], Any, Any]:
    """What the march takes ready-made, people last: modes, panel edges (rows, P + 1, N), panels done at each pin."""
    x = Values(given)
    kinetic = modes(model.kinetics, x)
    people = max(v.shape[0] for v in given.values())
    rates = jnp.broadcast_to(kinetic.rates, (kinetic.rates.shape[0], people))
    coefficients = {k: jnp.broadcast_to(v, rates.shape) for k, v in kinetic.coefficients.items()}
    kinetic = replace(kinetic, rates=rates, coefficients=coefficients)
    dose = jnp.max(doses, axis=0)

    def place(row: Any) -> Any:
        return cut(row, placed(model, found, given, kinetic, row[-1], dose, accuracy))[:2]

    edges, reached = jax.vmap(place)(pins)
    start = [jnp.broadcast_to(jnp.asarray(evaluate(s.start, x), float), (people,)) for s in model.states]
    ready = {
        "rates": rates,
        "coefficients": jnp.concatenate(list(coefficients.values())),
        "initial": jnp.stack(start),
    }
    return ready, edges, reached


@cache
def _recipe(model: Model, found: Reading, names: tuple[str, ...]) -> Recipe:
    count = len(model.kinetics.elimination(Values(dict.fromkeys(names, 1.0))))
    further = sum(name is not None for name in (model.kinetics.absorption, model.kinetics.effect))
    return recipe(model, found, dict.fromkeys(names, 1.0), count + further)


@dataclass(frozen=True)
class Marched:
    """States at every pin (intervals * pins, N) by name, their start (N,), and what stood in each interval."""

    states: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    seen: dict[str, Any]
    kinetic: dict[str, Any]


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
    code = compiled(own, accuracy.nodes, pins > 1, observed)
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

    p = {name: wide(value) for name, value in given.items()}
    ready, edges, reached = _prepare(
        model,
        found,
        accuracy,
        p,
        wide(arrays["pins"]) if arrays["pins"].shape[-1] > 1 else arrays["pins"],
        wide(arrays["doses"]) if arrays["doses"].shape[-1] > 1 else arrays["doses"],
    )
    intervals = arrays["doses"].shape[0]
    kind = arrays["kind"]
    row = np.arange(intervals) if kind is None else np.asarray(kind)
    seen_rows = own.modes + len(own.before) + 2
    memory = {
        "parameters": np.stack([p[name] for name in own.parameters])
        if own.parameters
        else np.zeros((1, padded)),
        **{name: np.asarray(value) for name, value in ready.items()},
        "edges": np.asarray(edges),
        "reached": np.zeros(1, np.int64) if reached is None else np.asarray(reached, np.int64),
        "starts": wide(arrays["starts"]),
        "doses": wide(arrays["doses"]),
        "slot": np.zeros(intervals, np.int64) if kind is None else row.astype(np.int64),
        "row": row.astype(np.int64),
        "fresh": np.ones(intervals, np.int64)
        if kind is None
        else np.array([k not in row[:i] for i, k in enumerate(row)], np.int64),
        "states": np.empty((len(own.states), intervals * pins, padded)),
        "seen": np.empty((intervals, seen_rows, padded) if observed else 1),
    }
    numbers = {"people": padded, "intervals": intervals, "panels": edges.shape[1] - 1, "pins": pins}
    march(code, memory, numbers, 1 if kind is None else int(row.max()) + 1, threads)
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
        ready,
    )
