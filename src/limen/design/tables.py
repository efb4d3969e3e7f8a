"""Simulated trials as the table a statistician expects: one row per person and visit."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Float

from limen.design.operate import Run
from limen.people.admission import ANTIDEPRESSANTS, COMEDICATIONS, LABELS
from limen.people.comedication import INHIBITORS, REUPTAKE

GUESSES = {1.0: "active", 0.0: "placebo"}


def trial_table(run: Run, trials: int = 1) -> pl.DataFrame:
    """The first `trials` simulated trials, long: trial, id, arm, week, baseline, score, change, guess, dose, doses
    noticed, dosing days with an adverse event, and what the person takes besides. Scores are as the scale prints them; a score after leaving is null."""
    plan, size = run.plan, run.plan.people
    keep = min(trials, run.trials) * size
    weeks = np.array([w for w in plan.visit_weeks if w <= plan.weeks])
    sign = -1.0 if plan.better else 1.0
    who = np.repeat(np.arange(keep), len(weeks))
    week = np.tile(weeks, keep)
    baseline = sign * run.records.baseline[:keep][who]
    score = sign * run.records.scores[:keep][:, weeks].ravel()
    said = run.records.guess[:keep]
    guess = [
        None if w == 0 else GUESSES.get(float(said[p, w - 1]), "don't know")
        for p, w in zip(who, week, strict=True)
    ]
    arm = np.array([arm.name for arm in plan.arms])[run.arm[:keep][who]]
    frame = pl.DataFrame(
        {
            "trial": who // size + 1,
            "id": who % size + 1,
            "arm": arm,
            "week": week,
            "baseline": baseline,
            "score": score,
            "change": score - baseline,
            "guess": guess,
            "dose": run.records.dose[:keep][who],
            "doses_noticed": run.records.noticed[:keep][:, : len(plan.days)].sum(1)[who].astype(int),
            "days_with_adverse_event": run.records.ill_days[:keep].sum(1)[who].astype(int),
        }
    )
    frame = frame.hstack(_comedication(np.asarray(run.records.takes[:keep]))[who])
    if plan.model is None:
        frame = frame.drop("baseline", "score", "change")
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def _comedication(takes: Float[np.ndarray, "people classes"]) -> pl.DataFrame:
    """One row per person: the antidepressant, and what else bears on the trial, as the model met it."""
    on = {name: takes[:, at] > 0 for at, name in enumerate(COMEDICATIONS)}
    which = np.full(len(takes), "none", dtype=object)
    for name in ANTIDEPRESSANTS:
        which[on[name]] = LABELS[name]
    return pl.DataFrame(
        {
            "antidepressant": which.astype(str),
            "ssri_or_snri": np.any([on[name] for name in REUPTAKE], axis=0),
            "strong_cyp2d6_inhibitor": np.any([on[name] for name in INHIBITORS], axis=0),
            **{name: on[name] for name in ("antipsychotic", "stimulant", "lithium", "maoi")},
        }
    )
