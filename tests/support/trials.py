"""Made-up trials as `TrialData`, without any simulation."""

from __future__ import annotations

import numpy as np

from limen.trial.data import TrialData

KINDS = {"placebo": "inert placebo", "low": "active", "high": "active"}


def made(
    trials: int = 6,
    each: int = 20,
    arms: tuple[str, ...] = ("low", "placebo", "high"),
    effect: float = 3.0,
    missing: float = 0.1,
    seed: int = 1,
) -> TrialData:
    """Parallel arms on MADRS, visits 0, 2, 4, 6; the first arm improves by `effect` at week 6; scores missing at random."""
    rng = np.random.default_rng(seed)
    size = each * len(arms)
    rows = trials * size
    arm = np.tile(np.repeat(np.arange(len(arms)), each), trials)
    weeks = np.array([0, 2, 4, 6])
    trait = rng.normal(0, 4, rows)
    baseline = np.round(28 + trait + rng.normal(0, 2, rows))
    score = 24 + trait[:, None] + rng.normal(0, 3, (rows, 4)) - effect * (arm == 0)[:, None] * weeks / 6
    score = np.round(np.clip(score, 0, 60))
    score[:, 0] = baseline
    score[:, 1:][rng.random((rows, 3)) < missing] = np.nan
    none, no = np.full(rows, np.nan), np.zeros(rows, bool)
    return TrialData(
        trial=np.repeat(np.arange(trials), size),
        participant=np.tile(np.arange(size), trials),
        arm=arm,
        period=np.zeros(rows, int),
        weeks=weeks,
        baseline=baseline,
        score=score,
        present=np.isfinite(score),
        guess=np.full((rows, 4), np.nan),
        rating_before=none,
        rating=none,
        dose=none,
        noticed=np.zeros(rows, int),
        events=np.zeros(rows, int),
        left_for_effects=no,
        stopped=no,
        rescued=no,
        changed=no.astype(int),
        arms=arms,
        kinds=tuple(KINDS[name] for name in arms),
        outcome="madrs",
        rated="vas_mood",
        higher_is_better=False,
        bounds=(0.0, 60.0),
        primary_week=6,
        crossover=False,
    )
