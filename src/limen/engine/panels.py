"""Panels between doses: where the nodes stand, and every exponential and weight that does not change from dose to dose.

Between two doses the drives change within minutes, then hours, then hardly at all. Panel edges therefore follow a
power of the time since the dose, scaled to each person's own rates: u_p = L (p / P)^beta, where the first panel lasts
a fraction of the fastest rate and L is when the drives have gone quiet; one more panel reaches to the next dose.
In the first panel u = h v^2 in the Gauss variable v, which smooths a drive that starts like u^slope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient

from limen.engine.declare import Hill, Model, Reading, Turnover, Values, evaluate
from limen.engine.elementary import decay_weights, gauss
from limen.engine.kinetics import Modes


@dataclass(frozen=True)
class Accuracy:
    """How finely an interval between doses is cut: `panels`, Gauss `nodes` in each, first panel in fast time scales."""

    panels: int
    nodes: int
    first: float = 0.8
    tail: float = 12.0


# The ladder of refinements; 0 is the default (1e-6), 1 is one more (1e-9), -1 serves the error estimate.
LADDER = {
    -1: Accuracy(5, 7, 0.8, 11.0),
    0: Accuracy(7, 11),
    1: Accuracy(10, 14, 0.5, 18.0),
    2: Accuracy(16, 16, 0.3, 24.0),
}
POWER = 2


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


def quiet_after(
    model: Model, reading: Reading, x: Values, modes: Modes, largest_dose: Any, accuracy: Accuracy
) -> Any:
    """Hours after a dose until every drive has fallen by e^-tail: ln(1 + 4 peak / half) + tail / slope, over the
    slowest rate of the kinetics."""
    slow = jnp.min(modes.rates, axis=0)
    slowest = jnp.argmin(modes.rates, axis=0)
    reach = jnp.zeros_like(slow)
    hills = [
        signal for signal in model.signals if isinstance(signal, Hill) and signal.of in modes.coefficients
    ]
    for hill in hills:
        amplitude = jnp.take_along_axis(modes.coefficients[hill.of], slowest[None], axis=0)[0]
        fold = largest_dose * jnp.abs(amplitude) / evaluate(hill.half, x)
        slope = jnp.asarray(evaluate(getattr(hill, "slope", 1.0), x))
        reach = jnp.maximum(reach, jnp.log1p(4 * fold) + accuracy.tail / slope)
    if not hills:
        reach = reach + 1.5 * accuracy.tail
    hours = reach / slow
    for state in model.states:  # a state that others read is a drive of theirs, and must have decayed too
        if state.name in reading.inside & reading.constant:
            rate = jnp.maximum(jnp.asarray(evaluate(state.loss, x)), 1e-12)
            hours = jnp.maximum(hours, reach / slow + accuracy.tail / rate)
    return jnp.maximum(hours, model.quiet(x)) if model.quiet is not None else hours


def panels(
    model: Model,
    reading: Reading,
    x: Values,
    modes: Modes,
    pins: Any,
    quiet: Any,
    accuracy: Accuracy,
) -> Panels:
    """The tables for intervals with these pins, shape (R, 1 | N); the last pin is the interval's length."""
    nodes = accuracy.nodes
    dtype = modes.rates.dtype
    people = modes.rates.shape[1]
    edges, reached, pins = cut(modes, pins, quiet, accuracy)
    gap, graded = pins[-1], edges.shape[0] - 1
    xi, w, _, _ = (np.asarray(a, dtype) for a in gauss(nodes))
    start, length = edges[:-1], edges[1:] - edges[:-1]
    place = np.broadcast_to(xi[:, None], (nodes, graded)).copy()
    stretch = np.ones((nodes, graded), dtype)
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


def cut(modes: Modes, pins: Any, quiet: Any, accuracy: Accuracy) -> tuple[Any, Any, Any]:
    """Panel edges (P + 1, N), how many panels are done at each pin (R, N; None for a single pin), and the pins (R, N)."""
    pins = jnp.broadcast_to(jnp.asarray(pins, modes.rates.dtype), (pins.shape[0], modes.rates.shape[1]))
    graded = _graded(pins[-1], jnp.max(modes.rates, axis=0), quiet, accuracy)
    if pins.shape[0] == 1:
        return stop_gradient(jnp.concatenate([graded, pins])), None, pins
    edges = jnp.sort(jnp.concatenate([graded, pins]), axis=0)
    reached = jnp.sum(edges[None] <= pins[:, None] * (1 + 1e-14), axis=1) - 1
    return stop_gradient(edges), reached, pins


def _graded(gap: Any, fast: Any, quiet: Any, accuracy: Accuracy) -> Any:
    """Edges u_0 = 0 .. u_{P-1} = min(quiet, gap), shape (P, N)."""
    end = jnp.minimum(quiet, gap)
    # where drives never go quiet before the next dose, no panel is spent on what comes after
    last = jnp.where(quiet < gap, accuracy.panels - 1, accuracy.panels).astype(end.dtype)
    first = jnp.minimum(accuracy.first / fast, end / last)
    power = jnp.clip(jnp.log(end / first) / jnp.log(last), 1.0, 5.0)
    power = jnp.where(end > 0, power, 1.0)
    steps = jnp.arange(accuracy.panels, dtype=end.dtype)[:, None] / last
    return end * steps**power
