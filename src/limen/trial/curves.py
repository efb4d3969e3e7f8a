"""Curves of a sample of participants: concentration, effect site and occupancy, for the dossier and `simulate`."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from limen.engine import streams
from limen.parameters import Draws
from limen.people import DRAWS_PER_PERSON, recruit
from limen.pharmacology.kinetics import modes, single_dose_peak, superpose
from limen.trial.plan import Plan
from limen.trial.reference import yardstick
from limen.trial.theta import theta
from limen.trial.walk import ONCE, seed_keys


class Curves(eqx.Module):
    """Per requested hour and person: plasma and effect-site ng/mL, 5-HT2A occupancy; and Cmax ng/mL, Tmax h."""

    plasma: Float[Array, "times people"]
    effect: Float[Array, "times people"]
    occupancy: Float[Array, "times people"]
    cmax: Float[Array, " people"]
    tmax: Float[Array, " people"]
    half_life: Float[Array, " people"]
    recovery: Float[Array, " people"]


def curves(
    draws: Draws,
    plan: Plan,
    seed: int,
    draw: Int[np.ndarray, " people"],
    participant: Int[np.ndarray, " people"],
    dose: Float[np.ndarray, "doses people"],
    day: Float[np.ndarray, " doses"],
    hours: Float[np.ndarray, " times"],
    kinetics: str | None = None,
) -> Curves:
    """The same people as in the walk (same seed, names and participants) on any dosing history and times."""
    per_draw = theta(draws, plan, kinetics) | yardstick(draws, plan)
    t = {name: jnp.asarray(column)[draw] for name, column in per_draw.items()}
    z = streams.normals(seed_keys(seed)["once"], jnp.asarray(participant), jnp.zeros(1, int))[:, 0]
    return _curves(t, z[: len(DRAWS_PER_PERSON)], jnp.asarray(dose), jnp.asarray(day), jnp.asarray(hours))


@jax.jit
def _curves(t: dict[str, Array], z, dose, day, hours) -> Curves:
    person = recruit(t, z)
    m = modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    plasma, effect = superpose(m, dose, day, hours)
    cmax, tmax = single_dose_peak(m, dose[0])
    positive = jnp.maximum(effect, 0.0)
    occupancy = t["omax"] * positive / (t["ec50"] * person.taken.ec50 + positive)
    return Curves(plasma, effect, occupancy, cmax, tmax, jnp.log(2.0) * person.v / person.cl, t["recovery"])


assert ONCE[: len(DRAWS_PER_PERSON)] == DRAWS_PER_PERSON
