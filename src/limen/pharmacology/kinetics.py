"""Concentration and effect site in closed form: a sum of exponential modes per dose, for any dosing history."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

_GAP = 1e-5  # two rates closer than this (relative) are moved apart; the curve changes by less than the gap


class Modes(eqx.Module):
    """One dose of 1 ug as C(t) = sum_m c_m exp(-r_m s), Ce(t) = sum_m e_m exp(-r_m s), s = t - tlag > 0.

    Modes are elimination, absorption and effect site, in that order, along the first axis; units ng/mL per ug.
    """

    rate: Float[Array, "3 people"]
    plasma: Float[Array, "3 people"]
    effect: Float[Array, "3 people"]
    tlag: Float[Array, " people"]


def modes(cl, v, ka, ke0, tlag) -> Modes:
    """The three modes of one compartment with first-order absorption and an effect compartment.

    k = CL/V, A = ka / (V (ka - k)); C = A (e^-ks - e^-ka s);
    dCe/dt = ke0 (C - Ce) gives Ce = A ke0 [ (e^-ks - e^-ke0 s)/(ke0 - k) - (e^-ka s - e^-ke0 s)/(ke0 - ka) ].
    Rates in 1/h, volumes in L, doses in ug, so concentrations are ng/mL.
    """
    k = cl / v
    ka = _apart(ka, k)
    ke0 = _apart(_apart(ke0, k), ka)
    a = ka / (v * (ka - k))
    slow, fast = a * ke0 / (ke0 - k), a * ke0 / (ke0 - ka)
    return Modes(
        rate=jnp.stack([k, ka, ke0]),
        plasma=jnp.stack([a, -a, jnp.zeros_like(a)]),
        effect=jnp.stack([slow, -fast, fast - slow]),
        tlag=tlag,
    )


def _apart(rate, other):
    return jnp.where(jnp.abs(rate - other) < _GAP * other, other * (1 + _GAP), rate)


def superpose(m: Modes, dose, day, hours):
    """Plasma and effect-site concentration at any times after any history: [..., people] per requested hour.

    `dose` [doses, people] ug, `day` [doses] study days, `hours` [times] since day 0; both results [times, people].
    """
    since = hours[:, None, None] - 24.0 * day[None, :, None] - m.tlag
    given = since > 0
    decay = jnp.exp(-m.rate[:, None, None] * jnp.where(given, since, 0.0)[None])
    plasma = jnp.einsum("mp,mtdp,dp->tp", m.plasma, decay * given, dose)
    effect = jnp.einsum("mp,mtdp,dp->tp", m.effect, decay * given, dose)
    return plasma, effect


def single_dose_peak(m: Modes, dose):
    """Cmax and Tmax of one dose: Tmax = tlag + ln(ka/k)/(ka - k), Cmax = D A (e^-k s - e^-ka s) at s = Tmax - tlag."""
    k, ka = m.rate[0], m.rate[1]
    s = jnp.log(ka / k) / (ka - k)
    return dose * m.plasma[0] * (jnp.exp(-k * s) - jnp.exp(-ka * s)), m.tlag + s
