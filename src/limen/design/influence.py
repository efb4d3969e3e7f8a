"""Influence: which parameters a headline hangs on, from the draws themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri

from limen.compounds import compound
from limen.parameters import Draws
from limen.trial.curves import typical_cmax
from limen.trial.mediate import parameters_read
from limen.trial.plan import Plan
from limen.trial.theta import arm_rates, theta

LONGEST = 10
EXPOSURE = ("pharmacology.", "receptor.", "comedication.")
Z10 = 1.2815515655446004


@dataclass(frozen=True)
class _Recorder(Draws):
    """Draws that remember which of them were asked for."""

    asked: dict[str, None] = field(default_factory=dict[str, None])

    def __getitem__(self, name: str) -> np.ndarray:
        self.asked[name] = None
        return super().__getitem__(name)


def used(draws: Draws, plan: Plan) -> list[str]:
    """The names of the parameters a plan's walk reads, the reference regimen's included."""
    recorder = _Recorder(draws.columns, draws.count)
    theta(recorder, plan)
    arm_rates(recorder, plan)
    return [*recorder.asked, *parameters_read(draws, plan), "drug_effect.prior.delta"]


def met_by_exposure(draws: Draws, plan: Plan) -> list[str]:
    """The names of the parameters that a plan's exposure reads, where no trial is walked."""
    recorder, given = _Recorder(draws.columns, draws.count), compound(plan.compound)
    if given.simulated:
        theta(recorder, plan)
    typical_cmax(recorder, plan, 1.0)
    return [name for name in recorder.asked if name.startswith(EXPOSURE)]


@dataclass(frozen=True)
class Effect:
    """A parameter, the headline at its 10% and 90% points with the others at their middle, and the difference that the
    largest of so many parameters without any influence would show in so few draws."""

    name: str
    low: float
    high: float
    noise: float

    @property
    def clear(self) -> bool:
        """Whether it can be told from that noise."""
        return self.size > self.noise

    @property
    def size(self) -> float:
        return abs(self.high - self.low)


def influences(
    headline: Float[np.ndarray, " draws"], columns: Mapping[str, Float[np.ndarray, " draws"]]
) -> list[Effect]:
    """Forward least squares of the headline on normal scores of the parameters, largest first.

    At each of ten steps the parameter that explains most of what is left is added and all are refitted, so that
    one strong parameter does not lend its influence to others through chance correlation of few draws. Parameters
    not chosen follow with their slope on the residual.
    """
    names = [name for name, column in columns.items() if np.ptp(column) > 0]
    scores = {n: normal_scores(columns[n]) for n in names}
    centre = float(headline.mean())
    chosen: list[str] = []
    residual = headline - centre
    slopes: dict[str, float] = {}
    for _ in range(min(LONGEST, len(names), len(headline) // 4)):
        rest = [n for n in names if n not in chosen]
        chosen.append(max(rest, key=lambda n: abs(float(scores[n] @ residual))))
        design = np.stack([scores[n] for n in chosen], -1)
        fit, *_ = np.linalg.lstsq(design, headline - centre, rcond=None)
        residual = headline - centre - design @ fit
        slopes = dict(zip(chosen, (float(b) for b in fit), strict=True))
    for name in names:
        if name not in slopes:
            slopes[name] = float(scores[name] @ residual / (scores[name] @ scores[name]))
    left = float(np.sqrt((residual @ residual) / max(1, len(headline) - len(chosen) - 1)))
    largest = max(2.0, float(np.sqrt(2 * np.log(max(2, len(names))))))  # of so many normal deviates
    noise = {n: 2 * Z10 * largest * left / float(np.sqrt(scores[n] @ scores[n])) for n in names}
    effects = [Effect(n, centre - Z10 * b, centre + Z10 * b, noise[n]) for n, b in slopes.items()]
    picked = sorted((e for e in effects if e.name in chosen), key=lambda e: -e.size)
    return picked + sorted((e for e in effects if e.name not in chosen), key=lambda e: -e.size)


def normal_scores(values: Float[np.ndarray, " draws"]) -> Float[np.ndarray, " draws"]:
    """Normal quantiles of (rank - 1/2) / n, those that are tied at their mean rank. (SciPy's ranks take a second to import.)"""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return ndtri((np.cumsum(count) - 0.5 * count)[place] / len(values))
