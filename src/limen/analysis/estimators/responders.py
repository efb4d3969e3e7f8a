"""Shares of responders among those observed, and their difference from the control arm's."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

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
        k, n = counts(came(data.outcome[:, column], data.baseline, options), data.arm, len(data.arms))
        pairs = options.compared(data.arms)
        places = [(data.arms.index(other), data.arms.index(one)) for one, other in pairs]
        compared = _by_pairs(k, n, places, options.level)
        names = [(f"{one} - {other}", visit) for one, other in pairs]
        estimates += as_lines(names, compared, "score", True)
        shares = wilson(k, n, options.level)
        means += as_lines([(arm, visit) for arm in data.arms], shares, "Wilson", False)
    return Fitted(estimates, means, "score")


def many(data: TrialData, level: float) -> tuple[Estimate, dict[int, str]]:
    """All trials at once, at the visit the analysis is about: [trials, contrasts]."""
    how = options(data, level)
    arms = len(arms_in_order(data))
    k, n = counts(
        data.by_trial(came(data.primary, data.baseline, how)), data.by_trial(arm_places(data)), arms
    )
    return _by_pairs(k, n, [(0, other) for other in range(1, arms)], level), {}


def came(
    score: Float[np.ndarray, " people"], baseline: Float[np.ndarray, " people"], how: Options
) -> Float[np.ndarray, " people"]:
    """Who responded, 1 or 0."""
    return responded(score, baseline, how.best, how.responder)


def _by_pairs(k: jax.Array, n: jax.Array, pairs: Sequence[tuple[int, int]], level: float) -> Estimate:
    """Of each pair the second arm minus the first."""
    places = [jnp.array(pair) for pair in pairs]
    each = [compare_shares(k[..., pair], n[..., pair], level).risk_difference for pair in places]
    return jax.tree.map(lambda *columns: jnp.stack(columns, -1), *each)


ESTIMATOR = Estimator(
    "responders", "difference in the share of responders, score test", fit, many, benefit=True, value=came
)
