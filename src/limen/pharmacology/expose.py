"""What each dosing day meets and leaves behind: peak at the effect site, occupancy, tolerance and signal, in closed form
between doses."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from limen.engine.declare import Values, evaluate
from limen.engine.kinetics import positive
from limen.pharmacology.chain import OCCUPANCY, SIGNAL, TOLERANCE, TOLERANCE_DRIVE, Receptor
from limen.pharmacology.kinetics import Modes

# Panels (h after the lag) graded towards the dose, with Gauss-Legendre nodes: the drive is steep early and smooth late.
# A panel ends at every whole day, so that what stands at any whole day is known; after FOLLOWED days a slow person has a
# little left, of which occupancy and signal are straight lines: it fades with the slowest mode.
FOLLOWED = 7
_FIRST_DAY = (0.0, 0.2, 0.6, 1.4, 3.0, 6.0, 12.0)
_EDGES = np.array([*_FIRST_DAY, *(24.0 * np.arange(1, FOLLOWED + 1))])
_ORDER = 6
_X, _W = np.polynomial.legendre.leggauss(_ORDER)
_LENGTH = np.diff(_EDGES)
_NODES = _EDGES[:-1, None] + 0.5 * _LENGTH[:, None] * (_X + 1)  # [panels, order]
_WEIGHTS = 0.5 * _LENGTH[:, None] * _W
_DAY = np.floor(_EDGES[:-1] / 24.0).astype(int)  # the day each panel lies in
_BY_DAY = (np.arange(FOLLOWED)[:, None] == _DAY).astype(float)


def _running(order: int) -> np.ndarray:
    """Matrix giving the integral from the start of a unit panel to each node, exact for polynomials of that order."""
    x = 0.5 * (_X + 1)
    powers = np.vander(x, order, increasing=True)
    integrals = x[:, None] ** np.arange(1, order + 1) / np.arange(1, order + 1)
    return integrals @ np.linalg.inv(powers)


_INNER = _running(_ORDER)


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
    fading: Float[Array, "doses people"]


def fresh(m: Modes) -> Body:
    """A body that has taken nothing."""
    zero = jnp.zeros_like(m.tlag)
    return Body(jnp.zeros_like(m.rate), zero, zero, zero)


def expose(
    m: Modes,
    r: Receptor,
    accrual: Float[Array, " people"],
    dose: Float[Array, "doses people"],
    gap: Float[Array, " doses"],
    body: Body | None = None,
) -> tuple[Exposure, Body]:
    """Walk over the doses: `dose` ug (zero where missed: no dose), `gap` whole days from each to the next.

    The laws are those of `limen.pharmacology.chain`, the clock of each dose starts after its lag. T and A go over each
    panel by their integrating factors. Returns the exposure, and the body one gap after the last dose.
    """
    nodes, weights = jnp.asarray(_NODES)[..., None], jnp.asarray(_WEIGHTS)
    decay = jnp.exp(-m.rate[:, None, None] * nodes) * m.effect[:, None, None]
    to_midnight = 24.0 * (jnp.asarray(_DAY)[:, None, None] + 1.0) - nodes
    accrues = accrual * weights[..., None] * jnp.exp(-accrual * to_midnight)
    a_day = jnp.exp(-24.0 * accrual)
    # A at a whole day after the dose lies a lag before the clock's: E over that lag, by its middle, is taken off again
    ends = 24.0 * jnp.arange(1.0, FOLLOWED + 1)[:, None]
    late = jnp.exp(-m.rate[:, None] * (ends - 0.5 * m.tlag)) * m.effect[:, None]

    def _step(state: Body, now: tuple[Array, Array]):
        amount, days = now
        inside = jnp.minimum(days, FOLLOWED).astype(int)
        met = jnp.where(amount > 0, state.tolerance, state.met)
        amplitude = state.left + amount
        ce = jnp.maximum(jnp.einsum("mkop,mp->kop", decay, amplitude), 0.0)
        drive, signal = _laws(r, ce, met)
        _, at_end = _laws(r, jnp.einsum("mdp,mp->dp", late, amplitude), met)
        total = jnp.einsum("ko,kop->p", weights * _BY_DAY[0][:, None], signal)
        gained = jnp.einsum("dk,kop->dp", jnp.asarray(_BY_DAY), accrues * signal)
        accrued = [state.accrual]
        for day in range(FOLLOWED):
            accrued.append(accrued[-1] * a_day + gained[day])
        accrued = jnp.stack(accrued)
        by_day = accrued[1:] * jnp.exp(accrual * m.tlag) - at_end * jnp.expm1(accrual * m.tlag)
        fading = jnp.min(m.rate, axis=0)
        beyond = 24.0 * (days - inside)
        last_signal = at_end[-1] * jnp.exp(-0.5 * fading * m.tlag)
        after = Body(
            amplitude * jnp.exp(-m.rate * 24.0 * days),
            _tolerate(r, drive, state.tolerance, inside, days),
            met,
            accrued[inside] * jnp.exp(-accrual * beyond) + _faded(last_signal, fading, accrual, beyond),
        )
        peak = _peak(m, m.effect * amplitude, amount, ce)
        highest = OCCUPANCY.value(Values(vars(r) | {"Ce": peak}))
        residue = last_signal * jnp.exp(fading * m.tlag)
        return after, (peak, highest, state.tolerance, total, by_day, residue, fading)

    last, columns = jax.lax.scan(_step, fresh(m) if body is None else body, (dose, gap))
    return Exposure(*columns), last


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


def _tolerate(
    r: Receptor,
    drive: Float[Array, "panels order people"],
    tolerance: Float[Array, " people"],
    inside: Array,
    days: Array,
) -> Float[Array, " people"]:
    """Tolerance `days` later: one integrating-factor step per panel, recovery alone after the last."""
    mean, inner = jnp.asarray(0.5 * _W), jnp.asarray(_INNER)

    def panel(state, now):
        at_nodes, length = now  # [order, people], scalar
        x = Values(vars(r) | {"W": at_nodes})
        loss = evaluate(TOLERANCE.loss, x)
        whole = length * jnp.einsum("o,op->p", mean, loss)
        until = length * jnp.einsum("ij,jp->ip", inner, loss)
        gained = length * jnp.einsum("o,op->p", mean, evaluate(TOLERANCE.source, x) * jnp.exp(until - whole))
        return state * jnp.exp(-whole) + gained, None

    counted = jnp.where(jnp.asarray(_DAY) < inside, jnp.asarray(_LENGTH), 0.0)
    after, _ = jax.lax.scan(panel, tolerance, (drive, counted))
    return after * jnp.exp(-r.recovery * 24.0 * (days - inside))


def _peak(
    m: Modes,
    amplitude: Float[Array, "modes people"],
    amount: Float[Array, " people"],
    ce: Float[Array, "panels order people"],
) -> Float[Array, " people"]:
    """Peak effect-site concentration: the best node, polished by three Newton steps on dCe/ds = 0 (concave there)."""
    flat = ce.reshape(-1, ce.shape[-1])
    s = jnp.asarray(_NODES).reshape(-1)[jnp.argmax(flat, axis=0)]

    def polish(_, s):
        term = amplitude * jnp.exp(-m.rate * s)
        slope, curve = jnp.sum(-m.rate * term, 0), jnp.sum(m.rate**2 * term, 0)
        moved = jnp.where(curve < 0, s - slope / jnp.where(curve < 0, curve, -1.0), s)
        return jnp.clip(moved, 0.5 * s, 1.5 * s + 1e-9)

    s = jax.lax.fori_loop(0, 3, polish, s)
    polished = jnp.sum(amplitude * jnp.exp(-m.rate * s), 0)
    return jnp.where(amount > 0, jnp.maximum(polished, jnp.max(flat, axis=0)), jnp.max(flat, axis=0))


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
    held = held + _faded(exposure.residue[last], exposure.fading[last], accrual, beyond)
    return jnp.where((since > 0)[:, None], held, 0.0)
