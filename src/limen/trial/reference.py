"""The yardstick of the drug effect: what a typical person meets on the reference regimen, 10 ug LSD base every third day."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from limen.compounds import Compound, compound
from limen.engine.runs import padded
from limen.engine.stored import stored
from limen.engine.streams import on_device
from limen.parameters import Draws
from limen.people import Individual, PerDraw, Typical, per_draw, typical, typical_person
from limen.people.comedication import comedication
from limen.pharmacology.chain import Receptor
from limen.pharmacology.expose import Exposure, at_days, expose
from limen.pharmacology.kinetics import oral_modes
from limen.trial.shapes import to_draws

COMPOUND = "LSD"
DOSES = (32, 128, 1024)


class Reference(eqx.Module):
    """Of a typical person on the reference regimen, per draw: peak `occupancy` at its first dose, `accrual` A at the
    reference week, and `signal` of a dosing day (h), the mean over its doses."""

    occupancy: PerDraw
    accrual: PerDraw
    signal: PerDraw


def exposed(
    person: Individual,
    receptor: Receptor,
    accrual: Float[Array, " people"],
    dose: Float[Array, "doses people"],
    gaps: Float[Array, " doses"],
) -> Exposure:
    """The exposure of people to doses (ug): the one chain, with their own kinetics and receptors."""
    m = oral_modes(person.cl, person.v, person.ka, person.ke0, person.tlag)
    return expose(m, of_person(receptor, person), accrual, dose, gaps)[0]


def of_person(receptor: Receptor, person: Individual) -> Receptor:
    """A person's constants: their own receptor density, and what they take besides."""
    return Receptor(
        **vars(receptor)
        | {
            "ec50": receptor.ec50 * person.taken.ec50,
            "transduction": receptor.transduction * person.taken.transduction,
            "density": person.density,
        }
    )


def typical_receptor(draws: Draws, given: Compound, constant: Float[np.ndarray, " draws"]) -> Receptor:
    """Typical receptor constants of a compound per draw. Raises CompoundError for what its record lacks."""
    ratio = draws[given.need("tolerance_ratio")] if given.applies("tolerance_ratio") else 1.0
    columns = {
        "omax": draws[given.need("omax")],
        "ec50": draws[given.need("ec50")],
        "k_tol": draws["receptor.tolerance.k_tol"] * ratio,
        "recovery": np.log(2.0) / (24.0 * draws["receptor.tolerance.thalf"]),
        "transduction": constant,
        "density": np.ones(draws.count),
        **{n: draws[f"receptor.tolerance.{n}"] for n in ("gamma", "s_t", "a_perception", "a_other")},
    }
    return Receptor(**{name: per_draw(values) for name, values in columns.items()})


@stored
def _typical(
    t: Typical,
    receptor: Receptor,
    accrual: PerDraw,
    dose: Float[Array, " doses"],
    gaps: Float[Array, " doses"],
    last: Int[Array, " 1"],
    since: Int[Array, " 1"],
) -> tuple[PerDraw, Float[Array, "doses people"], PerDraw]:
    """Occupancy at the first peak, signal of each dosing day, and A at a day, of the typical person of each draw."""
    doses = jnp.broadcast_to(dose[:, None], (dose.shape[0], accrual.shape[0]))
    found = exposed(typical_person(t), receptor, accrual, doses, gaps)
    return found.occupancy[0], found.signal, at_days(found, accrual, last, since)[0]


class Regimen(eqx.Module):
    """A regimen of one compound: `dose` ug of base on study `days`."""

    compound: str = eqx.field(static=True)
    kinetics: str = eqx.field(static=True)
    dose: float
    days: Int[np.ndarray, " doses"]


def met(
    draws: Draws,
    regimen: Regimen,
    accrual: Float[np.ndarray, " draws"],
    constant: Float[np.ndarray, " draws"],
    day: int,
) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"], Float[np.ndarray, " draws"]]:
    """What a typical person of each draw, who takes nothing besides, meets on a regimen: peak occupancy at the first
    dose, mean signal of a dosing day (h), and A at study `day`."""
    given = compound(regimen.compound)
    nothing = comedication(draws, given, "healthy")
    t = typical(draws, given, regimen.kinetics, nothing)
    count = draws.count
    columns = jax.tree.map(to_draws, (t, typical_receptor(draws, given, constant), per_draw(accrual)))
    days = regimen.days[regimen.days < day]
    more = padded(len(days), DOSES) - len(days)
    dose = np.pad(np.full(len(days), float(regimen.dose)), (0, more))
    gaps = np.pad(np.append(np.diff(days), 1.0).astype(float), (0, more))
    last = len(days) - 1
    peak, signal, a = _typical(
        *columns, *map(on_device, (dose, gaps, np.array([last]), np.array([day - days[last]])))
    )
    return np.asarray(peak)[:count], np.asarray(signal)[: len(days), :count].mean(0), np.asarray(a)[:count]


def reference_marks(draws: Draws, accrual: Float[np.ndarray, " draws"]) -> Reference:
    """The reference regimen's marks; the transduction constant is the typical peak occupancy at its dose times a fold."""
    dose, gap, week = (float(draws[f"drug_effect.reference.{n}"][0]) for n in ("dose", "gap", "week"))
    kinetics = compound(COMPOUND).kinetic_set("oral", dose).name
    last = round(7 * week)
    regimen = Regimen(COMPOUND, kinetics, dose, np.arange(0, last, round(gap)))
    peak, _, _ = met(draws, regimen, accrual, np.ones(draws.count), last)
    k = peak * draws["receptor.signal.k_fold"]
    _, signal, a = met(draws, regimen, accrual, k, last)
    return Reference(per_draw(peak), per_draw(a), per_draw(signal))


def transduction(draws: Draws, mark: Reference) -> Float[np.ndarray, " draws"]:
    """The transduction constant K: the typical peak occupancy at the reference dose times its fold."""
    return np.asarray(mark.occupancy) * draws["receptor.signal.k_fold"]
