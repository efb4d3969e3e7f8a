"""The reference answer for a declared model, and any vector field a user writes: Diffrax at tight tolerance.

Slow and independent of the panels: one participant at a time, concentrations by superposition, every state as an
ordinary differential equation. Where a Hill drive below one starts at zero concentration an ODE solver loses its
order, so each interval runs in v with u = h v^4, in which the drive is smooth; `by_quadrature` does without a solver.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.integrate import quad

from limen.engine import streams  # noqa: F401  (turns on float64)
from limen.engine.declare import Model, State, Turnover, Values, evaluate
from limen.engine.kinetics import modes, positive
from limen.engine.schedule import Timetable
from limen.errors import ParameterError

POWER = 4


def ode(
    field: Callable[[Any, Any, Any], Any],
    start: Any,
    times: Any,
    args: Any = None,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    stiff: bool = False,
) -> Any:
    """dy/dt = field(t, y, args) from times[0], saved at `times` (h): a vector field of the user's own.

    Explicit order 8, or implicit order 5 with `stiff`. Returns y with the times as leading axis.
    """
    solver = diffrax.Kvaerno5() if stiff else diffrax.Dopri8()
    return diffrax.diffeqsolve(
        diffrax.ODETerm(field),
        solver,
        times[0],
        times[-1],
        None,
        start,
        args,
        saveat=diffrax.SaveAt(ts=jnp.asarray(times)),
        stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
        max_steps=200_000,
    ).ys


def by_ode(
    model: Model, person: dict[str, float], schedule: Timetable, rtol: float = 1e-13
) -> dict[str, Float[np.ndarray, " times"]]:
    """Every state of one participant at the outputs, by Diffrax between doses."""
    parameters = {name: jnp.asarray(float(value)) for name, value in person.items()}
    lag = float(person[model.kinetics.lag]) if model.kinetics.lag else 0.0
    times, doses = np.atleast_1d(schedule.times) + lag, np.atleast_1d(schedule.doses)
    kinetic = modes(model.kinetics, Values({n: v[None] for n, v in parameters.items()}))
    states = {s.name: jnp.asarray(float(evaluate(s.start, Values(parameters)))) for s in model.states}
    held, tad0, last = dict(states), 0.0, 0.0
    first = min(times.min(initial=np.inf), schedule.outputs.min())
    end = float(schedule.outputs.max())
    events = sorted([(float(t), float(d)) for t, d in zip(times, doses, strict=True) if t < end])
    if not events or events[0][0] > first:
        events = [(float(first), 0.0), *events]
    found = {name: np.empty(schedule.outputs.size) for name in states}
    for name, value in states.items():
        found[name][schedule.outputs <= first] = float(value)
    given: list[tuple[float, float]] = []
    for j, (start, dose) in enumerate(events):
        stop = events[j + 1][0] if j + 1 < len(events) else end
        before = dict(states)
        if dose > 0:
            held, tad0, last = before, 0.0, dose
            x = Values(parameters | {"dose": jnp.asarray(dose), "t": jnp.asarray(start)}, Values(before))
            states = dict(states)
            for jump in model.jumps:
                states[jump.state] = states[jump.state] + jump.size(x)
        given.append((start, dose))
        inside = (schedule.outputs > start) & (schedule.outputs <= stop)
        wanted = np.append(schedule.outputs[inside], stop)
        if stop > start:
            amplitude = sum(d * jnp.exp(-kinetic.rates[:, 0] * (start - t)) for t, d in given)
            args = (parameters, held, amplitude, kinetic.rates[:, 0], start, tad0, last, stop - start)
            coefficients = {n: c[:, 0] for n, c in kinetic.coefficients.items()}
            path = _interval(
                model, states, args, coefficients, ((wanted - start) / (stop - start)) ** (1 / POWER), rtol
            )
            for name in states:
                found[name][inside] = np.asarray(path[name])[: inside.sum()]
                states[name] = path[name][-1]
        tad0 += stop - start
    return found


@partial(jax.jit, static_argnums=(0, 5))
def _interval(model: Model, states: Any, args: Any, coefficients: Any, wanted: Any, rtol: float) -> Any:
    def field(v: Any, y: Any, args: Any) -> Any:
        parameters, held, amplitude, rates, start, tad, last, length = args
        u = length * v**POWER
        known = dict(parameters)
        for name, c in coefficients.items():
            known[name] = positive(jnp.sum(c * amplitude * jnp.exp(-rates * u)))
        known |= {"t": start + u, "tad": tad + u, "dose": last}
        x = Values(known, Values(held))
        slope = {}
        for equation in model.equations:
            if isinstance(equation, State | Turnover):
                loss = evaluate(equation.loss, x)
                slope[equation.name] = evaluate(equation.source, x) - loss * y[equation.name]
                known[equation.name] = y[equation.name]
            else:
                known[equation.name] = equation.value(x)
        return {name: value * length * POWER * v ** (POWER - 1) for name, value in slope.items()}

    # explicit even where a loss is fast: at this tolerance accuracy, not stability, sets the steps
    path = ode(field, states, jnp.concatenate([jnp.zeros(1), wanted]), args, rtol, rtol * 1e-3)
    return {name: value[1:] for name, value in path.items()}


def by_quadrature(
    model: Model, person: dict[str, float], schedule: Timetable, state: str
) -> Float[np.ndarray, " times"]:
    """A state of constant loss whose source reads no other state, by adaptive quadrature of its integrating factor:
    x(t) = x0 e^(-k t) + int_0^t e^(-k (t - s)) source(s) ds, split at every dose. Raises ParameterError for others."""
    parameters = {name: jnp.asarray(float(value)) for name, value in person.items()}
    equation = next(s for s in model.states if s.name == state)
    lag = float(person[model.kinetics.lag]) if model.kinetics.lag else 0.0
    times, doses = np.atleast_1d(schedule.times) + lag, np.atleast_1d(schedule.doses)
    kinetic = modes(model.kinetics, Values({n: v[None] for n, v in parameters.items()}))
    try:
        rate = float(evaluate(equation.loss, Values(parameters)))
    except ParameterError:
        raise ParameterError(f"the loss of {state!r} is not constant", remedy="use by_ode") from None

    @jax.jit
    def source(s: Any) -> Any:
        known = dict(parameters) | {"t": s}
        for name in kinetic.coefficients:
            given = sum(
                d * kinetic.unit(name, jnp.reshape(s - t, (1, 1)))[0, 0]
                for t, d in zip(times, doses, strict=True)
            )
            known[name] = positive(jnp.asarray(given))
        x = Values(known)
        for signal in model.signals:
            known[signal.name] = signal.value(x)
        return evaluate(equation.source, x)

    first = min(times.min(initial=np.inf), schedule.outputs.min())
    value, at, out = float(evaluate(equation.start, Values(parameters))), float(first), {}
    for stop in sorted(
        {*map(float, schedule.outputs), *(float(t) for t in times if t < schedule.outputs.max())}
    ):
        if stop > at:
            span = stop - at
            gained, _ = quad(
                lambda v, span=span, at=at, stop=stop: float(source(at + span * v**4))
                * np.exp(-rate * (stop - at - span * v**4)) * 4 * span * v**3,
                0, 1, epsabs=1e-13, epsrel=1e-12, limit=400,
            )  # fmt: skip
            value, at = value * np.exp(-rate * span) + gained, stop
        out[stop] = value
    return np.array([out[float(t)] for t in schedule.outputs])
