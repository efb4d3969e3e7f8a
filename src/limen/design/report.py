"""Report: what each simulated trial would print under each scenario, by the analysis that will be run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from limen.design.adaptive import dropped, resized
from limen.design.looked import at_each_look
from limen.design.operate import Run
from limen.design.reported import Reports, reported
from limen.protocol.outcomes import OUTCOMES
from limen.trial.data import EVERY_SCORE, TrialData
from limen.trial.walk import without_days

# What a report is about: no drug effect (as it is, and with nobody believing), two sizes of it, and what is believed.
REPORTED = ("course + belief", "course", "delta 0.2", "delta 0.4", "as believed")
# Dose-day ratings with belief and drug on or off, by the words the reports use.
DAY_SCENARIOS = {
    "as believed": "as_believed", "belief only": "belief_only", "neither": "neither", "drug only": "drug_only",
}  # fmt: skip


def weekly(run: Run, names: Sequence[str] = REPORTED) -> dict[str, Reports]:
    """The primary weekly scale under every scenario that a report is about, or under those asked for."""
    plan = run.plan
    if plan.looks is not None:
        return at_each_look(_thin(run), plan.looks, names, _whole)
    if plan.resize is not None:
        return resized(_thin(run), plan.resize, names, _whole)
    if plan.drop is not None:
        return dropped(_thin(run), plan.drop, names, _whole)
    return _whole(run, names)


def _thin(run: Run) -> Run:
    return replace(run, records=without_days(run.records))


def _whole(run: Run, names: Sequence[str]) -> dict[str, Reports]:
    """The reports of trials in which nothing is decided on the way."""
    return {name: reported(run.data(name), name, run.plan.method, run.plan.sided) for name in names}


def weekly_scenario(run: Run, name: str) -> Reports:
    """One scenario by the protocol's own method, at the look at which each trial stops; a single arm's change from baseline."""
    return weekly(run, (name,))[name]


def dose_day(run: Run) -> dict[str, Reports]:
    """The mean dose-day rating by ANCOVA, adjusted for the rating before treatment; in a crossover the difference
    within participants. Ratings have one value a person, so a model of visits has nothing to add."""
    data, day = run.data(), run.records.day
    return {
        name: reported(rated(data, np.asarray(getattr(day, field))), name, "ancova", run.plan.sided)
        for name, field in DAY_SCENARIOS.items()
    }


def rated(data: TrialData, rating: Float[np.ndarray, " people"]) -> TrialData:
    """The dose-day rating in the place of the score."""
    return replace(
        data,
        baseline=data.rating_before,
        score=rating[:, None],
        present=np.isfinite(rating)[:, None],
        guess=data.guess[:, -1:],
        weeks=np.array([data.primary_week]),
        outcome=data.rated,
        higher_is_better=OUTCOMES[data.rated].higher_is == "better",
        changed=np.zeros_like(data.changed),
        estimand=EVERY_SCORE,
    )
