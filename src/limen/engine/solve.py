"""Solve a declared model for a population: `solve` in memory, over blocks of people sized for the cache."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from limen.engine import streams  # noqa: F401  (turns on float64)
from limen.engine.declare import Model, Reads, Values, reading
from limen.engine.kinetics import Modes, modes, positive
from limen.engine.march import course
from limen.engine.panels import panels
from limen.engine.placing import Accuracy, grade
from limen.engine.placing import accuracy as accuracy_of
from limen.engine.schedule import Layout, Timetable, in_shared_shape, laid_out
from limen.engine.stored import stored_with
from limen.errors import DataError, ParameterError

BLOCK = 128  # people per vector block: their tables stay in a core's own cache
Courses = Float[np.ndarray, "*variants participants times"]


@dataclass(frozen=True)
class Solution:
    """Values at the outputs, with variants in front where there are any; `times` h, shared or everybody's own; `errors`
    estimated absolute error where asked."""

    times: Float[np.ndarray, "*own times"]
    values: dict[str, Courses]
    errors: dict[str, Courses] | None = None


def solve(
    model: Model,
    parameters: Mapping[str, Any],
    schedule: Timetable,
    observe: tuple[str, ...] | None = None,
    refine: int = 0,
    errors: bool = False,
    variants: Mapping[str, Any] | None = None,
    pad: bool = False,
) -> Solution:
    """Every state (or what `observe` names: states, signals, `C`, `Ce`) of every participant at the outputs.

    `parameters`: name to a number or one per participant; their dtype sets the precision (float32 gives about 1e-5).
    `variants`: further parameters, (variants, 1 | participants) each: the same people are followed under each of them in
    one march, and what no variant touches is worked out once. `refine`: 0 errs by at most about 1e-6 (mixed absolute and
    relative), 1 by 1e-9. With `errors`, the course is solved once more on a coarser ladder step and the difference is
    returned as the error estimate, which therefore errs on the large side. `pad`: into shapes that courses share, which
    costs a few intervals more and saves compiling for each.
    Raises ParameterError for an equation that reads what is not given, DataError for shapes that disagree.
    """
    given = {name: np.asarray(value) for name, value in parameters.items()}
    dtype = np.float32 if given and all(v.dtype == np.float32 for v in given.values()) else np.float64
    given = {name: np.atleast_1d(value.astype(dtype)) for name, value in given.items()}
    varied = {name: np.atleast_2d(np.asarray(v, dtype)) for name, v in (variants or {}).items()}
    found = reading(model, frozenset(given | varied))
    names = tuple(observe) if observe is not None else tuple(state.name for state in model.states)
    lag = None
    if model.kinetics.lag is not None:
        if model.kinetics.lag not in given:
            raise ParameterError(f"the lag {model.kinetics.lag!r} has no value")
        lag = given[model.kinetics.lag]
    layout = laid_out(schedule.shared(), lag, model.longest, pinned=not found.stateful.isdisjoint(names))
    arrays = _arrays(in_shared_shape(layout) if pad else layout, dtype)
    given = {n: v for n, v in given.items() if n in found.parameters}  # what nothing reads shapes no program
    shared = (*given.values(), *varied.values(), arrays["doses"], arrays["starts"])
    sizes = {v.shape[-1] for v in shared}
    people = max(sizes)
    if sizes - {1, people}:
        raise DataError(f"parameters and schedule disagree on the number of participants: {sorted(sizes)}")
    run = partial(_run, model, found, names, _block(people, BLOCK))
    values = run(accuracy_of(model, refine), given, varied, arrays)
    estimate = None
    if errors:
        coarse = run(accuracy_of(model, refine - 1), given, varied, arrays)
        floor = 20 * float(np.finfo(dtype).eps) ** 0.75
        estimate = {n: np.asarray(jnp.abs(values[n] - coarse[n]) + floor * _scale(values[n])) for n in names}
    asked = np.searchsorted(layout.outputs, schedule.outputs)
    if asked.ndim == 2:
        values = {n: np.take_along_axis(v, asked, axis=-1) for n, v in values.items()}
    else:
        values = {n: v[..., asked] for n, v in values.items()}
    return Solution(schedule.outputs, values, estimate)


def _scale(value: Any) -> Any:
    return jnp.max(jnp.abs(value), axis=-1, keepdims=True) + 1e-3


def _block(people: int, block: int) -> int:
    """Few block sizes, so that compiled programs are shared."""
    return min(block, 1 << max(people - 1, 0).bit_length())


def _arrays(layout: Layout, dtype: Any) -> dict[str, Any]:
    """The layout as arrays with the participants (or 1) last; `home` and `sooner_home` are the intervals of the places."""
    pins = layout.pins.shape[1]
    return {
        "starts": layout.starts.astype(dtype),
        "doses": layout.doses.astype(dtype),
        "pins": layout.pins.astype(dtype),
        "kind": layout.kind,
        "where": layout.where[:, None],
        "sooner": layout.sooner[:, None],
        "home": np.maximum(layout.where // pins - 1, 0)[:, None],
        "sooner_home": np.maximum(layout.sooner // pins - 1, 0)[:, None],
        "early": layout.early,
        "outputs": layout.outputs[:, None].astype(dtype),
    }


def _run(
    model: Model,
    found: Reads,
    names: tuple[str, ...],
    block: int,
    accuracy: Accuracy,
    given: dict[str, Any],
    varied: dict[str, Any],
    arrays: dict[str, Any],
) -> dict[str, Any]:
    """Blocks of people, one after another; names to (participants, times). Padded by repeating the last person before
    anything is compiled, so that programs are shared by all numbers of people that need as many blocks."""
    kind = arrays["kind"]
    groups = {"given": given, "varied": varied, "arrays": {k: v for k, v in arrays.items() if k != "kind"}}
    people = max(v.shape[-1] for group in groups.values() for v in group.values())
    blocks = 1 << max(-(-people // block) - 1, 0).bit_length()

    def cut(array: Any) -> Any:
        """(..., N) into (blocks, ..., block)."""
        padding = [(0, 0)] * (array.ndim - 1) + [(0, blocks * block - people)]
        padded = np.pad(array, padding, mode="edge")
        return np.moveaxis(padded.reshape(*array.shape[:-1], blocks, block), -2, 0)

    own: dict[str, dict] = {name: {} for name in groups}
    shared: dict[str, dict] = {name: {} for name in groups}
    for group, source in groups.items():
        for key, array in source.items():
            mine = array.shape[-1] == people and people > 1
            (own if mine else shared)[group][key] = cut(array) if mine else array
    result = _blocks(model, found, names, block, accuracy, own, shared, kind)
    return {name: np.asarray(value)[..., :people, :] for name, value in result.items()}


@stored_with(5)
def _blocks(
    model: Model,
    found: Reads,
    names: tuple[str, ...],
    block: int,
    accuracy: Accuracy,
    own: dict[str, dict],
    shared: dict[str, dict],
    kind: Any,
) -> dict[str, Any]:
    """Names to (variants, people, times)."""

    def one(own: dict[str, dict]) -> dict[str, Any]:
        joined = {group: shared[group] | own[group] for group in shared}
        p = {name: jnp.broadcast_to(value, (block,)) for name, value in joined["given"].items()}

        def variant(switches: dict[str, Any]) -> dict[str, Any]:
            every = p | {name: jnp.broadcast_to(value, (block,)) for name, value in switches.items()}
            return _block_values(model, found, names, accuracy, every, joined["arrays"], kind, block)

        # what no switch reaches is not batched over the variants, and so computed once
        return jax.vmap(variant)(joined["varied"]) if joined["varied"] else variant({})

    if not any(own.values()):
        return {name: jnp.swapaxes(value, -1, -2) for name, value in one(own).items()}
    found_ = jax.lax.map(one, own)  # blocks, (variants,) times, people

    def joined(value: Any) -> Any:
        value = jnp.moveaxis(value, 0, -2)
        return jnp.swapaxes(value.reshape(*value.shape[:-2], -1), -1, -2)

    return {name: joined(value) for name, value in found_.items()}


def _block_values(
    model: Model,
    found: Reads,
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
    if found.stateful.isdisjoint(names):
        return _closed(model, names, p, kinetic, arrays)
    dose = jnp.max(arrays["doses"], axis=0)

    def make(pins: Any) -> Any:
        graded = grade(model, found, p, kinetic, pins[-1], dose, accuracy)
        return panels(model, found, x, kinetic, pins, graded, accuracy)

    pinned, seen = course(model, found, p, kinetic, make, arrays, kind)
    states = _rows(arrays, "", {name: value.reshape(-1, block) for name, value in pinned.items()})
    if set(names) <= set(states):
        return {name: states[name] for name in names}
    return _observed(model, names, p, kinetic, seen, arrays, states, pinned[next(iter(pinned))].shape[1])


def _rows(arrays: dict[str, Any], of: str, recorded: dict[str, Any]) -> dict[str, Any]:
    """What was recorded where each output is read: whole rows, which are the same for everybody but the early."""
    stacked = jnp.stack(list(recorded.values()))
    at, before = (arrays[key][:, 0] for key in (("where", "sooner") if not of else ("home", "sooner_home")))
    late, soon = (stacked.at[:, rows].get(mode="promise_in_bounds") for rows in (at, before))
    return dict(zip(recorded, jnp.where(arrays["early"], soon, late), strict=True))


def _closed(
    model: Model, names: tuple[str, ...], p: dict[str, Any], kinetic: Modes, arrays: dict[str, Any]
) -> dict[str, Any]:
    """Concentrations and what reads nothing but them, by superposition: nothing to march."""
    at = arrays["outputs"]
    known = p | {"t": at}

    def add(total: dict[str, Any], given: tuple[Any, Any]) -> tuple[dict[str, Any], None]:
        start, dose = given
        return {name: value + dose * kinetic.unit(name, at - start) for name, value in total.items()}, None

    zero = jnp.zeros((at.shape[0], kinetic.rates.shape[1]), kinetic.rates.dtype)
    starts, doses = (
        jnp.broadcast_to(a, (len(a), zero.shape[1])) for a in (arrays["starts"], arrays["doses"])
    )
    total, _ = jax.lax.scan(add, dict.fromkeys(kinetic.coefficients, zero), (starts, doses))
    known |= {name: positive(value) for name, value in total.items()}
    x = Values(known)
    for signal in model.signals:
        with suppress(ParameterError):  # one that reads a state is not asked for here
            known[signal.name] = signal.value(x)
    return {name: jnp.broadcast_to(known[name], zero.shape) for name in names}


def _observed(
    model: Model,
    names: tuple[str, ...],
    p: dict[str, Any],
    kinetic: Modes,
    seen: dict[str, Any],
    arrays: dict[str, Any],
    states: dict[str, Any],
    pins: int,
) -> dict[str, Any]:
    """Concentrations and signals at the outputs, in closed form from what stood in each output's interval."""
    count = kinetic.rates.shape[0]
    before, amplitude = seen.pop("before"), seen.pop("amplitude")
    starts = jnp.broadcast_to(jnp.asarray(arrays["starts"]), seen["tad"].shape)
    recorded = {f"before {name}": value for name, value in before.items()}
    recorded |= {f"amplitude {m}": amplitude[:, m] for m in range(count)}
    stood = _rows(arrays, "interval", recorded | seen | {"start": starts})
    since = jnp.maximum(arrays["outputs"] - stood["start"], 0.0)
    decay = jnp.exp(-kinetic.rates[:, None] * since)
    # before the first dose nothing has been given, whatever the first interval holds
    dosed = jnp.where(arrays["early"], arrays["sooner"], arrays["where"]) >= pins
    left = jnp.stack([stood[f"amplitude {m}"] for m in range(count)]) * decay
    known = dict(p)
    for name, coefficients in kinetic.coefficients.items():
        known[name] = positive(jnp.where(dosed, jnp.sum(coefficients[:, None] * left, axis=0), 0.0))
    known |= {"t": arrays["outputs"], "tad": stood["tad"] + since, "dose": stood["dose"]} | states
    x = Values(known, Values({name: stood[f"before {name}"] for name in before}))
    for signal in model.signals:
        known[signal.name] = signal.value(x)
    return {name: jnp.broadcast_to(known[name], since.shape) for name in names}
