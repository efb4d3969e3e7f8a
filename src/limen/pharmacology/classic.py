"""The two classic human findings on tolerance, as a test of parameter draws.

Daily 200 ug LSD: the fold shift before the fifth dose is at least 4; three days after the last dose at least 70% of it
is gone, after five days 90% (isbell1955, isbell1961). 10 ug every third day for six weeks: the perceptual signal of
dose 14 is within 15% of dose 1. Few draws of the marginal priors satisfy both; the others are not used.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool

from limen.engine import streams
from limen.parameters import Draws
from limen.pharmacology.expose import Receptor, expose
from limen.pharmacology.kinetics import modes

# What the findings depend on, by the beginning of the name.
READ = (
    "receptor.occupancy",
    "receptor.tolerance",
    "pharmacology.lsd_oral",
    "pharmacology.effect_site.ke0_lsd",
)

_expose = jax.jit(expose)

assert streams  # float64 is on before anything here is traced


def satisfies_both(draws: Draws) -> Bool[np.ndarray, " draws"]:
    """Which draws reproduce both findings, for a typical person."""
    fold = _fold(draws, "lsd_oral_full", 200.0, [1.0, 1.0, 1.0, 1.0, 3.0, 2.0, 1.0], doses=5)
    shift = fold - 1.0
    strong = fold[4] >= 4.0
    recovers = (shift[5] <= 0.3 * shift[4]) & (shift[6] <= 0.1 * shift[4])
    micro = _fold(draws, "lsd_oral_micro", 10.0, [3.0] * 14, doses=14)
    return np.asarray(strong & recovers & (micro[0] / micro[13] >= 0.85))


def _fold(draws: Draws, kinetics: str, dose: float, gaps: list[float], doses: int):
    """1 + a_perception s_T T just before each dose [doses, draws]; after `doses` doses nothing more is taken."""
    pk = {name: jnp.asarray(draws[f"pharmacology.{kinetics}.{name}"]) for name in ("cl", "v", "ka", "tlag")}
    m = modes(pk["cl"], pk["v"], pk["ka"], jnp.asarray(draws["pharmacology.effect_site.ke0_lsd"]), pk["tlag"])
    tol = {
        n: jnp.asarray(draws[f"receptor.tolerance.{n}"])
        for n in ("k_tol", "gamma", "s_t", "a_perception", "a_other")
    }
    one = jnp.ones(draws.count)
    r = Receptor(
        omax=jnp.asarray(draws["receptor.occupancy.omax_lsd"]),
        ec50=jnp.asarray(draws["receptor.occupancy.ec50_lsd"]),
        recovery=jnp.log(2.0) / (24.0 * jnp.asarray(draws["receptor.tolerance.thalf"])),
        transduction=one,
        density=one,
        **tol,
    )
    amounts = jnp.where(jnp.arange(len(gaps))[:, None] < doses, dose, 0.0) * one
    return 1.0 + r.a_perception * r.s_t * _expose(m, r, amounts, jnp.asarray(gaps)).tolerance
