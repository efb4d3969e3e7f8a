"""Mixed model for repeated measures: all visits in one model, what is missing taken as missing at random."""

from __future__ import annotations

from limen.analysis.estimator import Estimator
from limen.analysis.fitted import Fitted, Options, lines_of
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.mmrm import mmrm


def fit(data: Longitudinal, options: Options) -> Fitted:
    """Visit by arm and visit by baseline as fixed effects, REML."""
    model = mmrm(data, options.structure)
    estimates, means = lines_of(model, options.se_method, options.level)
    sigma = tuple(tuple(float(v) for v in row) for row in model.at.sigma)
    return Fitted(tuple(estimates), tuple(means), options.se_method, options.structure, model.minus2, sigma)


ESTIMATOR = Estimator("mmrm", "MMRM, unstructured covariance, Kenward-Roger", fit)
