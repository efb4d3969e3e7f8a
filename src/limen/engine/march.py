"""From dose to dose: drives at the nodes, each state over the panels, jumps, and what is seen at the outputs."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from limen.engine.declare import Model, Reading, State, Turnover, Values, evaluate
from limen.engine.elementary import gauss, matrix, to_end
from limen.engine.kinetics import Modes, positive
from limen.engine.panels import Panels

GONE = 25.0  # a loss over one panel after which e^-loss is nothing


def interval(
    model: Model,
    reading: Reading,
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
    pinned = {}
    for equation in model.equations:
        name = equation.name
        if not isinstance(equation, State | Turnover):
            known[name] = equation.value(x)
        elif name in tables.weights:
            integrand = equation.target if isinstance(equation, Turnover) else equation.source
            pinned[name] = _weighted(tables, states[name], name, evaluate(integrand, x))
        else:
            source, loss = evaluate(equation.source, x), evaluate(equation.loss, x)
            solve = _collocation if equation.stiff else _integrating_factor
            ends, values = solve(tables, states[name], source, loss, name in reading.inside)
            pinned[name] = _at_pins(tables, states[name], ends)
            if values is not None:
                known[name] = values
    after = {
        "states": {name: value[-1] for name, value in pinned.items()},
        "before": before,
        "amplitude": amplitude * tables.fade,
        "dose": last,
        "tad": tad + tables.pins[-1],
    }
    return after, pinned


def _weighted(tables: Panels, at_start: Any, name: str, integrand: Any) -> Any:
    """x(end) = x(start) e^(-k h) + sum_n W_n f_n, with W exact for the kernel of a constant loss k."""
    weight, decay = tables.weights[name]
    if tables.reached is None:
        return (at_start * decay + jnp.sum(weight * integrand, axis=(0, 1)))[None]
    return _at_pins(tables, at_start, _compose(at_start, decay, jnp.sum(weight * integrand, axis=0)))


def _compose(at_start: Any, decay: Any, gain: Any) -> Any:
    """States at the panel edges from each panel's affine map x -> decay x + gain, both (P, N)."""
    if gain.shape[0] > 16:  # unrolled, many outputs in one interval would take minutes to compile
        gain, decay = jnp.broadcast_arrays(gain, decay)

        def over(value: Any, panel: tuple[Any, Any]) -> tuple[Any, Any]:
            value = value * panel[0] + panel[1]
            return value, value

        _, rest = jax.lax.scan(over, jnp.broadcast_to(at_start, gain.shape[1:]), (decay, gain))
        return jnp.concatenate([jnp.broadcast_to(at_start, gain.shape[1:])[None], rest])
    edges = [at_start]
    for p in range(gain.shape[0]):
        edges.append(edges[-1] * decay[p] + gain[p])
    return jnp.stack(jnp.broadcast_arrays(*edges))


def _at_pins(tables: Panels, at_start: Any, edges: Any) -> Any:
    if tables.reached is None:
        return jnp.broadcast_to(edges[-1], tables.pins.shape[1:])[None]
    return jnp.take_along_axis(edges, tables.reached, axis=0)


def _integrating_factor(
    tables: Panels, at_start: Any, source: Any, loss: Any, inside: bool
) -> tuple[Any, Any | None]:
    """x(u) = e^(-A(u)) (x(0) + int_0^u e^A source), A = int loss, both integrals by the Gauss nodes of each panel."""
    _, w, S, _ = gauss(tables.width.shape[0])
    cumulate = np.concatenate([S, w[None]])
    growth = jnp.exp(matrix(cumulate, loss * tables.width))
    gained = matrix(cumulate, growth[:-1] * (source * tables.width))
    edges = _compose(at_start, 1 / growth[-1], gained[-1] / growth[-1])
    if not inside:
        return edges, None
    return edges, (edges[:-1] + gained[:-1]) / growth[:-1]


def _collocation(
    tables: Panels, at_start: Any, source: Any, loss: Any, inside: bool
) -> tuple[Any, Any | None]:
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
    if not inside:
        return edges, None
    return edges, edges[:-1] * carried + gained


def begin(model: Model, reading: Reading, parameters: dict[str, Any], modes: Modes) -> dict:
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
    reading: Reading,
    parameters: dict[str, Any],
    modes: Modes,
    make_panels: Any,
    pins: Any,
    kind: Any | None,
    doses: Any,
    starts: Any,
) -> tuple[dict, dict]:
    """All intervals in turn. Returns states at every pin (intervals + 1, R, N), and what stood in each interval."""
    standing = begin(model, reading, parameters, modes)
    initial = standing["states"]
    kept = []
    if kind is not None:
        kept = [make_panels(pins[k]) for k in range(pins.shape[0])]

    def step(standing: dict, given: tuple[Any, Any, Any]) -> tuple[dict, tuple[dict, dict]]:
        dose, start, which = given

        def go(tables: Panels) -> tuple[dict, dict]:
            return interval(model, reading, parameters, tables, standing, dose, start)

        if kind is None:
            after, pinned = go(make_panels(which))
        elif len(kept) == 1:
            after, pinned = go(kept[0])
        else:
            after, pinned = jax.lax.switch(which, [lambda _, t=t: go(t) for t in kept], None)
        dosed = dose > 0
        seen = {
            "amplitude": standing["amplitude"] + dose,
            "before": after["before"],
            "dose": after["dose"],
            "tad": jnp.where(dosed, 0.0, standing["tad"]),
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
