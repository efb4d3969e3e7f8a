"""The blinding section: who knows, and how well guesses tell the arms apart."""

from __future__ import annotations

import numpy as np

from limen import facts
from limen.analysis.blinding import bang, correct_guess_rate, count_guesses, detection, james
from limen.design.operate import Run
from limen.dossier.asked import Asked
from limen.dossier.noun import Interval
from limen.dossier.sections.blinding.nouns import ArmBlinding, Blinding, PublishedGuess, WeeklyGuesses
from limen.dossier.summarise import PARAMETER, POPULATION, TRIALS, band, by_draw, interval
from limen.protocol import Protocol


def build(asked: Asked) -> Blinding:
    """Weekly guesses per arm, indices at the primary week, and the same at the level of one capsule."""
    run = asked.run
    plan, r = run.plan, run.records
    week = min(plan.primary_week or plan.weeks, int(np.ceil(plan.dosing_weeks)))
    guess, present = run.by_trial(r.guess), run.by_trial(r.present)
    counts = _counts(run, guess[..., week - 1], present[..., week] > 0)
    by_arm = np.asarray(bang(counts).estimate)
    told = detection(counts)
    capsules = _capsules(run)
    notes = ["A single-arm trial: everybody is told they take the drug, so no index of blinding is defined."]
    return Blinding(
        arms=[_arm(run, i, guess, present, by_arm) for i in range(len(plan.arms))],
        week=float(week),
        d_prime=interval(np.asarray(told.d_prime.estimate), "", TRIALS),
        criterion=interval(np.asarray(told.criterion.estimate), "", TRIALS),
        james=interval(np.asarray(james(counts).estimate), "", TRIALS),
        correct=interval(np.asarray(correct_guess_rate(counts).estimate), "fraction", TRIALS),
        capsule_hit=interval(np.asarray(capsules.hit_rate), "fraction", TRIALS),
        capsule_false_alarm=interval(np.asarray(capsules.false_alarm_rate), "fraction", TRIALS),
        capsule_d_prime=interval(np.asarray(capsules.d_prime.estimate), "", TRIALS),
        capsule_criterion=interval(np.asarray(capsules.criterion.estimate), "", TRIALS),
        published=_published(asked.protocol),
        notes=notes if plan.control is None else [],
    )


def _counts(run: Run, guess: np.ndarray, asked: np.ndarray) -> np.ndarray:
    arm = run.plan.arm_of
    compared = (arm == run.plan.active) | (arm == run.plan.control)
    return np.asarray(count_guesses(guess, (arm == run.plan.active).astype(float), asked & compared))


def _capsules(run: Run):
    """Detection over every capsule of a trial: guessed active, by what the capsule held."""
    doses = len(run.plan.days)
    capsule = run.by_trial(run.records.capsule)[..., :doses]
    arm = run.plan.arm_of
    cells = []
    for index, drug in ((run.plan.active, True), (run.plan.control, False)):
        inside = np.zeros((run.trials, 0, doses))
        if index is not None:
            held = run.plan.arms[index].holds(doses) == drug
            inside = capsule[:, arm == index][..., held if held.any() else slice(None)]
        said = inside.sum((1, 2))
        cells.append(np.stack([said, inside[0].size - said, np.zeros(run.trials)], -1))
    return detection(np.stack(cells, -1))


def _arm(run: Run, index: int, guess: np.ndarray, present: np.ndarray, by_arm: np.ndarray) -> ArmBlinding:
    plan = run.plan
    inside = plan.arm_of == index
    column = 0 if index == plan.active else 1
    compared = plan.control is not None and index in (plan.active, plan.control)
    weeks = []
    for week in range(1, int(np.ceil(plan.dosing_weeks)) + 1):
        said, here = guess[:, inside, week - 1], present[:, inside, week] > 0
        total = np.maximum(here.sum(1), 1)
        active = ((said == 1) & here).sum(1) / total
        placebo = ((said == 0) & here).sum(1) / total
        low, high = np.quantile(active, [0.05, 0.95])
        weeks.append(
            WeeklyGuesses(
                week=float(week),
                active=float(active.mean()),
                placebo=float(placebo.mean()),
                dont_know=float(1 - active.mean() - placebo.mean()),
                active_interval=(float(low), float(high)),
            )
        )
    people = run.records.belief[run.arm == index][:, : plan.weeks + 1].T
    return ArmBlinding(
        arm=plan.arms[index].name,
        guesses=weeks,
        noticed=_noticed(run, index),
        bang=interval(by_arm[:, column], "", TRIALS) if compared else _undefined(),
        belief=band(range(plan.weeks + 1), "wk", people, "probability", POPULATION),
    )


def _noticed(run: Run, index: int) -> Interval | None:
    """Who notices something on the first day on which an arm gives the drug, whatever their own gives."""
    people = np.flatnonzero(run.arm == index)
    if not people.size or not run.plan.days:
        return None
    chance = np.asarray(run.records.p_notice)[people, run.plan.first_dose]
    return interval(by_draw(chance, run.draw[people], run.draws.count), "fraction", PARAMETER)


def _undefined() -> Interval:
    return Interval(value=np.nan, low=np.nan, high=np.nan, layers=TRIALS)


def _published(protocol: Protocol) -> list[PublishedGuess]:
    """Guesses the sources of the protocol report by arm and week, where they give counts."""
    names = {arm.gives_drug: arm.name for arm in protocol.arms}
    found = []
    for row in facts.read("clinical/blinding"):
        week = row["timepoint"].split()
        counts = row.number("n_guess_active"), row.number("n_total")
        if row["source"] not in protocol.source or row["arm"] not in ("active", "placebo") or len(week) < 2:
            continue
        if week[0] != "week" or not week[1].isdigit() or counts[0] is None or not counts[1]:
            continue
        arm = names.get(row["arm"] == "active")
        if arm is not None:
            found.append(PublishedGuess(arm=arm, week=float(week[1]), active=counts[0] / counts[1], n=int(counts[1]),
                                        source=row["source"]))  # fmt: skip
    return found
