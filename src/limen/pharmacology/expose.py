"""What each dosing day meets and leaves behind: peak at the effect site, tolerance, and the transduced signal."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from limen.pharmacology.kinetics import Modes

# Panels (hours after a dose) graded towards the dose, with Gauss-Legendre nodes: the drive is steep early and smooth
# late. The last panel counts only where the next dose is at least two days away.
_EDGES = np.array([0.0, 0.5, 1.5, 4.0, 10.0, 24.0, 48.0])
_ORDER = 4
_X, _W = np.polynomial.legendre.leggauss(_ORDER)
_LENGTH = np.diff(_EDGES)
_NODES = _EDGES[:-1, None] + 0.5 * _LENGTH[:, None] * (_X + 1)  # [panels, order]
_WEIGHTS = 0.5 * _LENGTH[:, None] * _W


def _running(order: int) -> np.ndarray:
    """Matrix giving the integral from the start of a unit panel to each node, exact for polynomials of that order."""
    x = 0.5 * (_X + 1)
    powers = np.vander(x, order, increasing=True)
    integrals = x[:, None] ** np.arange(1, order + 1) / np.arange(1, order + 1)
    return integrals @ np.linalg.inv(powers)


_INNER = _running(_ORDER)


class Receptor(eqx.Module):
    """Constants of occupancy, tolerance and transduction, one value per person (units: ng/mL, 1/h, fraction)."""

    omax: Float[Array, " people"]
    ec50: Float[Array, " people"]
    k_tol: Float[Array, " people"]
    gamma: Float[Array, " people"]
    recovery: Float[Array, " people"]
    s_t: Float[Array, " people"]
    a_perception: Float[Array, " people"]
    a_other: Float[Array, " people"]
    transduction: Float[Array, " people"]
    density: Float[Array, " people"]


class Exposure(eqx.Module):
    """Per dose and person: `peak` effect-site ng/mL, `tolerance` T met by the dose, `signal` integral of transduced
    occupancy over the days until the next dose (h)."""

    peak: Float[Array, "doses people"]
    tolerance: Float[Array, "doses people"]
    signal: Float[Array, "doses people"]


def expose(
    m: Modes, r: Receptor, dose: Float[Array, "doses people"], gap: Float[Array, " doses"]
) -> Exposure:
    """Walk over the doses. `dose` ug (zero where missed), `gap` days from each dose to the next (>= 1).

    Ce(s) = sum_m e_m A_m e^-r_m s, where A_m carries what earlier doses left;
    O = Omax Ce / (EC50 + Ce); E = O B / (O B + K (1 + a s_T T)), T the tolerance before the dose, fixed for its day;
    dT/dt = k_tol O^gamma (1 - T) - (ln 2 / thalf) T, over each panel by integrating factor with the drive at its nodes.
    Sources: madsen2019, isbell1955, model notes sections 1 and 2.
    """
    nodes = jnp.asarray(_NODES)
    since = jnp.maximum(nodes[..., None] - m.tlag, 0.0)
    lagged = nodes[..., None] > m.tlag
    decay = jnp.exp(-m.rate[:, None, None] * since) * lagged  # modes [3, panels, order, people]
    before = jnp.exp(-m.rate[:, None, None] * nodes[..., None])
    weights = jnp.asarray(_WEIGHTS)

    def step(state, now):
        left, tolerance = state  # left: effect-site amplitudes of earlier doses at this dose time
        amount, days = now
        counts = jnp.where(jnp.arange(len(_LENGTH)) < len(_LENGTH) - 1, 1.0, jnp.where(days >= 2, 1.0, 0.0))
        ce = jnp.einsum("mkop,mp->kop", decay, m.effect * amount) + jnp.einsum("mkop,mp->kop", before, left)
        ce = jnp.maximum(ce, 0.0)
        occupancy = r.omax * ce / (r.ec50 + ce)
        shift = r.transduction * (1.0 + r.a_other * r.s_t * tolerance)
        signal = occupancy * r.density / (occupancy * r.density + shift)
        total = jnp.einsum("ko,kop->p", weights * counts[:, None], signal)
        grown = _tolerate(r, occupancy, tolerance, counts, days)
        carried = jnp.exp(-m.rate * 24.0 * days)
        fresh = m.effect * amount * jnp.exp(-m.rate * jnp.maximum(24.0 * days - m.tlag, 0.0))
        return (left * carried + fresh, grown), (_peak(m, amount, left, ce), tolerance, total)

    start = (jnp.zeros_like(m.rate), jnp.zeros_like(r.omax))
    _, (peak, tolerance, signal) = jax.lax.scan(step, start, (dose, gap))
    return Exposure(peak, tolerance, signal)


def _tolerate(r: Receptor, occupancy, tolerance, counts, days):
    """Tolerance at the next dose: one integrating-factor step per panel, recovery alone after the last panel."""
    drive = r.k_tol * jnp.where(occupancy > 0, occupancy, 1.0) ** r.gamma * (occupancy > 0)

    def panel(state, now):
        at_nodes, length, count = now  # [order, people], scalar, scalar
        at_nodes = at_nodes * count
        whole = length * jnp.einsum("o,op->p", jnp.asarray(0.5 * _W), at_nodes)
        until = length * jnp.einsum("ij,jp->ip", jnp.asarray(_INNER), at_nodes)
        remaining = length * count * (1 - 0.5 * (jnp.asarray(_X) + 1))
        fade = jnp.exp(-(r.recovery * remaining[:, None] + whole - until))
        gained = length * jnp.einsum("o,op->p", jnp.asarray(0.5 * _W), at_nodes * fade)
        return state * jnp.exp(-(r.recovery * length * count + whole)) + gained, None

    after, _ = jax.lax.scan(panel, tolerance, (drive, jnp.asarray(_LENGTH), counts))
    covered = jnp.sum(counts * jnp.asarray(_LENGTH))
    return after * jnp.exp(-r.recovery * (24.0 * days - covered))


def _peak(m: Modes, amount, left, ce):
    """Peak effect-site concentration: the best node, polished by three Newton steps on dCe/ds = 0 (concave there)."""
    flat = ce.reshape(-1, ce.shape[-1])
    s = jnp.asarray(_NODES).reshape(-1)[jnp.argmax(flat, axis=0)]
    amplitude = m.effect * amount * jnp.exp(m.rate * m.tlag) + left

    def polish(_, s):
        term = amplitude * jnp.exp(-m.rate * s)
        slope, curve = jnp.sum(-m.rate * term, 0), jnp.sum(m.rate**2 * term, 0)
        moved = jnp.where(curve < 0, s - slope / jnp.where(curve < 0, curve, -1.0), s)
        return jnp.clip(moved, jnp.maximum(0.5 * s, m.tlag), 1.5 * s + 1e-9)

    s = jax.lax.fori_loop(0, 3, polish, s)
    polished = jnp.sum(amplitude * jnp.exp(-m.rate * s), 0)
    return jnp.where(amount > 0, jnp.maximum(polished, jnp.max(flat, axis=0)), jnp.max(flat, axis=0))
