"""What each dosing day meets and leaves behind: peak at the effect site, occupancy, tolerance and signal, in closed form
between doses."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from limen.engine.declare import Values, evaluate
from limen.engine.elementary import gauss
from limen.engine.kinetics import positive
from limen.pharmacology.chain import OCCUPANCY, SIGNAL, TOLERANCE, TOLERANCE_DRIVE, Receptor
from limen.pharmacology.kinetics import Modes

# Gauss-Legendre panels of a day (h after the lag): the drive is steep early, where nodes stand close, and smooth late. A
# day is followed to its end, so that what stands at any whole day is known; after FOLLOWED days a slow person has a
# little left, of which occupancy and signal are straight lines: it fades with the slowest mode.
FOLLOWED = 7


class _Panel:
    """Nodes s = from + (until - from) x^power: their hours, weights, and the matrix of integrals up to each node."""

    def __init__(self, begin: float, end: float, nodes: int, power: int = 1) -> None:
        x, weight, inner, _ = gauss(nodes)
        slope = (end - begin) * power * x ** (power - 1)
        self.hours = begin + (end - begin) * x**power
        self.weight, self.inner = weight * slope, inner * slope


_FIRST = (_Panel(0.0, 2.0, 12, 2), _Panel(2.0, 9.0, 8), _Panel(9.0, 24.0, 8))
_LATER = (_Panel(0.0, 24.0, 7),)


class Body(eqx.Module):
    """What a body carries from dose to dose, between periods and stages: ug `left` in each mode (the dose it stands for),
    `tolerance` T, the T `met` by the last dose taken, and the `accrual` A."""

    left: Float[Array, "modes people"]
    tolerance: Float[Array, " people"]
    met: Float[Array, " people"]
    accrual: Float[Array, " people"]


class Exposure(eqx.Module):
    """Per dosing day and person: `peak` effect-site ng/mL, `occupancy` at it, `tolerance` T met, `signal` the integral of
    transduced occupancy over the day (h); `accrual` A, 1 to FOLLOWED days after each dose if nothing more is taken, and the
    signal `residue` then, which fades at the rate `fading` (1/h)."""

    peak: Float[Array, "doses people"]
    occupancy: Float[Array, "doses people"]
    tolerance: Float[Array, "doses people"]
    signal: Float[Array, "doses people"]
    accrual: Float[Array, "doses days people"]
    residue: Float[Array, "doses people"]
    fading: Float[Array, " people"]


def fresh(m: Modes) -> Body:
    """A body that has taken nothing."""
    zero = jnp.zeros_like(m.tlag)
    return Body(jnp.zeros_like(m.rate), zero, zero, zero)


class _Hours(eqx.Module):
    """Of one panel: the `decay` of the modes at its nodes, and what a signal there adds to A by midnight."""

    decay: Float[Array, "modes nodes people"]
    accrues: Float[Array, "nodes people"]


class _Clock(eqx.Module):
    """What is the same after every dose: the panels of the first and of a later day; of a day what is left of the modes
    at its end, and of the effect site a half lag before it."""

    first: tuple[_Hours, ...]
    later: tuple[_Hours, ...]
    midnight: Float[Array, "modes people"]
    late: Float[Array, "modes people"]


class _Now(eqx.Module):
    """While a dose is followed: modes `left`, T, A, the peak so far and its hour, the signal of the first day, A at the
    ends of days by the calendar and the signal at the last of them, and T and A when the next dose comes."""

    left: Float[Array, "modes people"]
    tolerance: Float[Array, " people"]
    accrual: Float[Array, " people"]
    peak: Float[Array, " people"]
    hour: Float[Array, " people"]
    signal: Float[Array, " people"]
    by_day: Float[Array, "days people"]
    at_end: Float[Array, " people"]
    next_tolerance: Float[Array, " people"]
    next_accrual: Float[Array, " people"]


def _clock(m: Modes, accrual: Float[Array, " people"]) -> _Clock:
    def hours(panel: _Panel) -> _Hours:
        nodes = panel.hours[:, None]
        return _Hours(
            decay=jnp.exp(-m.rate[:, None] * nodes) * m.effect[:, None],
            accrues=accrual * panel.weight[:, None] * jnp.exp(-accrual * (24.0 - nodes)),
        )

    return _Clock(
        first=tuple(hours(panel) for panel in _FIRST),
        later=tuple(hours(panel) for panel in _LATER),
        midnight=jnp.exp(-24.0 * m.rate),
        late=jnp.exp(-m.rate * (24.0 - 0.5 * m.tlag)) * m.effect,
    )


def expose(
    m: Modes,
    r: Receptor,
    accrual: Float[Array, " people"],
    dose: Float[Array, "doses people"],
    gap: Float[Array, " doses"],
    body: Body | None = None,
    follow: Int[Array, " doses"] | None = None,
) -> tuple[Exposure, Body]:
    """Walk over the doses: `dose` ug (zero where missed: no dose), `gap` whole days from each to the next.

    `follow`: days after each dose of which A is asked, at most FOLLOWED and that if left out; 0 marks padding. The laws
    are those of `limen.pharmacology.chain`, the clock of each dose starts after its lag. Returns the exposure, and the
    body one gap after the last dose.
    """
    begun = fresh(m) if body is None else body
    asked = jnp.full(gap.shape, FOLLOWED) if follow is None else follow
    fading = jnp.min(m.rate, axis=0)

    def _anything(begun: Body) -> tuple[Body, tuple[Array, ...]]:
        clock = _clock(m, accrual)

        def _step(state: Body, now: tuple[Array, Array, Array]) -> tuple[Body, tuple[Array, ...]]:
            def _given(state: Body) -> tuple[Body, tuple[Array, ...]]:
                return _taken(m, r, accrual, fading, clock, state, now)

            def _not(state: Body) -> tuple[Body, tuple[Array, ...]]:
                return state, _no_dose(state)

            return jax.lax.cond(now[2] > 0, _given, _not, state)

        return jax.lax.scan(_step, begun, (dose, gap, asked))

    def _nothing(begun: Body) -> tuple[Body, tuple[Array, ...]]:
        return begun, tuple(jnp.broadcast_to(x, (*gap.shape, *x.shape)) for x in _no_dose(fresh(m)))

    some = jnp.any(dose > 0) | jnp.any(jnp.stack([jnp.any(x > 0) for x in jax.tree.leaves(begun)]))
    last, columns = jax.lax.cond(some, _anything, _nothing, begun)
    return Exposure(*columns, fading=fading), last


def _no_dose(state: Body) -> tuple[Array, ...]:
    zero = jnp.zeros_like(state.met)
    return zero, zero, state.tolerance, zero, jnp.zeros((FOLLOWED, *zero.shape)), zero


def _taken(
    m: Modes,
    r: Receptor,
    accrual: Float[Array, " people"],
    fading: Float[Array, " people"],
    clock: _Clock,
    state: Body,
    now: tuple[Array, Array, Array],
) -> tuple[Body, tuple[Array, ...]]:
    """One dose followed to the next: the body then, and the dose's columns of the exposure."""
    amount, days, asked = now
    inside = jnp.minimum(days, FOLLOWED).astype(int)
    met = jnp.where(amount > 0, state.tolerance, state.met)
    amplitude = state.left + amount
    zero = jnp.zeros_like(met)
    kept = jnp.where(inside > 0, zero, 1.0)
    at = _Now(
        amplitude, state.tolerance, state.accrual, zero, zero, zero, jnp.zeros((FOLLOWED, *zero.shape)), zero,
        kept * state.tolerance, kept * state.accrual,
    )  # fmt: skip
    a_lag, a_day = jnp.exp(accrual * m.tlag), jnp.exp(-24.0 * accrual)

    def _midnight(at: _Now, day: Array | int) -> _Now:
        # A at a whole day after the dose lies a lag before the clock's: E over that lag, by its middle, is taken off again
        _, at_end = _laws(r, _total(clock.late * at.left), met)
        this = at.accrual * a_lag - at_end * (a_lag - 1.0)
        here = inside == day + 1
        return replace(
            at,
            left=at.left * clock.midnight,
            by_day=at.by_day.at[day].set(this),
            at_end=at_end,
            next_tolerance=jnp.where(here, at.tolerance, at.next_tolerance),
            next_accrual=jnp.where(here, at.accrual, at.next_accrual),
        )

    def _follow(at: _Now, day: Array | int, panels: tuple[_Panel, ...], hours: tuple[_Hours, ...]) -> _Now:
        at = replace(at, accrual=at.accrual * a_day)
        for panel, here in zip(panels, hours, strict=True):
            at = _panel(at, panel, here, r, met)
        return _midnight(at, day)

    first = _follow(at, 0, _FIRST, clock.first)
    at = jax.lax.fori_loop(
        1, jnp.maximum(inside, asked), lambda day, at: _follow(at, day, _LATER, clock.later), first
    )
    beyond = 24.0 * (days - inside)
    last_signal = at.at_end * jnp.exp(-0.5 * fading * m.tlag)
    after = Body(
        amplitude * jnp.exp(-m.rate * 24.0 * days),
        at.next_tolerance * jnp.exp(-r.recovery * beyond),
        met,
        at.next_accrual * jnp.exp(-accrual * beyond) + _faded(last_signal, fading, accrual, beyond),
    )
    peak = _peak(m, m.effect * amplitude, amount, first)
    highest = OCCUPANCY.value(Values(vars(r) | {"Ce": peak}))
    residue = last_signal * jnp.exp(fading * m.tlag)
    return after, (peak, highest, state.tolerance, first.signal, at.by_day, residue)


def _panel(at: _Now, panel: _Panel, hours: _Hours, r: Receptor, met: Float[Array, " people"]) -> _Now:
    """Over one panel: T by its integrating factor, what A has gained by midnight, the highest node, and the signal."""
    ce = jnp.maximum(_total(decay * left for decay, left in zip(hours.decay, at.left, strict=True)), 0.0)
    drive, signal = _laws(r, ce, met)
    x = Values(vars(r) | {"W": drive})
    loss, source = evaluate(TOLERANCE.loss, x), evaluate(TOLERANCE.source, x)
    whole = _weighted(panel.weight, loss)
    gained = _total(
        weight * source[node] * jnp.exp(_weighted(panel.inner[node], loss) - whole)
        for node, weight in enumerate(panel.weight)
    )
    peak, hour = at.peak, at.hour
    for here, concentration in zip(panel.hours, ce, strict=True):
        peak, hour = jnp.maximum(concentration, peak), jnp.where(concentration > peak, here, hour)
    return replace(
        at,
        tolerance=at.tolerance * jnp.exp(-whole) + gained,
        accrual=at.accrual + _total(hours.accrues * signal),
        peak=peak,
        hour=hour,
        signal=at.signal + _weighted(panel.weight, signal),
    )


def _weighted(weights: np.ndarray, rows: Float[Array, "nodes people"]) -> Float[Array, " people"]:
    return _total(weight * row for weight, row in zip(weights, rows, strict=True))


def _total(terms: Iterable[Array]) -> Array:
    """A sum written out, which the compiler fuses where it would not a reduction."""
    return reduce(operator.add, terms)


def _faded(
    signal: Float[Array, ...], fading: Float[Array, ...], accrual: Float[Array, ...], hours: Float[Array, ...]
) -> Float[Array, ...]:
    """What a signal that fades adds to A in `hours`: a E0 (e^-a t - e^-r t) / (r - a), dA/dt = a (E0 e^-r t - A)."""
    apart = jnp.where(jnp.abs(fading - accrual) < 1e-9, 1e-9, fading - accrual)
    return accrual * signal * (jnp.exp(-accrual * hours) - jnp.exp(-fading * hours)) / apart


def _laws(r: Receptor, ce: Float[Array, ...], met: Float[Array, " people"]) -> tuple[Array, Array]:
    """Drive of tolerance and transduced signal at effect-site concentrations; no drug, no signal."""
    occupied = OCCUPANCY.value(Values(vars(r) | {"Ce": positive(ce)}))
    x = Values(vars(r) | {"O": occupied}, Values({"T": met}))
    return TOLERANCE_DRIVE.value(x), jnp.where(ce > 0, SIGNAL.value(x), 0.0)


def _peak(
    m: Modes, amplitude: Float[Array, "modes people"], amount: Float[Array, " people"], at: _Now
) -> Float[Array, " people"]:
    """Peak effect-site concentration: what stands at the beginning, or the best node, polished by three Newton steps on
    dCe/ds = 0 (concave there)."""

    def _polish(_: Array, s: Array) -> Array:
        term = amplitude * jnp.exp(-m.rate * s)
        slope, curve = jnp.sum(-m.rate * term, 0), jnp.sum(m.rate**2 * term, 0)
        moved = jnp.where(curve < 0, s - slope / jnp.where(curve < 0, curve, -1.0), s)
        return jnp.clip(moved, 0.5 * s, 1.5 * s + 1e-9)

    s = jax.lax.fori_loop(0, 3, _polish, at.hour)
    polished = jnp.sum(amplitude * jnp.exp(-m.rate * s), 0)
    highest = jnp.maximum(at.peak, jnp.sum(amplitude, 0))
    return jnp.where(amount > 0, jnp.maximum(polished, highest), highest)


def at_days(
    exposure: Exposure,
    accrual: Float[Array, " people"],
    last: Int[Array, " times"],
    since: Int[Array, " times"],
) -> Float[Array, "times people"]:
    """A at whole days: `last` is the index of the last dose before each, `since` the days since it (0: none yet)."""
    inside = jnp.clip(since, 1, FOLLOWED)
    beyond = 24.0 * (since - inside)[:, None]
    held = exposure.accrual[last, inside - 1] * jnp.exp(-accrual * beyond)
    held = held + _faded(exposure.residue[last], exposure.fading, accrual, beyond)
    return jnp.where((since > 0)[:, None], held, 0.0)
