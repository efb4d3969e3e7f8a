"""Where panels are placed: each person's edges where that person's drives change.

A Gauss rule converges by the distance of the nearest singularity in the complex plane. A Hill drive of
x = slope ln(C / half) is a logistic of x, singular at x = +- i pi, so at time u its singularities are about
sqrt(x^2 + pi^2) / |x'| away; exponentials of the kinetics are entire but must be resolved. Edges share out the
integral of the inverse of that distance equally. Two courses are looked at: after the first dose and in steady state.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.lax import stop_gradient

from limen.engine.declare import Hill, Model, Reads, Values, evaluate
from limen.engine.elementary import log
from limen.engine.kinetics import Modes, positive
from limen.errors import ParameterError

TRIALS = 32  # times at which the density of panels is looked at
STEEP = 4  # trial times follow the fourth power, from a millionth of the interval to its end


@dataclass(frozen=True)
class Accuracy:
    """How finely an interval between doses is cut: `panels`, Gauss `nodes` in each; the first panel ends at `first`
    of the time in which the drives reach half; `tail`: drives that have fallen by e^-tail are quiet."""

    panels: int
    nodes: int
    first: float = 0.7
    tail: float = 12.0


# The ladder of refinements; 0 is the default (1e-6), 1 is one more (1e-9), -1 serves the error estimate.
LADDER = {
    -1: Accuracy(6, 8, 0.5, 11.0),
    0: Accuracy(8, 12),
    1: Accuracy(13, 16, 0.5, 18.0),
    2: Accuracy(18, 18, 0.3, 24.0),
}
FOR_FAST_STATES = 2  # further panels where a state is fast beside them


def accuracy(model: Model, refine: int) -> Accuracy:
    """A step of the ladder for a model."""
    step = LADDER[refine]
    return replace(step, panels=step.panels + FOR_FAST_STATES) if _stiff(model) else step


def quiet_after(
    model: Model, reading: Reads, x: Values, modes: Modes, largest_dose: Any, accuracy: Accuracy
) -> Any:
    """Hours after a dose until every drive has fallen by e^-tail: ln(1 + 4 peak / half) + tail / slope, over the
    slowest rate of the kinetics."""
    slow = jnp.min(modes.rates, axis=0)
    slowest = modes.rates == slow
    reach = jnp.zeros_like(slow)
    hills = _hills(model, modes)
    # a fast state follows its drive down, so the drive must be followed further before one panel may stretch to the end
    tail = accuracy.tail * (1.5 if _stiff(model) else 1.0)
    for hill in hills:
        amplitude = jnp.sum(jnp.where(slowest, jnp.abs(modes.coefficients[hill.of]), 0.0), axis=0)
        fold = largest_dose * amplitude / evaluate(hill.half, x)
        reach = jnp.maximum(reach, jnp.log1p(4 * fold) + tail / _slope(hill, x))
    if not hills:
        reach = reach + 1.5 * tail
    hours = reach / slow
    for state in model.states:  # a state that others read is a drive of theirs, and must have decayed too
        if state.name in reading.inside & reading.constant:
            rate = jnp.maximum(jnp.asarray(evaluate(state.loss, x)), 1e-12)
            hours = jnp.maximum(hours, reach / slow + tail / rate)
    return jnp.maximum(hours, model.quiet(x)) if model.quiet is not None else hours


def grade(
    model: Model,
    reading: Reads,
    parameters: dict[str, Any],
    modes: Modes,
    gap: Any,
    dose: Any,
    accuracy: Accuracy,
) -> Any:
    """Edges 0 = u_0 .. u_{P-1} <= gap, shape (P, N), for an interval of `gap` hours and the largest `dose`."""
    x = Values(parameters)
    quiet = quiet_after(model, reading, x, modes, dose, accuracy)
    dtype, people = modes.rates.dtype, modes.rates.shape[1]
    end = jnp.maximum(jnp.broadcast_to(jnp.minimum(quiet, gap), (people,)).astype(dtype), 1e-9)
    steps = np.arange(1, TRIALS + 1, dtype=dtype)[:, None] / TRIALS
    u = end * steps**STEEP
    width = end * (STEEP / TRIALS) * steps ** (STEEP - 1)
    decay = jnp.exp(-modes.rates[:, None] * u)
    gone = -jnp.expm1(-modes.rates * gap)
    density = jnp.ones_like(u) / end
    crossing = jnp.full_like(end, jnp.inf)
    for hill in _hills(model, modes):
        slope, half = _slope(hill, x), jnp.asarray(evaluate(hill.half, x), dtype)
        near = jnp.zeros_like(u)
        for amplitude in (dose, dose / jnp.maximum(gone, 1e-6)):
            part = (modes.coefficients[hill.of] * amplitude)[:, None] * decay
            level = positive(jnp.sum(part, axis=0))
            change = jnp.abs(jnp.sum(modes.rates[:, None] * part, axis=0)) / level
            at = slope * log(level / half)
            near = jnp.maximum(near, slope * change / jnp.sqrt(at**2 + np.pi**2))
            if amplitude is dose:
                rising = jnp.min(jnp.where(level >= half, u, jnp.inf), axis=0)
                crossing = jnp.minimum(crossing, jnp.where(level[0] >= half, jnp.inf, rising))
        density = density + near + slope * jnp.min(modes.rates, axis=0) / 6
    rates = [jnp.broadcast_to(rate, u.shape) for rate in modes.rates]
    rates += _fast_losses(model, parameters, modes, dose, decay)
    for rate in rates:
        density = density + rate / 4 * jnp.exp(-jnp.cumsum(rate * width, axis=0) / 8)
    last = jnp.where(quiet < gap, accuracy.panels - 1, accuracy.panels).astype(dtype)
    first = jnp.minimum(accuracy.first * crossing, end / last)
    first = jnp.minimum(first, 1 / jnp.max(jnp.stack([rate[0] for rate in rates]), axis=0))
    within = jnp.clip((u - first) / width, 0.0, 1.0)
    share = density * width * within
    total = jnp.cumsum(share, axis=0)
    wanted = np.arange(accuracy.panels - 1, dtype=dtype)[:, None] / (last - 1)
    wanted = jnp.minimum(wanted, 1.0) * total[-1]
    # u(t) is piecewise linear in the shared-out total: a sum of clipped ramps needs no search
    ramps = jnp.clip(
        (wanted[:, None] - (total - share)) / jnp.maximum(share, float(np.finfo(dtype).tiny)), 0.0, 1.0
    )
    steps_inside = jnp.diff(jnp.maximum(u, first), axis=0, prepend=first[None])
    edges = first + jnp.sum(ramps * steps_inside, axis=1)
    zero = jnp.zeros_like(end)
    return stop_gradient(jnp.concatenate([zero[None], jnp.minimum(edges, end)]))


def _stiff(model: Model) -> bool:
    return any(state.stiff for state in model.states)


def _hills(model: Model, modes: Modes) -> list[Hill]:
    return [s for s in model.signals if isinstance(s, Hill) and s.of in modes.coefficients]


def _fast_losses(model: Model, parameters: dict[str, Any], modes: Modes, dose: Any, decay: Any) -> list[Any]:
    """Losses of the stiff states at the trial times after a first dose, of those that no other state moves."""
    known = dict(parameters)
    for name, coefficients in modes.coefficients.items():
        known[name] = positive(jnp.sum((coefficients * dose)[:, None] * decay, axis=0))
    found = []
    for state in model.states:
        if state.stiff:
            with suppress(ParameterError):
                found.append(jnp.broadcast_to(evaluate(state.loss, Values(known)), decay.shape[1:]))
    return found


def _slope(hill: Hill, x: Values) -> Any:
    return jnp.asarray(evaluate(hill.slope, x))
