"""Markers of the typical person of each draw, in the units in which a compound's doses are counted."""

from __future__ import annotations

import numpy as np

from limen.compounds import compound
from limen.response import Dosing, Look, Structure, respond


def course(name, dose, days=(0.0,), clock=None):
    given = compound(name)
    kinetics = given.kinetic_set("oral", float(np.max(dose))).name
    amount = np.broadcast_to(
        np.asarray(dose, float).reshape(-1, 1) * given.ug_per_unit, (np.size(dose), len(days))
    )
    return Dosing(name, kinetics, np.asarray(days, float), amount, clock)


def followed(draws, name, dose, days=(0.0,), indication="healthy", structure=None, **look):
    return respond(
        course(name, dose, days), draws, indication, look=Look(**look), structure=Structure(**structure or {})
    )
