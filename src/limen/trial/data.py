"""Trial data: what a trial records, simulated or real, as every estimator takes it."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

EVERY_SCORE = "treatment policy"  # the estimand of whom every score seen counts
ACTIVE_KINDS = ("active", "open label")


class TrialData(eqx.Module):
    """One row per participant and period of one trial or of many alike; rows are trial-major, arms in order.

    `trial` from 0; `participant` number within its trial (in a crossover once for each `period`); `arm` index
    into `arms`. `weeks`: visits since baseline, the first is 0. `baseline`, `score`: points as the scale prints them,
    NaN once a person has left; `present` whether they are seen. `guess`: 1 active, 0 placebo, NaN not asked or don't
    know. `rating_before`, `rating`: dose-day rating before treatment and mean over dosing days. `dose`: ug of base a
    dose; `noticed`, `events`: dosing days on which something was noticed, and with an adverse event.
    `stratum`: what an analysis adjusts for besides, None where for nothing.
    Intercurrent events: `left_for_effects`, `stopped` (the drug, still observed), `rescued` (by an antidepressant); `changed` is
    the first week whose score is of somebody off the drug or on a rescue (0: never), `estimand` what the analysis makes of them.
    """

    trial: Int[np.ndarray, " people"]
    participant: Int[np.ndarray, " people"]
    arm: Int[np.ndarray, " people"]
    period: Int[np.ndarray, " people"]
    weeks: Int[np.ndarray, " visits"]
    baseline: Float[np.ndarray, " people"]
    score: Float[np.ndarray, "people visits"]
    present: Bool[np.ndarray, "people visits"]
    guess: Float[np.ndarray, "people visits"]
    rating_before: Float[np.ndarray, " people"]
    rating: Float[np.ndarray, " people"]
    dose: Float[np.ndarray, " people"]
    noticed: Int[np.ndarray, " people"]
    events: Int[np.ndarray, " people"]
    left_for_effects: Bool[np.ndarray, " people"]
    stopped: Bool[np.ndarray, " people"]
    rescued: Bool[np.ndarray, " people"]
    changed: Int[np.ndarray, " people"]
    arms: tuple[str, ...] = eqx.field(static=True)
    kinds: tuple[str, ...] = eqx.field(static=True)
    outcome: str = eqx.field(static=True)
    rated: str = eqx.field(static=True)
    higher_is_better: bool = eqx.field(static=True)
    bounds: tuple[float, float] = eqx.field(static=True)
    primary_week: int = eqx.field(static=True)
    crossover: bool = eqx.field(static=True)
    compared: tuple[int, int | None] | None = eqx.field(static=True, default=None)
    stratum: Int[np.ndarray, " people"] | None = None
    estimand: str = eqx.field(static=True, default=EVERY_SCORE)

    @property
    def trials(self) -> int:
        return int(self.trial[-1]) + 1

    @property
    def active(self) -> int:
        """The arm the question is about: the first that gives the compound, unless the trial names another."""
        if self.compared is not None:
            return self.compared[0]
        return next(i for i, kind in enumerate(self.kinds) if kind in ACTIVE_KINDS)

    @property
    def control(self) -> int | None:
        """The arm it is compared with: the first placebo unless the trial names another; None in a single-arm trial."""
        if self.compared is not None:
            return self.compared[1]
        return next((i for i, kind in enumerate(self.kinds) if kind not in ACTIVE_KINDS), None)

    @property
    def primary(self) -> Float[np.ndarray, " people"]:
        """The score at the visit the analysis is about: the last one up to `primary_week`."""
        return self.score[:, int(np.searchsorted(self.weeks, self.primary_week, side="right")) - 1]

    def benefit(self, points: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """Points of the scale turned so that more is better."""
        return points if self.higher_is_better else -points

    def by_trial(self, values: Shaped[np.ndarray, "people ..."]) -> Shaped[np.ndarray, "trials each ..."]:
        """A column with one row per trial; trials of one plan hold equally many people."""
        return values.reshape(self.trials, -1, *values.shape[1:])

    def of_trial(self, number: int) -> TrialData:
        """One trial alone, numbered 0."""
        rows = slice(*np.searchsorted(self.trial, (number, number + 1)))
        columns: dict[str, Any] = {
            name: value[rows]
            for name, value in vars(self).items()
            if isinstance(value, np.ndarray) and name != "weeks"
        }
        columns["trial"] = np.zeros(rows.stop - rows.start, int)
        rest = {name: value for name, value in vars(self).items() if name not in columns}
        return TrialData(**columns, **rest)
