"""Panels between doses: where the nodes stand, and every exponential and weight that does not change from dose to dose.

Between two doses the drives change within minutes, then hours, then hardly at all, and each person's at other times.
Panel edges come from `placing`; in the first panel u = h v^3 in the Gauss variable v, which smooths a drive that
starts like u^slope.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient

from limen.engine.declare import Model, Reading, Turnover, Values, evaluate
from limen.engine.elementary import decay_weights, gauss
from limen.engine.kinetics import Modes
from limen.engine.placing import Accuracy

POWER = 3


class Panels(NamedTuple):
    """Tables of one kind of interval. q nodes, P panels, N participants, M modes, R pins.

    since (q, P, N) hours since the interval began; width (q, P, N) hours per unit of the Gauss variable;
    kernels: per observable (M, q, P, N); fade (M, N) over the whole interval; weights: per state of constant loss that
    nobody reads inside, (q, P, N) and the decay over each panel (P, N); reached (R, N) panels done at each pin.
    """

    since: Any
    width: Any
    kernels: dict[str, Any]
    fade: Any
    weights: dict[str, tuple[Any, Any]]
    reached: Any
    pins: Any


def panels(
    model: Model,
    reading: Reading,
    x: Values,
    modes: Modes,
    pins: Any,
    graded: Any,
    accuracy: Accuracy,
) -> Panels:
    """The tables for intervals with these pins, shape (R, 1 | N); the last pin is the interval's length."""
    nodes = accuracy.nodes
    dtype = modes.rates.dtype
    people = modes.rates.shape[1]
    edges, reached, pins = cut(pins, graded)
    gap, count = pins[-1], edges.shape[0] - 1
    xi, w, _, _ = (np.asarray(a, dtype) for a in gauss(nodes))
    start, length = edges[:-1], edges[1:] - edges[:-1]
    place = np.broadcast_to(xi[:, None], (nodes, count)).copy()
    stretch = np.ones((nodes, count), dtype)
    place[:, 0], stretch[:, 0] = xi**POWER, POWER * xi ** (POWER - 1)
    since = start + length * place[:, :, None]
    width = length * stretch[:, :, None]
    decay = jnp.exp(-modes.rates[:, None, None, :] * since)
    kernels = {name: c[:, None, None, :] * decay for name, c in modes.coefficients.items()}
    plain = [state for state in model.states if state.name in reading.constant - reading.inside]
    weights = {}
    if plain:
        rates = jnp.stack(
            [jnp.broadcast_to(jnp.asarray(evaluate(s.loss, x), dtype), (people,)) for s in plain]
        )
        z = rates[:, None] * length  # states, P, N
        rest = decay_weights(z[:, 1:], nodes) * length[1:]
        fade = jnp.exp(-rates[None] * (length[0] - since[:, None, 0]))
        first = w[:, None, None] * width[:, None, 0] * fade
        weight = jnp.concatenate([first[:, :, None], rest], axis=2)
        scale = jnp.stack(
            [
                rate if isinstance(s, Turnover) else jnp.ones_like(rate)
                for s, rate in zip(plain, rates, strict=True)
            ]
        )
        weight = weight * scale[:, None]
        if pins.shape[0] == 1:
            weight = weight * jnp.exp(-rates[:, None] * (gap - edges[1:]))
        fall = jnp.exp(-rates * gap) if pins.shape[0] == 1 else jnp.exp(-z)
        weights = {state.name: (weight[:, i], fall[i]) for i, state in enumerate(plain)}
    return Panels(since, width, kernels, jnp.exp(-modes.rates * gap), weights, reached, pins)


def cut(pins: Any, graded: Any) -> tuple[Any, Any, Any]:
    """Panel edges (P + 1, N), how many panels are done at each pin (R, N; None for a single pin), and the pins (R, N)."""
    pins = jnp.broadcast_to(jnp.asarray(pins, graded.dtype), (pins.shape[0], graded.shape[1]))
    if pins.shape[0] == 1:
        return stop_gradient(jnp.concatenate([graded, pins])), None, pins
    edges = jnp.sort(jnp.concatenate([graded, pins]), axis=0)
    reached = jnp.sum(edges[None] <= pins[:, None] * (1 + 1e-14), axis=1) - 1
    return stop_gradient(edges), reached, pins
