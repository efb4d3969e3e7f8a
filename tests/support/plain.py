"""An estimator of one's own: the difference of two means, as a file of the estimators' folder would hold it."""

import numpy as np

from limen.analysis.fitted import Fitted, VisitEstimate


def plain(data, options):
    """The plain difference in means at each visit, of two arms."""
    lines = []
    for column, visit in enumerate(data.visits):
        y = data.outcome[:, column]
        sides = [y[(data.arm == arm) & np.isfinite(y)] for arm in (0, 1)]
        d = sides[1].mean() - sides[0].mean()
        se = float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
        name = f"{data.arms[1]} - {data.arms[0]}"
        lines.append(VisitEstimate(name, visit, d, se, "plain", 30.0, d - 2 * se, d + 2 * se, 0.5, len(y)))
    return Fitted(tuple(lines), (), "plain")
