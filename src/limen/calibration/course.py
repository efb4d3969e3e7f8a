"""The placebo course of a scale at the typical parameters: what the severity model was calibrated to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Num

from limen.calibration.pk import typical_draws
from limen.design.operate import Given, operate
from limen.parameters import Draws, ParameterSet
from limen.trial.plan import INERT, ArmPlan, Plan

# The note's own check lets people notice something in a quarter of placebo weeks and learn from one percept a week.
QUIET = {
    "outcomes.shared.course_trial_sd": 0.0,
    "outcomes.shared.kappa_cv": 1e-3,
    "belief.guess.bias_trial_sd": 0.0,
}


Weekly = Num[np.ndarray, " weeks"]


@dataclass(frozen=True)
class PlaceboCourse:
    """Selected placebo participants by week: mean change, its SD, responders (50%), share still in the trial."""

    baseline: float
    baseline_sd: float
    weeks: Weekly
    change: Weekly
    change_sd: Weekly
    responders: Weekly
    present: Weekly


def placebo_course(
    parameters: ParameterSet, indication: str, scale: str, bounds: tuple[float, float], entry: float | None = None,
    weeks: int = 8, people: int = 40_000, seed: int = 1,
) -> PlaceboCourse:  # fmt: skip
    """Everybody (before leaving) in the placebo arm of a 1:1 trial with one capsule a week, no trial-level spread."""
    model = f"outcomes.{indication}.{scale}"
    threshold = parameters[f"{model}.entry"].value if entry is None else entry
    arms = (
        ArmPlan("active", 0, people // 2, (10.0,), (1.0,), 0.0, None),
        ArmPlan("placebo", INERT, people // 2, (), (), 0.0, None),
    )
    plan = Plan(
        compound="LSD", kinetics="lsd_oral_micro", indication=indication, arms=arms, days=tuple(range(0, 7 * weeks, 7)),
        adherence=1.0, weeks=weeks, visit_weeks=tuple(range(weeks + 1)), outcome=scale,
        low=bounds[0], high=bounds[1], better=False, mcid=None, primary_week=weeks, model=model, dose_day="vas_mood",
        entry=(threshold, None), told=0.5, alpha=0.05,
    )  # fmt: skip
    typical = typical_draws(parameters, 2)
    draws = Draws(dict(typical.columns) | {name: np.full(2, value) for name, value in QUIET.items()}, 2)
    shapes = []
    for week in range(1, weeks + 1):
        run = operate(
            replace(plan, primary_week=week), parameters, people=1, seed=seed, given=Given(draws, np.zeros(2))
        )
        among = run.arm == 1
        score = run.under("course + belief", run.records.before_leaving)[among]
        shapes.append((score, run.records.baseline[among], run.records.present[among, week]))
    baseline = shapes[0][1]
    change = [score - base for score, base, _ in shapes]
    return PlaceboCourse(
        float(baseline.mean()), float(baseline.std()), np.arange(1, weeks + 1), np.array([c.mean() for c in change]),
        np.array([c.std() for c in change]), np.array([(-c >= 0.5 * baseline).mean() for c in change]),
        np.array([present.mean() for *_, present in shapes]),
    )  # fmt: skip
