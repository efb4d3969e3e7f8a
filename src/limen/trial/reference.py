"""The yardstick of the drug effect: what a typical person meets on 10 ug LSD base every third day for eight weeks."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from limen.parameters import Draws
from limen.people import DRAWS_PER_PERSON, recruit
from limen.pharmacology.expose import expose
from limen.pharmacology.kinetics import modes
from limen.trial.plan import Plan
from limen.trial.theta import theta
from limen.trial.walk import average_signal, receptor

REFERENCE_DOSE, REFERENCE_GAP, REFERENCE_DAYS = 10.0, 3.0, 56


@jax.jit
def _typical(t: dict[str, Array], dose: Float[Array, " doses"], gaps: Float[Array, " doses"]):
    """Peak effect-site concentration of the first dose and time-averaged signal of a typical person, per draw."""
    count = t["cl"].shape[0]
    person = recruit(t, jnp.zeros((len(DRAWS_PER_PERSON), count)))
    doses = jnp.broadcast_to(dose[:, None], (dose.shape[0], count))
    m = modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    exposure = expose(m, receptor(t, person), doses, gaps)
    return exposure.peak[0], average_signal(exposure, gaps, jnp.ones_like(gaps))


def yardstick(draws: Draws, plan: Plan) -> dict[str, np.ndarray]:
    """`k_reference`, the typical peak occupancy at 10 ug LSD, and `reference_signal`, per draw."""
    t = theta(draws, plan, kinetics="lsd_oral_micro")
    gaps = np.full(round(REFERENCE_DAYS / REFERENCE_GAP), REFERENCE_GAP)
    dose = np.full(len(gaps), REFERENCE_DOSE)
    peak, _ = _typical(t | {"k_reference": np.ones(draws.count)}, dose, gaps)
    k = t["omax"] * np.asarray(peak) / (t["ec50"] + np.asarray(peak))
    _, signal = _typical(t | {"k_reference": k}, dose, gaps)
    return {"k_reference": k, "reference_signal": np.asarray(signal)}


def typical_signal_ratio(
    draws: Draws, plan: Plan, kinetics: str, dose_ug: float, gaps: np.ndarray
) -> np.ndarray:
    """Signal of a regimen over the reference regimen's, for a typical person, per draw."""
    marks = yardstick(draws, plan)
    t = theta(draws, plan, kinetics=kinetics) | {"k_reference": marks["k_reference"]}
    _, signal = _typical(t, np.full(len(gaps), dose_ug), gaps)
    return np.asarray(signal) / marks["reference_signal"]
