"""The one evidence base as the page shows it: each trial before and after belief's part is taken off, what it weighs, and
how far the answer moves by it. Verdict and "what is known" show this table."""

from __future__ import annotations

import numpy as np

from limen.design.believe import Belief, StudyEvidence
from limen.dossier import words
from limen.dossier.sections.verdict.nouns import EvidenceBase, Held, NotUsed, PooledStudy, SensitivityReading
from limen.evidence.base import evidence_base

Z95 = 1.959963984540054


def evidence(belief: Belief) -> EvidenceBase:
    """Every trial that speaks of the drug, every one that does not and why, and the posterior under other assumptions."""
    compound, indication = belief.cell
    own, others = belief.own_trials, len(belief.used) - belief.own_trials
    return EvidenceBase(
        of=f"posterior for {compound} in {indication}, {_trials(own, belief.left_out)} of it, {others} of others borrowed from",
        compound=compound,
        indication=indication,
        own=own,
        borrowed=others,
        left_out=list(belief.left_out),
        regimen=belief.own,
        studies=[_study(e, belief) for e in belief.evidence],
        unused=[NotUsed(study=u.study_id, reason=u.reason, sources=list(u.sources)) for u in evidence_base()[1]],
        sensitivity=[SensitivityReading(name=s.name, mean=s.mean, sd=s.sd, above_zero=s.above_zero) for s in belief.sensitivity],
        note=belief.note,
    )  # fmt: skip


def regimen(base: EvidenceBase) -> str:
    """What of the protocol the answer depends on."""
    return (
        "Compound and illness decide the chance that it helps; dose and schedule decide how much of an effect shows: here "
        f"{words.number(base.regimen, 2)} times that of 10 ug of LSD every third day."
    )


def _trials(count: int, left_out: tuple[str, ...]) -> str:
    other = "other " if left_out else ""
    return f"1 {other}trial" if count == 1 else f"{count or 'no'} {other}trials"


def _study(e: StudyEvidence, belief: Belief) -> PooledStudy:
    c = e.adds
    return PooledStudy(
        study=c.name,
        compound=c.cell[0],
        indication=c.cell[1],
        outcome=e.result.outcome,
        week=e.result.week,
        reported=None if c.y is None else _held(c.y, c.se),
        direction="" if c.y is not None else "below zero: only the direction was reported",
        belief=c.bias,
        belief_sd=c.bias_sd,
        belief_from=e.basis,
        adjusted=None if c.unbiased is None else _held(*c.unbiased),
        weight=c.weight,
        share=float(np.median(e.ratio)),
        moves=e.moves,
        left_out=c.name in belief.left_out,
        sources=list(e.result.study.sources),
    )


def _held(y: float, se: float) -> Held:
    return Held(value=y, low=y - Z95 * se, high=y + Z95 * se)
