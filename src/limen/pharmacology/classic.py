"""The two classic human findings on tolerance, as a test of parameter draws.

Daily 200 ug LSD: the fold shift before the fifth dose is at least 4; three days after the last dose at least 70% of it
is gone, after five days 90% (isbell1955, isbell1961). 10 ug every third day for six weeks: the perceptual signal of
dose 14 is within 15% of dose 1. Few draws of the marginal priors satisfy both; the others are not used.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from limen.engine.stored import stored
from limen.engine.streams import on_device
from limen.parameters import Draws
from limen.pharmacology.chain import Receptor, tolerance_fold
from limen.pharmacology.expose import expose
from limen.pharmacology.kinetics import oral_modes

# What the findings depend on, by the beginning of the name.
READ = (
    "receptor.occupancy",
    "receptor.tolerance",
    "pharmacology.lsd_oral",
    "pharmacology.effect_site.ke0_lsd",
)

BLOCK = 2400  # draws a compiled call: few shapes
LONGEST = 14  # doses


_PK = ("cl", "v", "ka", "ke0", "tlag")


@stored
def _shifts(
    columns: dict[str, Float[Array, " people"]],
    dose: Float[Array, ""],
    doses: Int[Array, ""],
    gaps: Float[Array, " doses"],
) -> Float[Array, "doses people"]:
    """a_perception s_T T met by each dose; nothing asks for A."""
    m = oral_modes(*(columns[name] for name in _PK))
    r = Receptor(**{name: column for name, column in columns.items() if name not in _PK})
    amounts = jnp.where(jnp.arange(LONGEST)[:, None] < doses, dose, 0.0) * jnp.ones(BLOCK)
    tolerance = expose(m, r, jnp.full(BLOCK, 1e-3), amounts, gaps)[0].tolerance
    return tolerance_fold(tolerance, r.a_perception, r.s_t) - 1.0


def satisfies_both(draws: Draws) -> Bool[np.ndarray, " draws"]:
    """Which draws reproduce both findings, for a typical person."""
    shifts = _shift(draws, "lsd_oral_full", 200.0, [1.0, 1.0, 1.0, 1.0, 3.0, 2.0, 1.0], doses=5)
    strong = 1.0 + shifts[4] >= 4.0
    recovers = (shifts[5] <= 0.3 * shifts[4]) & (shifts[6] <= 0.1 * shifts[4])
    micro = 1.0 + _shift(draws, "lsd_oral_micro", 10.0, [3.0] * 14, doses=14)
    return strong & recovers & (micro[0] / micro[13] >= 0.85)


def _shift(
    draws: Draws, kinetics: str, dose: float, gaps: list[float], doses: int
) -> Float[np.ndarray, "doses draws"]:
    """a_perception s_T T just before each dose; after `doses` doses nothing more is taken."""
    padded = np.pad(gaps, (0, LONGEST - len(gaps)))  # one shape, one compiled program
    tol = {n: draws[f"receptor.tolerance.{n}"] for n in ("k_tol", "gamma", "s_t", "a_perception", "a_other")}
    one = np.ones(draws.count)
    columns = {
        **{n: draws[f"pharmacology.{kinetics}.{n}"] for n in ("cl", "v", "ka", "tlag")},
        "ke0": draws["pharmacology.effect_site.ke0_lsd"],
        "omax": draws["receptor.occupancy.omax_lsd"],
        "ec50": draws["receptor.occupancy.ec50_lsd"],
        "recovery": np.log(2.0) / (24.0 * draws["receptor.tolerance.thalf"]),
        "transduction": one,
        "density": one,
        **tol,
    }
    found: list[Float[np.ndarray, "doses draws"]] = []
    for start in range(0, draws.count, BLOCK):
        part = {n: on_device(np.resize(c[start : start + BLOCK], BLOCK)) for n, c in columns.items()}
        found.append(
            np.asarray(_shifts(part, on_device(dose), on_device(doses), on_device(padded)))[: len(gaps)]
        )
    return np.concatenate(found, -1)[:, : draws.count]
