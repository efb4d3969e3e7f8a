"""Analysis of covariance of the score at each visit, those seen there, adjusted for baseline."""

from __future__ import annotations

from limen.analysis.ancova import comparisons
from limen.analysis.estimate import Estimate
from limen.analysis.estimator import Estimator, arm_places, arms_in_order
from limen.analysis.fitted import Fitted, Options, lines_of
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.trial.data import TrialData


def fit(data: Longitudinal, options: Options) -> Fitted:
    """Each visit by itself. With one visit the covariance is one variance, and df are n - p exactly."""
    parts = [lines_of(mmrm(data.at(visit)), "model", options.level) for visit in data.visits]
    estimates, means = (tuple(line for part in parts for line in part[side]) for side in (0, 1))
    return Fitted(estimates, means, "model")


def many(data: TrialData, level: float) -> tuple[Estimate, dict[int, str]]:
    """All trials at once, at the visit the analysis is about: [trials, contrasts]."""
    outcome, baseline, arm = (data.by_trial(x) for x in (data.primary, data.baseline, arm_places(data)))
    return comparisons(outcome, baseline, arm, len(arms_in_order(data)), level), {}


ESTIMATOR = Estimator("ancova", "ANCOVA, baseline-adjusted, of those observed", fit, many)
