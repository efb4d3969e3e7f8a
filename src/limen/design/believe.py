"""Prior and first update of the drug effect: a conjugate normal step on the controlled patient trials with an interval.

Dose classes are never mixed and a trial counts once. The full calibration to published trials is another matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from limen.parameters import Draws, ParameterSet
from limen.parameters.draw import stratified
from limen.trial.reference import Regimen, met, transduction
from limen.trial.theta import WalkParameters

ADHD_DAYS = np.add.outer(7 * np.arange(6), (0, 3)).ravel()  # twice weekly for six weeks


@dataclass(frozen=True)
class TrialEvidence:
    """A controlled trial in SD units of control-arm change, and its regimen's signal relative to the reference."""

    label: str
    source: str
    estimate: float
    se: float
    scale: Float[
        np.ndarray, " draws"
    ]  # (A / A_ref)^h: how much of delta this regimen should show at its week


@dataclass(frozen=True)
class Belief:
    """Prior, evidence and posterior of delta: per parameter draw its mean, its sd, and one value drawn from them."""

    prior_mean: float
    prior_sd: float
    evidence: tuple[TrialEvidence, ...]
    delta: Float[np.ndarray, " draws"]
    mean_given: Float[np.ndarray, " draws"]
    sd_given: Float[np.ndarray, " draws"]

    def above(self, threshold: Float[np.ndarray, " draws"] | float) -> Float[np.ndarray, " draws"]:
        """P(delta > threshold) by draw, exact within each."""
        return ndtr((self.mean_given - threshold) / self.sd_given)

    @property
    def mean(self) -> float:
        return float(self.delta.mean())

    @property
    def sd(self) -> float:
        return float(self.delta.std(ddof=1))


def adhd_trial(draws: Draws, t: WalkParameters, parameters: ParameterSet) -> TrialEvidence:
    """The one controlled microdosing trial in patients that gives an interval (mueller2025), by the state of the drug's
    effect that a typical person of it has reached at its primary week."""

    def central(name: str) -> float:
        value = parameters[name].value
        assert value is not None
        return value

    trial = "drug_effect.adhd_trial."
    sd = central("outcomes.ADHD.aisrs.change_sd")
    regimen = Regimen("LSD", "lsd_oral_micro", central(f"{trial}dose"), ADHD_DAYS)
    k = transduction(draws, t.reference)
    a = met(draws, regimen, np.asarray(t.scale.accrual), k, round(7 * central(f"{trial}week")))[2]
    return TrialEvidence(
        label="ADHD, LSD 20 ug twice weekly for 6 weeks against placebo",
        source="mueller2025",
        estimate=central(f"{trial}estimate") / sd,
        se=central(f"{trial}se") / sd,
        scale=(a / np.asarray(t.reference.accrual)) ** draws["receptor.signal.h"],
    )


def update(draws: Draws, t: WalkParameters, parameters: ParameterSet, seed: int) -> Belief:
    """delta | trial ~ Normal, per parameter draw: with y = delta r + e, e ~ N(0, se),

    precision = 1/sd0^2 + r^2/se^2,  mean = (m0/sd0^2 + r y/se^2) / precision.
    """
    prior = parameters["drug_effect.prior.delta"]
    mean0, sd0 = float(prior.value or 0.0), prior.spread["sd"]
    evidence = (adhd_trial(draws, t, parameters),)
    precision = 1.0 / sd0**2 + sum(e.scale**2 / e.se**2 for e in evidence)
    mean = (mean0 / sd0**2 + sum(e.scale * e.estimate / e.se**2 for e in evidence)) / precision
    z = ndtri(stratified("delta posterior", draws.count, seed))
    sd = 1.0 / np.sqrt(precision)
    return Belief(mean0, sd0, evidence, np.asarray(mean + z * sd), np.asarray(mean), np.asarray(sd))
