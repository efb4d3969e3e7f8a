"""Change from baseline within each arm: where there is nothing to compare with, the one-sample t interval by visit.

Regression to the mean and the non-specific course are inside this number; nothing is subtracted for them.
"""

from __future__ import annotations

import numpy as np

from limen.analysis.fitted import Fitted, Options, VisitEstimate
from limen.analysis.frame import Frame
from limen.analysis.rows import RowMethod
from limen.analysis.t_law import t_interval
from limen.errors import DataError

WORDS = "change from baseline within each arm, one-sample t"


def _fit(frame: Frame, options: Options) -> Fitted:
    if "baseline" not in frame.table:
        raise DataError("a change needs a baseline", remedy="name its column with --baseline")
    score, baseline = frame.score, frame.table["baseline"].to_numpy(float)
    estimates, means = list[VisitEstimate](), list[VisitEstimate]()
    for arm in frame.arms:
        for visit in frame.order.visits:
            rows = ((frame.table["arm"] == arm) & (frame.table["visit"] == visit)).to_numpy() & np.isfinite(
                score
            )
            changed = (score - baseline)[rows & np.isfinite(baseline)]
            estimates.append(_mean(f"{arm}, change from baseline", visit, changed, options.level, True))
            means.append(_mean(arm, visit, score[rows], options.level, False))
    return Fitted(tuple(estimates), tuple(means), "t", words=WORDS)


def _mean(contrast: str, visit: str, values: np.ndarray, level: float, tested: bool) -> VisitEstimate:
    n = len(values)
    mean = float(values.mean()) if n else float("nan")
    se = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    low, high, p = (float(x) for x in t_interval(np.array(mean), np.array(se), np.array(n - 1.0), level))
    return VisitEstimate(contrast, visit, mean, se, "t", n - 1.0, low, high, p if tested else None, n)


MODEL = RowMethod(WORDS, _fit)
