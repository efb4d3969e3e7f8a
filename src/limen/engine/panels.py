"""Panels between doses: where the nodes stand, and every exponential and weight that does not change from dose to dose.

Between two doses the drives change within minutes, then hours, then hardly at all, and each person's at other times.
Panel edges come from `placing`; in the first panel u = h v^3 in the Gauss variable v, which smooths a drive that
starts like u^slope.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient

from limen.engine.declare import Model, Reads, State, Turnover, Values, evaluate
from limen.engine.elementary import decay_weights, gauss
from limen.engine.kinetics import Modes
from limen.engine.placing import Accuracy

POWER = 3


class Panels(NamedTuple):
    """Tables of one kind of interval. q nodes, P panels, N participants, M modes, R pins, S states of constant loss that
    nobody reads inside.

    since (q, P, N) hours since the interval began; width (q, P, N) hours per unit of the Gauss variable;
    kernels: per observable (M, q, P, N); fade (M, N) over the whole interval; weight (S, q, P, N) and fall (S, P, N) over
    each panel, or with a single pin (S, N) over the interval; growth: of states of constant loss that are read inside, e^(k u)
    from the panel's start to its nodes and its end (q + 1, P, N); reached (R, P + 1, N) marks the edge
    at each pin, None for a single one.
    """

    since: Any
    width: Any
    kernels: dict[str, Any]
    fade: Any
    weight: Any
    fall: Any
    growth: dict[str, Any]
    reached: Any
    pins: Any


def panels(
    model: Model,
    reading: Reads,
    x: Values,
    modes: Modes,
    pins: Any,
    graded: Any,
    accuracy: Accuracy,
) -> Panels:
    """The tables for intervals with these pins, shape (R, 1 | N); the last pin is the interval's length."""
    nodes, dtype, people = accuracy.nodes, modes.rates.dtype, modes.rates.shape[1]
    edges, reached, pins = cut(pins, graded)
    gap, count = pins[-1], edges.shape[0] - 1
    xi = np.asarray(gauss(nodes)[0], dtype)
    start, length = edges[:-1], edges[1:] - edges[:-1]
    place = np.broadcast_to(xi[:, None], (nodes, count)).copy()
    stretch = np.ones((nodes, count), dtype)
    place[:, 0], stretch[:, 0] = xi**POWER, POWER * xi ** (POWER - 1)
    since = start + length * place[:, :, None]
    width = length * stretch[:, :, None]
    decay = jnp.exp(-modes.rates[:, None, None, :] * since)
    kernels = {name: c[:, None, None, :] * decay for name, c in modes.coefficients.items()}

    def rate(state: Any) -> Any:
        return jnp.broadcast_to(jnp.asarray(evaluate(state.loss, x), dtype), (people,))

    passed = jnp.concatenate([length * place[:, :, None], length[None]])
    growth = {
        state.name: jnp.exp(rate(state) * passed)
        for state in model.states
        if state.name in reading.constant & reading.inside and not state.stiff
    }
    weight = fall = None
    if plain := alone(model, reading):
        rates = jnp.stack([rate(state) for state in plain])
        scaled = np.array([[isinstance(state, Turnover)] for state in plain])
        weight, fall = _weights(rates, length, passed[:-1, 0], width[:, 0], nodes)
        weight = weight * jnp.where(scaled, rates, 1.0)[:, None, None]
        if reached is None:
            weight = weight * jnp.exp(-rates[:, None] * (gap - edges[1:]))[:, None]
            fall = jnp.exp(-rates * gap)
    return Panels(since, width, kernels, jnp.exp(-modes.rates * gap), weight, fall, growth, reached, pins)


def alone(model: Model, reading: Reads) -> list[State | Turnover]:
    """States of constant loss that no other state reads: a weighted sum over the nodes is all they need."""
    return [state for state in model.states if state.name in reading.constant - reading.inside]


def _weights(rates: Any, length: Any, passed: Any, width: Any, nodes: int) -> tuple[Any, Any]:
    """Of each state (S, N) and panel: weights of the nodes (S, q, P, N) and the decay (S, P, N). The first panel, whose
    nodes are stretched, takes the Gauss weights times its decay; the others are exact for polynomial inputs."""
    _, w, _, _ = (np.asarray(a, width.dtype) for a in gauss(nodes))

    def one(rate: Any) -> tuple[Any, Any]:
        z = rate * length
        first = w[:, None] * width * jnp.exp(-rate * (length[0] - passed))
        return jnp.concatenate([first[:, None], decay_weights(z[1:], nodes) * length[1:]], axis=1), jnp.exp(
            -z
        )

    return jax.lax.map(one, rates)  # one after another: the slow ones are left to the Gauss weights


def cut(pins: Any, graded: Any) -> tuple[Any, Any, Any]:
    """Panel edges (P + 1, N), which of them each pin is (R, P + 1, N; None for a single pin), and the pins (R, N)."""
    pins = jnp.broadcast_to(jnp.asarray(pins, graded.dtype), (pins.shape[0], graded.shape[1]))
    if pins.shape[0] == 1:
        return stop_gradient(jnp.concatenate([graded, pins])), None, pins
    edges = jnp.sort(jnp.concatenate([graded, pins]), axis=0)
    done = jnp.sum(edges[None] <= pins[:, None] * (1 + 1e-14), axis=1) - 1
    reached = done[:, None] == jnp.arange(edges.shape[0])[:, None]
    return stop_gradient(edges), reached, pins
