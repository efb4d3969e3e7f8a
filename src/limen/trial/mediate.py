"""Mediate: what a named scenario lets markers add to the drug's part of a weekly scale; nothing without a scenario."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from limen.parameters import Draws
from limen.response import Dosing, Look, respond
from limen.response.coupling import carriers
from limen.trial.plan import Plan
from limen.trial.theta import Scale

WEEK = 168.0  # h


def mediated(plan: Plan, draws: Draws, scale: Scale) -> Float[np.ndarray, "weeks arms draws"] | None:
    """Points of benefit per week, arm and draw; None without a scenario, or without a weekly scale for it to move.

    benefit(t) = - SD_s sum_m r_m Delta_m(t) / SD_m

    with r the correlation of marker m to symptoms, Delta the mean change of the marker over week t in a typical person
    who takes every mean dose of the arm, with its switch at 1, SD_m its spread between people and SD_s that of the scale
    at follow-up, the square root of the variances of trait, state and rating. Source: model notes, section 8.
    """
    if plan.scenario is None or plan.model is None:
        return None
    spread = np.sqrt(np.asarray(scale.sd_trait**2 + scale.sd_ar**2 + scale.sd_e**2))
    ends = WEEK * np.arange(1, plan.weeks + 1)
    added = np.zeros((plan.weeks, len(plan.arms), draws.count))
    for row, arm in enumerate(plan.arms):
        if arm.mean_dose == 0:
            continue
        amount = np.full((1, len(plan.days)), arm.mean_dose)
        course = Dosing(plan.compound, plan.kinetics, np.array(plan.days, float), amount, plan.dose_clock)
        found = respond(course, draws, plan.indication, look=Look(carriers(plan.scenario), ends, totals=True))
        at = np.searchsorted(found.times, ends)
        for marker, total in found.totals.items():
            mean = np.diff(total[:, at], axis=1, prepend=0.0) / WEEK
            change = mean / found.between_sd[marker][:, None]
            added[:, row] -= spread * found.coupling[marker] * change.T
    return added


def parameters_read(draws: Draws, plan: Plan) -> list[str]:
    """The names of the parameters a scenario reads besides the walk's own."""
    if plan.scenario is None or plan.model is None:
        return []
    through = carriers(plan.scenario)
    prefixes = tuple(f"response_{m.id}." for m in through)
    couplings = {f"response_{m.coupling}".replace("coupling_", "coupling.") for m in through}
    return [name for name in draws if name.startswith(prefixes) or name in couplings]
