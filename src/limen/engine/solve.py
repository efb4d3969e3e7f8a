"""Solve a declared model for a population: `solve` in memory, over blocks of people sized for the cache."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from limen.engine import streams  # noqa: F401  (turns on float64)
from limen.engine.declare import Model, Reading, Values, reading
from limen.engine.kinetics import modes, positive
from limen.engine.march import course
from limen.engine.native.machine import cores
from limen.engine.native.run import run as run_natively
from limen.engine.native.translate import Untranslatable
from limen.engine.panels import panels
from limen.engine.placing import Accuracy, placed
from limen.engine.placing import accuracy as accuracy_of
from limen.engine.schedule import Layout, Schedule, lay_out
from limen.errors import DataError, ParameterError

BLOCK = 128  # people per vector block: their tables stay in a core's own cache


@dataclass(frozen=True)
class Solution:
    """Values at the outputs, each (participants, times); `times` h; `errors` estimated absolute error where asked."""

    times: np.ndarray
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray] | None = None


def solve(
    model: Model,
    parameters: dict[str, Any],
    schedule: Schedule,
    observe: tuple[str, ...] | None = None,
    refine: int = 0,
    errors: bool = False,
    backend: str = "auto",
    threads: int | None = None,
) -> Solution:
    """Every state (or what `observe` names: states, signals, `C`, `Ce`) of every participant at the outputs.

    `parameters`: name to a number or one per participant; their dtype sets the precision (float32 gives about 1e-5).
    `refine`: 0 errs by at most about 1e-6 (mixed absolute and relative), 1 by 1e-9. With `errors`, the course is
    solved once more on a coarser ladder step and the difference is returned as the error estimate, which therefore
    errs on the large side. `backend`: `native` (this processor's own code, float64, on `threads` cores, all of them if
    left out), `jax` (any device), or `auto`, which takes the first where it can. Both are exact to the same error.
    Raises ParameterError for an equation that reads what is not given, DataError for shapes that disagree.
    """
    given = {name: jnp.asarray(value) for name, value in parameters.items()}
    dtype = np.float32 if given and all(v.dtype == np.float32 for v in given.values()) else np.float64
    given = {name: jnp.atleast_1d(value.astype(dtype)) for name, value in given.items()}
    lag = None
    if model.kinetics.lag is not None:
        if model.kinetics.lag not in given:
            raise ParameterError(f"the lag {model.kinetics.lag!r} has no value")
        lag = np.asarray(given[model.kinetics.lag])
    layout = lay_out(schedule, lag, model.longest)
    sizes = {v.shape[0] for v in given.values()} | {layout.doses.shape[1], layout.starts.shape[1]}
    people = max(sizes)
    if sizes - {1, people}:
        raise DataError(f"parameters and schedule disagree on the number of participants: {sorted(sizes)}")
    found = reading(model, given)
    names = tuple(observe) if observe is not None else tuple(state.name for state in model.states)
    arrays = _arrays(layout, dtype)
    run = partial(_run, model, found, names, _block(people, BLOCK))
    if backend == "native" or (backend == "auto" and dtype == np.float64 and jax.default_backend() == "cpu"):
        run = _native_or(run, backend, partial(_natively, model, found, names, people, threads))
    values = run(accuracy_of(model, refine), given, arrays)
    estimate = None
    if errors:
        coarse = run(accuracy_of(model, refine - 1), given, arrays)
        floor = 20 * float(np.finfo(dtype).eps) ** 0.75
        estimate = {n: np.asarray(jnp.abs(values[n] - coarse[n]) + floor * _scale(values[n])) for n in names}
    return Solution(layout.outputs, {n: np.asarray(v) for n, v in values.items()}, estimate)


def _native_or(otherwise: Any, backend: str, native: Any) -> Any:
    """The native march, or JAX where the model has equations that it has no instructions for."""

    def run(*given: Any) -> Any:
        try:
            return native(*given)
        except Untranslatable as error:
            if backend == "native":
                raise ParameterError(
                    f"no native form of this model: {error}", remedy="backend='jax'"
                ) from None
            return otherwise(*given)

    return run


def _natively(
    model: Model,
    found: Reading,
    names: tuple[str, ...],
    people: int,
    threads: int | None,
    accuracy: Accuracy,
    given: dict[str, Any],
    arrays: dict[str, Any],
) -> dict[str, Any]:
    """Names to (participants, times), by the native march."""
    observed = not {state.name for state in model.states} >= set(names)
    marched = run_natively(model, found, accuracy, given, arrays, observed, threads or cores())
    pins = arrays["pins"].shape[1]
    where = arrays["where"]

    def pick(name: str) -> np.ndarray:
        rows, start = marched.states[name], marched.start[name]
        if where.shape[1] == 1:
            early, late = where[:, 0] < pins, np.maximum(where[:, 0] - pins, 0)
            value = rows[late, :people]
            value[early] = start[:people]
            return value
        at = np.maximum(where - pins, 0)
        return np.where(where < pins, start[:people], np.take_along_axis(rows[:, :people], at, axis=0))

    states = {name: pick(name) for name in (marched.states if observed else names)}
    if not observed:
        return {name: value.T for name, value in states.items()}
    seen = jax.tree.map(lambda a: a[..., :people], marched.seen)
    values = _seen_at(model, names, given, seen, arrays | {"kind": None}, states)
    return {name: value.T for name, value in values.items()}


@partial(jax.jit, static_argnums=(0, 1))
def _seen_at(model: Model, names: tuple[str, ...], given: Any, seen: Any, arrays: Any, states: Any) -> Any:
    people = next(iter(states.values())).shape[1]
    p = {name: jnp.broadcast_to(value, (people,)) for name, value in given.items()}
    kinetic = modes(model.kinetics, Values(p))
    pins = arrays["pins"].shape[1]
    where = jnp.broadcast_to(arrays["where"], (arrays["where"].shape[0], people))
    return _observed(model, names, p, kinetic, seen, arrays, where // pins - 1, states)


def _scale(value: Any) -> Any:
    return jnp.max(jnp.abs(value), axis=1, keepdims=True) + 1e-3


def _block(people: int, block: int) -> int:
    """Few block sizes, so that compiled programs are shared."""
    return min(block, 1 << max(people - 1, 0).bit_length())


def _arrays(layout: Layout, dtype: Any) -> dict[str, Any]:
    """The layout as arrays with the participants (or 1) last."""
    return {
        "starts": layout.starts.astype(dtype),
        "doses": layout.doses.astype(dtype),
        "pins": layout.pins.astype(dtype),
        "kind": layout.kind,
        "where": layout.where.T.copy(),
        "outputs": layout.outputs.T.astype(dtype),
    }


@partial(jax.jit, static_argnums=(0, 1, 2, 3, 4))
def _run(
    model: Model,
    found: Reading,
    names: tuple[str, ...],
    block: int,
    accuracy: Accuracy,
    given: dict[str, Any],
    arrays: dict[str, Any],
) -> dict[str, Any]:
    """Blocks of people, one after another; names to (participants, times)."""
    people = max(
        [v.shape[0] for v in given.values()] + [arrays["doses"].shape[-1], arrays["starts"].shape[-1]]
    )
    blocks = -(-people // block)

    def cut(array: Any) -> Any:
        """(..., N) into (blocks, ..., block), padded by repeating the last person."""
        padding = [(0, 0)] * (array.ndim - 1) + [(0, blocks * block - people)]
        padded = jnp.pad(array, padding, mode="edge")
        return jnp.moveaxis(padded.reshape(*array.shape[:-1], blocks, block), -2, 0)

    kind = arrays["kind"]
    per_person = {"given": {}, "arrays": {}}
    shared = {"given": {}, "arrays": {}}
    for group, source in (("given", given), ("arrays", {k: v for k, v in arrays.items() if k != "kind"})):
        for key, array in source.items():
            if array.shape[-1] == people and people > 1:
                per_person[group][key] = cut(array)
            else:
                shared[group][key] = array

    def one(own: dict[str, Any]) -> dict[str, Any]:
        p = {
            name: jnp.broadcast_to(value, (block,))
            for name, value in (shared["given"] | own["given"]).items()
        }
        return _block_values(model, found, names, accuracy, p, shared["arrays"] | own["arrays"], kind, block)

    if not per_person["given"] and not per_person["arrays"]:
        return {name: value.T[:people] for name, value in one(per_person).items()}
    result = jax.lax.map(one, per_person)
    return {name: jnp.moveaxis(v, 1, 2).reshape(blocks * block, -1)[:people] for name, v in result.items()}


def _block_values(
    model: Model,
    found: Reading,
    names: tuple[str, ...],
    accuracy: Accuracy,
    p: dict[str, Any],
    arrays: dict[str, Any],
    kind: Any,
    block: int,
) -> dict[str, Any]:
    """One block: names to (times, block)."""
    x = Values(p)
    kinetic = modes(model.kinetics, x)
    rates = jnp.broadcast_to(kinetic.rates, (kinetic.rates.shape[0], block))
    kinetic = replace(
        kinetic,
        rates=rates,
        coefficients={k: jnp.broadcast_to(v, rates.shape) for k, v in kinetic.coefficients.items()},
    )
    dose = jnp.max(arrays["doses"], axis=0)

    def make(pins: Any) -> Any:
        graded = placed(model, found, p, kinetic, pins[-1], dose, accuracy)
        return panels(model, found, x, kinetic, pins, graded, accuracy)

    pinned, seen = course(
        model, found, p, kinetic, make, arrays["pins"], kind, arrays["doses"], arrays["starts"]
    )
    pins = arrays["pins"].shape[1]
    where = jnp.broadcast_to(arrays["where"], (arrays["where"].shape[0], block))

    def pick(recorded: Any) -> Any:
        return jnp.take_along_axis(recorded.reshape(-1, block), where, axis=0)

    states = {name: pick(value) for name, value in pinned.items()}
    if set(names) <= set(states):
        return {name: states[name] for name in names}
    return _observed(model, names, p, kinetic, seen, arrays, where // pins - 1, states)


def _observed(
    model: Model,
    names: tuple[str, ...],
    p: dict[str, Any],
    kinetic: Any,
    seen: dict[str, Any],
    arrays: dict[str, Any],
    home: Any,
    states: dict[str, Any],
) -> dict[str, Any]:
    """Concentrations and signals at the outputs, in closed form from what stood in each output's interval."""
    index = jnp.maximum(home, 0)
    starts = jnp.broadcast_to(jnp.asarray(arrays["starts"]), (arrays["starts"].shape[0], home.shape[1]))
    since = jnp.maximum(arrays["outputs"] - jnp.take_along_axis(starts, index, axis=0), 0.0)

    def then(recorded: Any) -> Any:
        return jnp.take_along_axis(recorded, index, axis=0)

    known = dict(p)
    for name, coefficients in kinetic.coefficients.items():
        terms = (
            coefficients[m] * then(seen["amplitude"][:, m]) * jnp.exp(-kinetic.rates[m] * since)
            for m in range(kinetic.rates.shape[0])
        )
        # before the first dose nothing has been given, whatever the first interval holds
        known[name] = jnp.where(home >= 0, positive(sum(terms)), positive(jnp.zeros_like(since)))
    known |= {"t": arrays["outputs"], "tad": then(seen["tad"]) + since, "dose": then(seen["dose"])} | states
    x = Values(known, Values({name: then(value) for name, value in seen["before"].items()}))
    for signal in model.signals:
        known[signal.name] = signal.value(x)
    return {name: jnp.broadcast_to(known[name], home.shape) for name in names}
