"""Trials in which closed forms hold: nobody leaves, nobody differs in what the drug does, and trials are alike."""

from __future__ import annotations

import numpy as np

from limen.calibration.pk import typical_draws
from limen.design.operate import Given, Run, operate
from limen.parameters import Draws, ParameterSet
from limen.trial.plan import Plan

QUIET = {
    "outcomes.shared.course_trial_sd": 0.0, "belief.guess.bias_trial_sd": 0.0, "drug_effect.prior.person_cv": 1e-9,
    "leaving.dropout.d0": -50.0, "leaving.intercurrent.stop_drug": 0.0, "leaving.intercurrent.rescue": 0.0,
    "leaving.adverse_exit.lsd": 0.0, "leaving.adverse_exit.placebo": 0.0, "pharmacology.lsd_people.cv_f": 1e-9,
    "pharmacology.lsd_people.cv_cl": 1e-9, "pharmacology.lsd_people.cv_v": 1e-9, "pharmacology.lsd_people.cv_ka": 1e-9,
    "pharmacology.genotype.poor_metaboliser_share": 0.0, "receptor.occupancy.density_sd": 0.0,
}  # fmt: skip


def quiet_trials(plan: Plan, parameters: ParameterSet, trials: int, delta: float = 0.5) -> Run:
    """So many trials of a plan under one draw of the parameters, of a drug worth `delta` SD."""
    typical = typical_draws(parameters, 1)
    draws = Draws(dict(typical.columns) | {name: np.full(1, value) for name, value in QUIET.items()}, 1)
    return operate(
        plan, parameters, people=plan.people * trials, seed=11, given=Given(draws, np.array([delta]))
    )
