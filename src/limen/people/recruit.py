"""Recruit: what each virtual participant brings before the first dose."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from scipy.special import ndtri

from limen.compounds import Compound
from limen.parameters import Draws
from limen.people.columns import PerDraw, at, per_draw
from limen.people.comedication import SLOTS, Comedication, Taken, effects
from limen.people.identity import Roll

# Names of the person-level normals.
DRAWS_PER_PERSON = (
    "eta_f",
    "eta_cl",
    "eta_v",
    "eta_ka",
    "genotype",
    "density",
    "threshold",
    "expectation",
    "response",
    *SLOTS,
)


class Typical(eqx.Module):
    """What people are drawn around, one value a parameter draw: apparent oral `cl` L/h, `v` L, `ka` and `ke0` 1/h,
    `tlag` h and their CVs; CYP2D6; SD of ln receptor density; expectation; CV of the response; comedication."""

    cl: PerDraw
    v: PerDraw
    ka: PerDraw
    tlag: PerDraw
    ke0: PerDraw
    cv_f: PerDraw
    cv_cl: PerDraw
    cv_v: PerDraw
    cv_ka: PerDraw
    poor_metaboliser_z: PerDraw
    poor_metaboliser_auc: PerDraw
    density_sd: PerDraw
    expectation_mean: PerDraw
    expectation_sd: PerDraw
    response_cv: PerDraw
    comedication: Comedication


class Individual(eqx.Module):
    """People along the last axis; a typical person has every deviation at zero.

    `cl` L/h, `v` L, `ka` 1/h, `tlag` h, `ke0` 1/h are apparent oral values; `density` multiplies 5-HT2A signal;
    `threshold` standard normal around ln theta; `expectation` relative to its mean; `response` multiplies the drug effect.
    """

    cl: Float[Array, " people"]
    v: Float[Array, " people"]
    ka: Float[Array, " people"]
    tlag: Float[Array, " people"]
    ke0: Float[Array, " people"]
    density: Float[Array, " people"]
    threshold: Float[Array, " people"]
    expectation: Float[Array, " people"]
    response: Float[Array, " people"]
    poor_metaboliser: Bool[Array, " people"]
    taken: Taken


class Participants(Individual):
    """The people of a trial, the same in every room: who each of them is, and what they bring."""

    roll: Roll

    @property
    def draw(self) -> Int[Array, " people"]:
        """Parameter draw of each."""
        return self.roll.draw


def typical(draws: Draws, compound: Compound, kinetics: str, comedication: Comedication) -> Typical:
    """Typical people on a compound by one of its kinetic sets. Raises CompoundError for what its record lacks."""
    pk, people = compound.set_named(kinetics).parameters, compound.need("people")
    by_gene = compound.applies("poor_metaboliser_share")
    shared = "outcomes.shared.expectation"
    poor = draws[compound.need("poor_metaboliser_share")] if by_gene else np.zeros(draws.count)
    auc = draws[compound.need("poor_metaboliser_auc")] if by_gene else np.ones(draws.count)
    columns = {
        **{name: draws[f"{pk}.{name}"] for name in ("cl", "v", "ka", "tlag")},
        **{f"cv_{name}": draws[f"{people}.cv_{name}"] for name in ("f", "cl", "v", "ka")},
        "ke0": draws[compound.need("ke0")],
        "poor_metaboliser_z": ndtri(poor),
        "poor_metaboliser_auc": auc,
        "density_sd": draws["receptor.occupancy.density_sd"],
        "expectation_mean": draws[f"{shared}_mean"],
        "expectation_sd": draws[f"{shared}_sd"],
        "response_cv": draws["drug_effect.prior.person_cv"],
    }
    return Typical(comedication=comedication, **{name: per_draw(values) for name, values in columns.items()})


def recruit(t: Typical, roll: Roll) -> Participants:
    """The people of a roll; `t` holds one value a parameter draw."""
    mine = jax.lax.optimization_barrier(at(t, roll.draw))
    person = individual(mine, roll.who.once(DRAWS_PER_PERSON))
    return jax.lax.optimization_barrier(Participants(**vars(person), roll=roll))


def typical_person(t: Typical) -> Individual:
    """The typical person of every draw: each deviation zero, taking what a deviation of zero takes."""
    return individual(t, {name: jnp.zeros(t.cl.shape) for name in DRAWS_PER_PERSON})


def individual(t: Typical, draw: Mapping[str, Float[Array, " people"]]) -> Individual:
    """Individual values from typical ones and the person-level normals named in DRAWS_PER_PERSON.

    (CL/F)_i = CL/F exp(eta_CL - eta_F) g_i, (V/F)_i = V/F exp(eta_V - eta_F), ka_i = ka exp(eta_ka), with
    omega^2 = ln(1 + CV^2) and one shared exposure factor eta_F; g_i = 1 / AUC ratio, the ratio that of CYP2D6 poor
    metabolisers or that of people on a strong inhibitor, the larger where both hold: an inhibitor makes a poor metaboliser
    of a normal one and has little left to do in a poor one. Expectation is a normal clipped to [0, 1] over its
    mean. Sources: holze2021micro, vizeli2021, becker2025, szigeti2021data.
    """

    def eta(name: str, cv: PerDraw) -> Float[Array, " people"]:
        return jnp.sqrt(jnp.log1p(cv**2)) * draw[f"eta_{name}"]

    poor = draw["genotype"] < t.poor_metaboliser_z
    taken = effects(t.comedication, draw)
    by_gene = jnp.where(poor, t.poor_metaboliser_auc, 1.0)
    auc = jnp.where(taken.inhibited, jnp.maximum(by_gene, t.comedication.inhibitor_auc), by_gene)
    slow = jnp.where(poor | taken.inhibited, 1.0 / auc, 1.0)
    expectation = jnp.clip(t.expectation_mean + t.expectation_sd * draw["expectation"], 0.0, 1.0)
    spread = jnp.sqrt(jnp.log1p(t.response_cv**2))
    return Individual(
        cl=t.cl * jnp.exp(eta("cl", t.cv_cl) - eta("f", t.cv_f)) * slow,
        v=t.v * jnp.exp(eta("v", t.cv_v) - eta("f", t.cv_f)),
        ka=t.ka * jnp.exp(eta("ka", t.cv_ka)),
        tlag=t.tlag,
        ke0=t.ke0,
        density=jnp.exp(t.density_sd * draw["density"]),
        threshold=draw["threshold"],
        expectation=expectation / t.expectation_mean,
        response=jnp.exp(spread * draw["response"] - 0.5 * spread**2),
        poor_metaboliser=poor,
        taken=taken,
    )
