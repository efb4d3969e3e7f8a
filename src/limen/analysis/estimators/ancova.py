"""Analysis of covariance of the score at each visit, those seen there, adjusted for baseline."""

from __future__ import annotations

import numpy as np

from limen.analysis.ancova import compared_at_once, within_strata
from limen.analysis.estimate import Estimate
from limen.analysis.estimator import Estimator, arm_places, arms_in_order
from limen.analysis.fitted import Fitted, Lines, Options, lines_of
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm
from limen.analysis.t_law import by_t
from limen.errors import DataError
from limen.trial.data import TrialData


def fit(data: Longitudinal, options: Options) -> Fitted:
    """Each visit by itself. With one visit the covariance is one variance, and df are n - p exactly. A visit that cannot
    be analysed is left out by name, unless it is the one that is asked about."""
    parts, notes = list[Lines](), list[str]()
    for visit in data.visits:
        try:
            parts.append(lines_of(mmrm(data.at(visit)), options, "model"))
        except DataError as error:
            if visit == (options.visit or data.visits[-1]):
                raise
            notes.append(f"visit {visit} is left out: {error.what}")
    estimates = tuple(line for part in parts for line in part[0])
    means = tuple(line for part in parts for line in part[1])
    correlations = {visit: found for part in parts for visit, found in part[2].items()}
    return Fitted(estimates, means, "model", notes=tuple(notes), correlations=correlations)


def many(data: TrialData, level: float) -> tuple[Estimate, dict[int, str]]:
    """All trials at once, at the visit the analysis is about: [trials, contrasts]."""
    outcome, baseline, arm = (data.by_trial(x) for x in (data.primary, data.baseline, arm_places(data)))
    count = len(arms_in_order(data))
    if data.stratum is not None:
        return by_t(*within_strata(outcome, baseline, arm, count, data.by_trial(data.stratum)), level), {}
    found = compared_at_once(count, outcome, baseline, arm)
    difference, se, df, n = map(np.asarray, found)
    return by_t(difference, se, df, n, level), {}


ESTIMATOR = Estimator("ancova", "ANCOVA, baseline-adjusted, of those observed", fit, many)
