"""Differences between arms from a model of statsmodels: its coefficients and their covariance, compared cell by cell."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import expit

from limen.analysis.fitted import Fitted, Options, VisitEstimate, as_lines, combined, correlations_of
from limen.analysis.rows import Prepared
from limen.analysis.t_law import lines_by_t


def differences(
    ready: Prepared,
    beta: Float[np.ndarray, " columns"],
    covariance: Float[np.ndarray, "columns columns"],
    options: Options,
    told: tuple[str, str, str],
) -> Fitted:
    """Normal intervals. `told`: what a difference is ("log odds ratio"), how its error was found, and the model in
    words. Means are given on the scale of the score, or as shares where the difference is a log odds ratio."""
    what, se_method, words = told
    cells, seen = ready.cells(), ready.seen()
    asked = [(one, visit) for one in options.differences(ready.frame.arms) for visit in seen]
    rows, n, names = combined(asked, cells, seen)
    suffix = "" if what == "difference" else f", {what}"
    names = [(f"{name}{suffix}", visit) for name, visit in names]
    estimates = as_lines(names, lines_by_t(rows, beta, covariance, n, options.level), se_method, True)
    shared = {
        v: correlations_of(rows[[i for i, (_, at) in enumerate(asked) if at == v]], covariance) for v in seen
    }
    means = ()
    if what != "log hazard ratio":
        ordered = [(arm, visit) for arm in ready.frame.arms for visit in seen]
        counts = np.array([seen[visit][arm] for arm, visit in ordered])
        every = np.stack([cells[cell] for cell in ordered])
        means = as_lines(
            ordered, lines_by_t(every, beta, covariance, counts, options.level), se_method, False
        )
        means = tuple(map(_share, means)) if what == "log odds ratio" else means
    return Fitted(estimates, means, se_method, words=words, notes=ready.notes, correlations=shared)


def _share(line: VisitEstimate) -> VisitEstimate:
    share = float(expit(line.estimate))
    ends = (float(expit(x)) for x in (line.ci_low, line.ci_high))
    low, high = ends
    se = line.se * share * (1 - share)
    return VisitEstimate(
        line.contrast, line.visit, share, se, line.se_method, line.df, low, high, None, line.n
    )
