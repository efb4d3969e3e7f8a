"""From dose to dose: drives at the nodes, each state over the panels, jumps, and what is seen at the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from limen.engine.declare import Model, Reads, State, Turnover, Values, evaluate
from limen.engine.elementary import gauss, matrix, to_end
from limen.engine.kinetics import Modes, positive
from limen.engine.panels import Panels, alone

GONE = 25.0  # a loss over one panel after which e^-loss is nothing


def interval(
    model: Model,
    reading: Reads,
    parameters: dict[str, Any],
    tables: Panels,
    standing: dict,
    dose: Any,
    start: Any,
) -> tuple[dict, dict]:
    """One dose and the interval after it. Returns what stands at its end, and the states at its pins (R, N)."""
    states, dosed = standing["states"], dose > 0
    before = {name: jnp.where(dosed, states[name], standing["before"][name]) for name in standing["before"]}
    last = jnp.where(dosed, dose, standing["dose"])
    tad = jnp.where(dosed, 0.0, standing["tad"])
    held = Values(states)
    at_dose = Values(parameters | {"dose": dose, "t": start}, held)
    states = dict(states)
    for jump in model.jumps:
        states[jump.state] = states[jump.state] + jnp.where(dosed, jump.size(at_dose), 0.0)
    amplitude = standing["amplitude"] + dose
    known = dict(parameters)
    for name, kernel in tables.kernels.items():
        known[name] = positive(sum(amplitude[m] * kernel[m] for m in range(kernel.shape[0])))
    known |= {"t": start + tables.since, "tad": tad + tables.since, "dose": last}
    x = Values(known, Values(before))
    pinned, summed = {}, {}
    plain = [state.name for state in alone(model, reading)]
    for equation in model.equations:
        name = equation.name
        if not isinstance(equation, State | Turnover):
            if name in reading.inside:
                known[name] = equation.value(x)
        elif name in plain:
            integrand = equation.target if isinstance(equation, Turnover) else equation.source
            weighted = tables.weight[plain.index(name)] * evaluate(integrand, x)
            summed[name] = jnp.sum(weighted, axis=(0, 1) if tables.reached is None else 0)
        else:
            source = evaluate(equation.source, x)
            if equation.stiff:
                ends, values = _collocation(tables, states[name], source, evaluate(equation.loss, x))
            else:
                growth = tables.growth.get(name)
                growth = _growth(tables, evaluate(equation.loss, x)) if growth is None else growth
                ends, values = _integrating_factor(tables, states[name], source, growth)
            pinned[name] = _at_pins(tables, ends)
            known[name] = values
    pinned |= _gathered(tables, {name: states[name] for name in plain}, summed)
    after = {
        "states": {name: value[-1] for name, value in pinned.items()},
        "before": before,
        "amplitude": amplitude * tables.fade,
        "dose": last,
        "tad": tad + tables.pins[-1],
    }
    return after, pinned


def _gathered(tables: Panels, at_start: dict[str, Any], gains: dict[str, Any]) -> dict[str, Any]:
    """x(end) = x(start) e^(-k h) + sum_n W_n f_n of the states that nobody reads inside, all of them at once."""
    if not gains:
        return {}
    start, gain = (jnp.stack(jnp.broadcast_arrays(*v.values())) for v in (at_start, gains))
    if tables.reached is None:
        return {name: (start[i] * tables.fall[i] + gain[i])[None] for i, name in enumerate(gains)}
    edges = _compose(start, jnp.moveaxis(tables.fall, 1, 0), jnp.moveaxis(gain, 1, 0))
    return {name: _at_pins(tables, edges[:, i]) for i, name in enumerate(gains)}


def _compose(at_start: Any, decay: Any, gain: Any) -> Any:
    """States at the panel edges from each panel's affine map x -> decay x + gain, panels first."""
    gain, decay = jnp.broadcast_arrays(gain, decay)

    def over(value: Any, panel: tuple[Any, Any]) -> tuple[Any, Any]:
        value = value * panel[0] + panel[1]
        return value, value

    start = jnp.broadcast_to(at_start, gain.shape[1:])
    _, rest = jax.lax.scan(over, start, (decay, gain), unroll=4)
    return jnp.concatenate([start[None], rest])


def _at_pins(tables: Panels, edges: Any) -> Any:
    if tables.reached is None:
        return jnp.broadcast_to(edges[-1], tables.pins.shape[1:])[None]
    return jnp.sum(
        jnp.where(tables.reached, edges, 0.0), axis=1
    )  # a gather costs a hundred times as much on a CPU


def _growth(tables: Panels, loss: Any) -> Any:
    """e^A at the nodes and at the end of each panel, A = int loss by the Gauss nodes; (q + 1, P, N)."""
    return jnp.exp(matrix(_cumulate(tables), loss * tables.width))


def _cumulate(tables: Panels) -> np.ndarray:
    _, w, S, _ = gauss(tables.width.shape[0])
    return np.concatenate([S, w[None]])


def _integrating_factor(tables: Panels, at_start: Any, source: Any, growth: Any) -> tuple[Any, Any]:
    """x(u) = e^(-A(u)) (x(0) + int_0^u e^A source) at the edges and the nodes, by the Gauss nodes of each panel."""
    gained = matrix(_cumulate(tables), growth[:-1] * (source * tables.width))
    edges = _compose(at_start, 1 / growth[-1], gained[-1] / growth[-1])
    return edges, (edges[:-1] + gained[:-1]) / growth[:-1]


def _collocation(tables: Panels, at_start: Any, source: Any, loss: Any) -> tuple[Any, Any]:
    """Gauss collocation, stable for any loss: (1 + S D) x = x(0) + S p with D, p the loss and source at the nodes.

    Solved for both parts of the affine map at once, by elimination over the nodes with people as the vector axis.
    """
    q = tables.width.shape[0]
    _, w, S, _ = gauss(q)
    shape = tables.width.shape
    loss, source = (jnp.broadcast_to(a, shape) * tables.width for a in (loss, source))
    one = jnp.ones(shape[1:], loss.dtype)
    rows = [[(one if m == n else 0.0) + float(S[m, n]) * loss[n] for n in range(q)] for m in range(q)]
    right = jnp.stack([jnp.broadcast_to(one, shape), matrix(S, source)], axis=1)
    right = [right[m] for m in range(q)]
    for k in range(q):
        inverse = 1 / rows[k][k]
        for m in range(k + 1, q):
            factor = rows[m][k] * inverse
            rows[m] = rows[m][: k + 1] + [rows[m][n] - factor * rows[k][n] for n in range(k + 1, q)]
            right[m] = right[m] - factor * right[k]
    solved: list[Any] = [None] * q
    for k in range(q - 1, -1, -1):
        rest = sum((rows[k][n] * solved[n] for n in range(k + 1, q)), jnp.zeros_like(right[k]))
        solved[k] = (right[k] - rest) / rows[k][k]
    carried = jnp.stack([s[0] for s in solved])
    gained = jnp.stack([s[1] for s in solved])
    # over a loss that leaves nothing of the start, the Gauss step would carry it on with a sign: read the nodes there
    gone = jnp.tensordot(w, loss, axes=(0, 0)) > GONE
    decay, gain = (
        jnp.where(gone, jnp.tensordot(to_end(q), nodes, axes=(0, 0)), step)
        for nodes, step in (
            (carried, 1 - jnp.tensordot(w, loss * carried, axes=(0, 0))),
            (gained, jnp.tensordot(w, source - loss * gained, axes=(0, 0))),
        )
    )
    edges = _compose(at_start, decay, gain)
    return edges, edges[:-1] * carried + gained


def _of_kind(which: Any, table: Any) -> Any:
    return jax.lax.dynamic_index_in_dim(table, which, keepdims=False, allow_negative_indices=False)


def begin(model: Model, reading: Reads, parameters: dict[str, Any], modes: Modes) -> dict:
    """What stands before the first dose."""
    people, dtype = modes.rates.shape[1], modes.rates.dtype
    x = Values(parameters)
    states = {
        state.name: jnp.broadcast_to(jnp.asarray(evaluate(state.start, x), dtype), (people,))
        for state in model.states
    }
    zero = jnp.zeros((people,), dtype)
    return {
        "states": states,
        "before": {name: states[name] for name in sorted(reading.before)},
        "amplitude": jnp.zeros_like(modes.rates),
        "dose": zero,
        "tad": zero,
    }


def course(
    model: Model,
    reading: Reads,
    parameters: dict[str, Any],
    modes: Modes,
    make_panels: Any,
    laid: Mapping[str, Any],
    kind: Any | None,
) -> tuple[dict, dict]:
    """All intervals in turn, `laid` out as `pins`, `doses` and `starts`. Returns states at every pin (intervals + 1, R, N), and what stood in each interval."""
    standing = begin(model, reading, parameters, modes)
    initial = standing["states"]
    pins, doses, starts = (laid[key] for key in ("pins", "doses", "starts"))
    kept = None if kind is None else jax.lax.map(make_panels, pins)

    def step(standing: dict, given: tuple[Any, Any, Any]) -> tuple[dict, tuple[dict, dict]]:
        dose, start, which = given
        tables = make_panels(which) if kept is None else jax.tree.map(partial(_of_kind, which), kept)
        after, pinned = interval(model, reading, parameters, tables, standing, dose, start)
        seen = {
            "amplitude": standing["amplitude"] + dose,
            "before": after["before"],
            "dose": after["dose"],
            "tad": jnp.where(dose > 0, 0.0, standing["tad"]),
        }
        return after, (pinned, seen)

    people = modes.rates.shape[1]
    dtype = modes.rates.dtype
    doses = jnp.broadcast_to(jnp.asarray(doses, dtype), (doses.shape[0], people))
    starts = jnp.broadcast_to(jnp.asarray(starts, dtype), (starts.shape[0], people))
    _, (pinned, seen) = jax.lax.scan(step, standing, (doses, starts, pins if kind is None else kind))
    pinned = {
        name: jnp.concatenate([jnp.broadcast_to(initial[name], value.shape[1:])[None], value])
        for name, value in pinned.items()
    }
    return pinned, seen
