"""The one chain: dose -> concentration -> effect site -> 5-HT2A occupancy -> tolerance -> signal, declared once.

`limen.pharmacology.expose` evaluates these laws dose by dose in closed form, for trials; the engine's panels integrate
`exposure_model()`, and whatever reads it, for dense output and markers. Both are held to one answer by a test.

O = Omax Ce / (EC50 + Ce)                                     receptor occupancy, fraction
dT/dt = k_tol O^gamma (1 - T) - recovery T                    tolerance, one state for all compounds
E = O B / (O B + K (1 + a_other s_T T))                       transduced signal; T as a dose met it, fixed until the next
dA/dt = accrual (E - A)                                       what the drug's effect on a weekly scale follows

Symbols: `omax`, `ec50` (ng/mL), `k_tol` and `recovery` (1/h), `gamma`, `s_t`, `a_other`, `a_perception`, `density` B,
`transduction` K, `accrual` (1/h). Sources: madsen2019, isbell1955, model notes sections 1 and 2.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from limen.engine import streams
from limen.engine.declare import (
    Emax,
    Model,
    OneCompartment,
    Signal,
    State,
    Turnover,
    TwoCompartment,
    slow_binding,
)
from limen.engine.elementary import TINY, log
from limen.people.columns import PerDraw

assert streams  # float64 is on before anything here is traced

ORAL = OneCompartment(effect="ke0", lag="tlag")
WIDER = TwoCompartment(**vars(ORAL))
OCCUPANCY = Emax("O", of="Ce", top="omax", half="ec50")
# The delay of the receptor by slow binding instead of an effect site. Rounding can leave a binding that has ended just
# below zero, where a Hill drive of it has no value.
BINDING = (
    slow_binding("B", "C", "ec50", "koff"),
    Signal("O", lambda x: x.omax * jnp.maximum(x.B, TINY)),
)
TOLERANCE_DRIVE = Signal("W", lambda x: x.k_tol * jnp.exp(x.gamma * log(x.O)))
TOLERANCE = State("T", source="W", loss=lambda x: x.W + x.recovery)
SIGNAL = Signal(
    "E", lambda x: transduced(x.O, x.density, x.transduction, tolerance_fold(x.before.T, x.a_other, x.s_t))
)
ACCRUAL = Turnover("A", target="E", rate="accrual")


def tolerance_fold(tolerance: Any, slope: Any, s_t: Any) -> Any:
    """1 + a s_T T: by how much tolerance shifts a constant; `slope` is `a_perception` or `a_other`."""
    return 1.0 + slope * s_t * tolerance


def transduced(occupancy: Any, density: Any, constant: Any, shift: Any) -> Any:
    """E = O B / (O B + K shift), fraction."""
    bound = occupancy * density
    return bound / (bound + constant * shift)


def exposure_model(*further: Any) -> Model:
    """The chain for the panel engine, with `further` equations that read it."""
    return Model(kinetics=ORAL, equations=(OCCUPANCY, TOLERANCE_DRIVE, TOLERANCE, SIGNAL, ACCRUAL, *further))


class Receptor(eqx.Module):
    """Constants of occupancy, tolerance and transduction, one value each person (or draw, for typical ones)."""

    omax: PerDraw
    ec50: PerDraw
    k_tol: PerDraw
    gamma: PerDraw
    recovery: PerDraw
    s_t: PerDraw
    a_perception: PerDraw
    a_other: PerDraw
    transduction: PerDraw
    density: PerDraw
