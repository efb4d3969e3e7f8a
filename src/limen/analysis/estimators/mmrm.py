"""Mixed model for repeated measures: all visits in one model, what is missing taken as missing at random."""

from __future__ import annotations

from itertools import pairwise

import jax
import numpy as np

from limen.analysis.estimate import Estimate, with_interval
from limen.analysis.estimator import (
    Estimator,
    arm_places,
    arms_in_order,
    one_by_one,
    options,
    reason,
)
from limen.analysis.fitted import Fitted, Options, lines_of
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import NotFitted, mmrm, no_maximum
from limen.analysis.mmrm_many import mmrm_many
from limen.analysis.sums import Replicates
from limen.trial.data import TrialData


def fit(data: Longitudinal, options: Options) -> Fitted:
    """Visit by arm and visit by baseline as fixed effects, REML; the first covariance that can be fitted of those named."""
    names, notes = [name.strip() for name in options.structure.split(",")], list[str]()
    for name, following in pairwise(names):
        try:
            model = mmrm(data, name)
            break
        except NotFitted as error:
            notes.append(
                f"{name} covariance could not be fitted ({error.what}), so {following} was tried, as said before"
            )
    else:
        name = names[-1]
        model = mmrm(data, name)
    estimates, means, correlations = lines_of(model, options)
    sigma = tuple(tuple(float(v) for v in row) for row in model.at.sigma)
    return Fitted(
        estimates, means, options.se_method, name, model.minus2, sigma, aic=model.aic, bic=model.bic,
        notes=tuple(notes), correlations=correlations,
    )  # fmt: skip


def many(data: TrialData, level: float) -> tuple[Estimate, dict[int, str]]:
    """All trials at once, at the visit the analysis is about: [trials, contrasts]. A trial that lacks something the
    model needs is fitted singly, which finds out what."""
    how = options(data, level)
    names = [str(week) for week in data.weeks[data.weeks > 0]]
    outcome, arm, baseline = (
        data.by_trial(x) for x in (data.score[:, data.weeks > 0], arm_places(data), data.baseline)
    )
    together = Replicates(outcome, arm, baseline, len(arms_in_order(data)))
    found = mmrm_many(together, names.index(how.visit), how.structure, how.se_method)
    each = with_interval(found.estimate, found.se, found.df, found.n, level)
    nowhere = np.flatnonzero(~found.fitted & ~found.odd).tolist()
    why = {
        number: reason(no_maximum(found.sigma[number], len(arm[number]), tuple(names), how.structure))
        for number in nowhere
    }
    odd = np.flatnonzero(found.odd)
    singly, others = one_by_one(data, fit, level, odd)
    return jax.tree.map(lambda whole, part: whole.at[odd].set(part), each, singly), {**why, **others}


ESTIMATOR = Estimator("mmrm", "MMRM, unstructured covariance, Kenward-Roger", fit, many)
