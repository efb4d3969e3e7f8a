"""Concentration and effect site in closed form: the engine's exponential modes of the declared kinetics."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from limen.engine import kinetics
from limen.engine.declare import Values
from limen.pharmacology.chain import ORAL


class Modes(eqx.Module):
    """One dose of 1 ug as C(t) = sum_m c_m exp(-r_m s), Ce(t) = sum_m e_m exp(-r_m s), s = t - tlag > 0.

    Modes are elimination, absorption and effect site, in that order, along the first axis; units ng/mL per ug.
    """

    rate: Float[Array, "modes people"]
    plasma: Float[Array, "modes people"]
    effect: Float[Array, "modes people"]
    tlag: Float[Array, " people"]


def oral_modes(
    cl: Float[Array, " people"],
    v: Float[Array, " people"],
    ka: Float[Array, " people"],
    ke0: Float[Array, " people"],
    tlag: Float[Array, " people"],
) -> Modes:
    """The modes of apparent oral values: `cl` L/h, `v` L, `ka` and `ke0` 1/h, `tlag` h; doses in ug."""
    found = kinetics.modes(ORAL, Values({"cl": cl, "v": v, "ka": ka, "ke0": ke0}))
    return Modes(found.rates, found.coefficients["C"], found.coefficients["Ce"], tlag)


def superpose(
    m: Modes,
    dose: Float[Array, "doses people"],
    day: Float[Array, " doses"],
    hours: Float[Array, " times"],
) -> tuple[Float[Array, "times people"], Float[Array, "times people"]]:
    """Plasma and effect-site ng/mL at any `hours` since day 0, after doses (ug) taken on study days `day`."""
    since = hours[:, None, None] - 24.0 * day[None, :, None] - m.tlag
    given = since > 0
    decay = jnp.exp(-m.rate[:, None, None] * jnp.where(given, since, 0.0)[None])

    def total(modes: Float[Array, "modes people"]) -> Float[Array, "times people"]:
        return jnp.einsum("mp,mtdp,dp->tp", modes, decay * given, dose)  # pyright: ignore[reportUnknownMemberType]

    return total(m.plasma), total(m.effect)


def single_dose_peak(
    m: Modes, dose: Float[Array, ...] | float
) -> tuple[Float[Array, ...], Float[Array, ...]]:
    """Cmax and Tmax of one dose: Tmax = tlag + ln(ka/k)/(ka - k), Cmax = D A (e^-k s - e^-ka s) at s = Tmax - tlag."""
    k, ka = m.rate[0], m.rate[1]
    s = jnp.log(ka / k) / (ka - k)
    return dose * m.plasma[0] * (jnp.exp(-k * s) - jnp.exp(-ka * s)), m.tlag + s
