"""Shares of responders among those observed, and their difference from the control arm's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from limen.analysis.estimate import Estimate
from limen.analysis.estimator import Estimator, arm_places, arms_in_order, options
from limen.analysis.fitted import Fitted, Options, as_lines
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.responders import compare_shares, counts, responded, wilson
from limen.trial.data import TrialData


def fit(data: Longitudinal, options: Options) -> Fitted:
    """At each visit: risk differences with Newcombe's interval, shares with Wilson's."""
    data = data.analysed()
    estimates, means = (), ()
    for column, visit in enumerate(data.visits):
        came = responded(data.outcome[:, column], data.baseline, options.best, options.responder)
        k, n = counts(came, data.arm, len(data.arms))
        compared = _against_control(k, n, options.level)
        names = [(f"{arm} - {data.arms[0]}", visit) for arm in data.arms[1:]]
        estimates += as_lines(names, compared, "score", True)
        shares = wilson(k, n, options.level)
        means += as_lines([(arm, visit) for arm in data.arms], shares, "Wilson", False)
    return Fitted(estimates, means, "score")


def many(data: TrialData, level: float) -> tuple[Estimate, dict[int, str]]:
    """All trials at once, at the visit the analysis is about: [trials, contrasts]."""
    how = options(data, level)
    came = responded(data.primary, data.baseline, how.best, how.responder)
    arms = len(arms_in_order(data))
    k, n = counts(data.by_trial(np.asarray(came)), data.by_trial(arm_places(data)), arms)
    return _against_control(k, n, level), {}


def _against_control(k: jax.Array, n: jax.Array, level: float) -> Estimate:
    pairs = [jnp.array([0, other]) for other in range(1, k.shape[-1])]
    each = [compare_shares(k[..., pair], n[..., pair], level).risk_difference for pair in pairs]
    return jax.tree.map(lambda *columns: jnp.stack(columns, -1), *each)


ESTIMATOR = Estimator(
    "responders", "difference in the share of responders, score test", fit, many, benefit=True
)
