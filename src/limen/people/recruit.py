"""Recruit: what each virtual participant brings before the first dose."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from limen.people.comedication import SLOTS, Taken, effects

# Names of the person-level normals, in the order `recruit` expects them.
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


class Population(eqx.Module):
    """Participants along the last axis; a typical person has every deviation at zero.

    `cl` L/h, `v` L, `ka` 1/h, `tlag` h, `ke0` 1/h are apparent oral values; `density` multiplies 5-HT2A signal;
    `threshold` ln units around ln theta; `expectation` relative to its mean; `response` multiplies the drug effect.
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


def recruit(theta: dict[str, Float[Array, " people"]], z: Float[Array, "names people"]) -> Population:
    """Individual values from typical ones and person-level normals `z` (order: DRAWS_PER_PERSON).

    (CL/F)_i = CL/F exp(eta_CL - eta_F) g_i, (V/F)_i = V/F exp(eta_V - eta_F), ka_i = ka exp(eta_ka), with
    omega^2 = ln(1 + CV^2) and one shared exposure factor eta_F; g_i = 1 / AUC ratio, the ratio that of CYP2D6 poor
    metabolisers or that of people on a strong inhibitor, the larger where both hold: an inhibitor makes a poor metaboliser
    of a normal one and has little left to do in a poor one (LSD only). Expectation is a normal clipped to [0, 1] over its
    mean. Sources: holze2021micro, vizeli2021, becker2025, szigeti2021data.
    """
    draw: dict[str, Float[Array, " people"]] = dict(zip(DRAWS_PER_PERSON, z, strict=True))

    def eta(name: str) -> Float[Array, " people"]:
        return jnp.sqrt(jnp.log1p(theta[f"cv_{name}"] ** 2)) * draw[f"eta_{name}"]

    poor = draw["genotype"] < theta["poor_metaboliser_z"]
    taken = effects(theta, draw)
    by_gene = jnp.where(poor, theta["poor_metaboliser_auc"], 1.0)
    auc = jnp.where(taken.inhibited, jnp.maximum(by_gene, theta["inhibitor_auc"]), by_gene)
    slow = jnp.where(poor | taken.inhibited, 1.0 / auc, 1.0)
    expectation = jnp.clip(
        theta["expectation_mean"] + theta["expectation_sd"] * draw["expectation"], 0.0, 1.0
    )
    spread = jnp.sqrt(jnp.log1p(theta["person_cv"] ** 2))
    return Population(
        cl=theta["cl"] * jnp.exp(eta("cl") - eta("f")) * slow,
        v=theta["v"] * jnp.exp(eta("v") - eta("f")),
        ka=theta["ka"] * jnp.exp(eta("ka")),
        tlag=theta["tlag"],
        ke0=theta["ke0"],
        density=jnp.exp(theta["density_sd"] * draw["density"]),
        threshold=draw["threshold"],
        expectation=expectation / theta["expectation_mean"],
        response=jnp.exp(spread * draw["response"] - 0.5 * spread**2),
        poor_metaboliser=poor,
        taken=taken,
    )
