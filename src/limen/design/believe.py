"""What is believed about the drug effect: every trial of the evidence base, pooled for a protocol's compound and illness.

A trial counts once, by what is left of its difference when belief's predicted part is taken off; a protocol that is itself
one of the trials is predicted without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from limen.evidence.base import StudyResult, evidence_base
from limen.evidence.belief_part import BeliefPart, belief_parts, fingerprint
from limen.evidence.hierarchy import Cell, Contribution, Mixture, PoolPrior, pool_effects
from limen.parameters import Draws, ParameterSet
from limen.parameters.draw import stratified
from limen.trial.plan import Plan
from limen.trial.reference import Regimen, met, transduction
from limen.trial.theta import WalkParameters

POOL, SIDE = "drug_effect.pool.", 50  # draws that side questions (other priors, a study left out) are put to


@dataclass(frozen=True)
class StudyEvidence:
    """A trial of the base: what it adds, the share of the reference effect (A / A_ref)^h that its regimen shows at its
    week, where its belief part is from, and how far the posterior mean moves by it (None where it is left out)."""

    result: StudyResult
    adds: Contribution
    ratio: Float[np.ndarray, " draws"]
    basis: str
    moves: float | None = None


@dataclass(frozen=True)
class Otherwise:
    """The posterior under another prior or without a study: its name, mean, SD, and P(delta > 0)."""

    name: str
    mean: float
    sd: float
    above_zero: float


@dataclass(frozen=True)
class Belief:
    """Prior, evidence and posterior of delta in one cell, compound x indication: per parameter draw its distribution,
    and one value drawn from it. `own` is the share of the reference effect that the protocol's own regimen shows."""

    cell: Cell
    prior: PoolPrior
    evidence: tuple[StudyEvidence, ...]
    posterior: Mixture
    delta: Float[np.ndarray, " draws"]
    left_out: tuple[str, ...] = ()
    sensitivity: tuple[Otherwise, ...] = ()
    own: float = 1.0
    note: str = ""

    def above(self, threshold: Float[np.ndarray, " draws"] | float) -> Float[np.ndarray, " draws"]:
        """P(delta > threshold) by draw, integrated over the scales of the hierarchy."""
        return self.posterior.above(threshold)

    @property
    def mean_given(self) -> Float[np.ndarray, " draws"]:
        return self.posterior.mean

    @property
    def sd_given(self) -> Float[np.ndarray, " draws"]:
        return self.posterior.sd

    @property
    def prior_mean(self) -> float:
        return self.prior.mean

    @property
    def prior_sd(self) -> float:
        """SD of an effect before any trial: mu and what sets compounds and indications apart."""
        p = self.prior
        return float(np.sqrt(p.sd**2 + p.compound**2 + p.indication**2 + p.both**2))

    @property
    def used(self) -> tuple[StudyEvidence, ...]:
        return tuple(e for e in self.evidence if e.adds.name not in self.left_out)

    @property
    def own_trials(self) -> int:
        """Trials of this compound in this illness; the others are borrowed from."""
        return sum(e.adds.cell == self.cell for e in self.used)

    @property
    def mean(self) -> float:
        return float(self.mean_given.mean())

    @property
    def sd(self) -> float:
        """SD over parameter draws and within them."""
        return self.posterior.sd_over_draws


def certain(delta: Float[np.ndarray, " draws"], cell: Cell) -> Belief:
    """A drug effect that is given, whatever trials found."""
    known = Mixture(np.ones((len(delta), 1)), delta[:, None], np.full((len(delta), 1), 1e-9))
    return Belief(cell, PoolPrior(float(delta.mean()), 1e-9, 0.0, 0.0, 0.0, 0.0), (), known, delta)


def update(draws: Draws, t: WalkParameters, plan: Plan, parameters: ParameterSet, seed: int) -> Belief:
    """The posterior for a plan. Raises FactsError where the belief parts of the trials are missing or were altered."""
    made, parts = belief_parts()
    prior, cell = pool_prior(parameters), (plan.compound, plan.indication)
    evidence = tuple(
        _evidence(result, parts[result.study.study_id], draws, t, parameters)
        for result in evidence_base()[0]
        if result.study.study_id in parts
    )
    left_out = tuple(e.adds.name for e in evidence if {*e.result.reports} & {*plan.sources})
    used = [e for e in evidence if e.adds.name not in left_out]
    found = _pooled(used, cell, prior, draws.count)
    arm = plan.arms[plan.active]
    regimen = Regimen(plan.compound, plan.kinetics, arm.mean_dose, np.array(plan.days))
    own = _ratio(draws, t, regimen, 7 * (plan.primary_week or plan.weeks))
    few = [replace(e, ratio=e.ratio[:: max(1, draws.count // SIDE)]) for e in used]
    reference = _asked("reference prior", few, cell, prior)
    without = [_asked(e.adds.name, [f for f in few if f is not e], cell, prior) for e in few]
    moves = {w.name: reference.mean - w.mean for w in without}
    others = [
        _asked(f"{name} prior", few, cell, pool_prior(parameters, name))
        for name in ("sceptical", "enthusiastic")
    ]
    return Belief(
        cell=cell,
        prior=prior,
        evidence=tuple(replace(e, moves=moves.get(e.adds.name)) for e in evidence),
        posterior=found,
        delta=found.quantile(stratified("delta posterior", draws.count, seed)),
        left_out=left_out,
        sensitivity=(others[0], others[1], *(replace(w, name=f"without {w.name}") for w in without)),
        own=float(np.median(own)),
        note="" if made["parameters"] == fingerprint(parameters) else
        "The belief parts of the trials were computed under the posterior of limen's own parameters, not under those of this run.",
    )  # fmt: skip


def pool_prior(parameters: ParameterSet, name: str = "") -> PoolPrior:
    """The prior of the parameters, or its `sceptical` or `enthusiastic` variant."""
    mu = parameters[f"drug_effect.sensitivity.{name}" if name else "drug_effect.prior.delta"]
    scales = (
        float(parameters[f"{POOL}{n}"].value or 0.0) for n in ("compound", "indication", "both", "study")
    )
    return PoolPrior(float(mu.value or 0.0), mu.spread["sd"], *scales)


def _evidence(
    result: StudyResult, part: BeliefPart, draws: Draws, t: WalkParameters, parameters: ParameterSet
) -> StudyEvidence:
    regimen = Regimen(part.compound, part.kinetics, part.dose, np.array(part.days))
    assumed = parameters[f"{POOL}unmodelled_belief"]
    bias, sd, basis = part.mean, part.sd, "the walk of this trial"
    if bias is None or sd is None:
        bias, sd, basis = float(assumed.value or 0.0), assumed.spread["sd"], "an assumption"
    cell = (part.compound, part.indication)
    adds = Contribution(
        part.study, cell, result.y, result.se, bias, sd, result.weight, result.between
    )  # fmt: skip
    return StudyEvidence(result, adds, _ratio(draws, t, regimen, round(7 * part.week)), basis)


def _ratio(draws: Draws, t: WalkParameters, regimen: Regimen, day: int) -> Float[np.ndarray, " draws"]:
    """(A / A_ref)^h: how much of delta a typical person on a regimen shows by a day."""
    a = met(draws, regimen, np.asarray(t.scale.accrual), transduction(draws, t.reference), day)[2]
    return (a / np.asarray(t.reference.accrual)) ** draws["receptor.signal.h"]


def _pooled(evidence: list[StudyEvidence], cell: Cell, prior: PoolPrior, count: int) -> Mixture:
    ratio = np.array([e.ratio for e in evidence]).reshape(len(evidence), count).T
    return pool_effects([e.adds for e in evidence], ratio, cell, prior)


def _asked(name: str, evidence: list[StudyEvidence], cell: Cell, prior: PoolPrior) -> Otherwise:
    found = _pooled(evidence, cell, prior, len(evidence[0].ratio) if evidence else 1)
    return Otherwise(name, float(found.mean.mean()), found.sd_over_draws, float(found.above(0.0).mean()))
