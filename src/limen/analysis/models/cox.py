"""Proportional hazards (Cox): the outcome is a time, and `event` says whether it ended in the event. Ties by Efron."""

from __future__ import annotations

import numpy as np

from limen.analysis.fitted import Fitted, Options
from limen.analysis.frame import Frame
from limen.analysis.marginal import differences
from limen.analysis.rows import RowMethod, prepare
from limen.errors import DataError

WORDS = "proportional hazards (Cox), Efron's ties"


def _fit(frame: Frame, options: Options) -> Fitted:
    from statsmodels.duration.hazard_regression import PHReg

    if "event" not in frame.table:
        raise DataError(
            "nothing says whether a time ended in the event", remedy="name the column of 0 and 1 with --event"
        )
    ready = prepare(frame, options, ("event",))
    event = ready.frame.table["event"].to_numpy(float)
    if not np.isin(event, (0.0, 1.0)).all() or not event.any():
        raise DataError("the event column must hold 0 and 1, and a 1 at least once")
    if len(ready.frame.people) < len(event):
        raise DataError("a person has several rows", remedy="one time for each person")
    place = ready.effects.columns.index("Intercept")
    columns = [i for i in range(len(ready.effects.columns)) if i != place]
    found = PHReg(ready.frame.score, ready.effects.matrix[:, columns], status=event, ties="efron").fit()
    beta, covariance = np.zeros(len(columns) + 1), np.zeros((len(columns) + 1,) * 2)
    beta[columns] = found.params  # the baseline hazard takes the intercept's place
    covariance[np.ix_(columns, columns)] = found.cov_params()
    told = ("log hazard ratio", "model", f"{ready.formula}; {WORDS}")
    return differences(ready, beta, covariance, options, told)


MODEL = RowMethod(WORDS, _fit)
