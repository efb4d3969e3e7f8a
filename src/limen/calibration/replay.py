"""Published microdosing trials replayed: where each published value falls in what limen predicts, whatever comes out.

Parameters are frozen (their hash is shown); what they were calibrated to is listed apart and is no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped
from scipy.special import ndtr
from scipy.stats import binom

from limen import facts
from limen.calibration.detection import MEASURED, PEAK_PER_UG
from limen.compounds import compound, mentioned
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import weekly
from limen.parameters import Draws, ParameterSet
from limen.parameters.draw import stratified
from limen.protocol import load
from limen.trial.guess import capsule_probability
from limen.trial.plan import lay_out
from limen.trial.theta import perception

DELTAS = (0.0, 0.2, 0.4)
_COLUMN = {0.0: "course + belief", 0.2: "delta 0.2", 0.4: "delta 0.4"}
REPLICATES = 20
LEFT_OUT = "the share that the other trials give; this one's count is left out of it"
POOLED = (
    "not independent: the detection curve was fitted to the same trial's dose bins, pooled over weeks 1 to 4"
)


@dataclass(frozen=True)
class Prediction:
    """A published value beside the predictive distribution of a trial of that size at one drug effect."""

    what: str
    source: str
    kind: str  # "predicted" or "calibrated to"
    published: float | None
    published_text: str
    delta: float | None
    median: float
    q05: float
    q95: float
    percentile: float | None
    note: str = ""


def replay(
    parameters: ParameterSet, examples: Path, draws: int = 200, people: int = 1000, seed: int = 1
) -> list[Prediction]:
    """Every prediction that may be claimed, then what was calibrated to. `examples` holds the protocols.

    The share of people who leave for acute effects is counted over trials; a trial is replayed under the share that
    the others give.
    """
    drawn = draw_parameters(parameters, draws, seed)

    def run(name: str, own: str | None = None) -> Run:
        known = parameters if own is None else parameters.without(own)
        plan = lay_out(load(examples / f"{name}.yaml"), known)
        fixed = drawn if own is None else draw_parameters(known, draws, seed)
        return operate(plan, known, people=people, seed=seed, given=Given(fixed))

    first, second = run("lsddep1", "lsddep1_results"), run("lsddep2")
    adhd = run("adhd_20ug", "mueller2025")
    return [
        *_open_label(first), *_direction(second), *_adhd(adhd), *_capsules(drawn, seed),
    ]  # fmt: skip


def _at(values: np.ndarray, published: float | None) -> dict:
    values = values[np.isfinite(values)]
    low, middle, high = (float(q) for q in np.quantile(values, [0.05, 0.5, 0.95]))
    below = (
        None if published is None else float(np.mean(values < published) + 0.5 * np.mean(values == published))
    )
    return {"median": middle, "q05": low, "q95": high, "percentile": below}


def _open_label(run: Run) -> list[Prediction]:
    """LSDDEP1: mean percentage fall of MADRS at week 8, those still in the trial."""
    baseline = run.by_trial(run.records.baseline)
    found = []
    for delta in DELTAS:
        score = run.by_trial(run.under(_COLUMN[delta], run.records.primary))
        seen = np.isfinite(score)
        fall = 100 * (1 - np.nanmean(score, axis=1) / (np.sum(baseline * seen, axis=1) / seen.sum(1)))
        found.append(Prediction("LSDDEP1: fall of mean MADRS at week 8, %", "lsddep1_2026", "predicted", 59.5, "59.5 (n = 19)",
                                delta, **_at(fall, 59.5), note="open label: no control arm"))  # fmt: skip
    left = 100 * run.by_trial(run.records.left_for_effects).mean(1)
    found.append(Prediction("LSDDEP1: left because of acute effects, %", "lsddep1_2026", "predicted", 100 / 19, "1 of 19",
                            None, **_at(left, 100 / 19), note=LEFT_OUT))  # fmt: skip
    return found


def _direction(run: Run) -> list[Prediction]:
    """LSDDEP2: no arm numbers are public, so only the direction: not superior, placebo numerically better."""
    reports = weekly(run)
    found = []
    for delta in DELTAS:
        r = reports[_COLUMN[delta]]
        worse = float(np.nanmean(r.estimate < 0))
        superior = float(r.favourable(0.05).mean())
        found.append(
            Prediction(
                "LSDDEP2: difference in MADRS improvement, LSD minus caffeine",
                "lsddep2_topline",
                "predicted",
                None,
                "below zero, not superior",
                delta,
                **_at(r.estimate, None),
                note=f"below zero in {100 * worse:.0f}% of trials, superior in {100 * superior:.0f}%",
            )
        )
    return found


def _adhd(run: Run) -> list[Prediction]:
    """The ADHD trial: difference, those who did not finish, exits for acute effects, guesses."""
    reports = weekly(run)
    difference = "ADHD: AISRS improvement, LSD minus placebo"
    found = [
        Prediction(difference, "mueller2025", "predicted", -1.8, "-1.8 (95% CI -6.2 to 2.6)", delta,
                   **_at(reports[_COLUMN[delta]].estimate, -1.8))
        for delta in DELTAS
    ]  # fmt: skip
    arm = run.plan.arm_of
    for index, name, count, n in ((run.plan.active, "LSD", 4, 27), (run.plan.control, "placebo", 3, 26)):
        gone = 100 * (1 - run.by_trial(run.records.present)[:, arm == index][..., 6].mean(1))
        found.append(Prediction(f"ADHD: did not finish, {name}, %", "mueller2025", "predicted", 100 * count / n,
                                f"{count} of {n}", None, **_at(gone, 100 * count / n)))  # fmt: skip
    left = 100 * run.by_trial(run.records.left_for_effects)[:, arm == run.plan.active].mean(1)
    found.append(Prediction("ADHD: left because of acute effects, LSD, %", "mueller2025", "predicted", 100 * 2 / 27, "2 of 27",
                            None, **_at(left, 100 * 2 / 27), note=LEFT_OUT))  # fmt: skip
    guess = run.by_trial(run.records.guess)[..., 5]
    made = np.isfinite(guess)
    said = 100 * np.nansum(guess == 1, axis=1) / made.sum(1)
    right = 100 * ((guess == (arm == run.plan.active)) & made).sum(1) / made.sum(1)
    note = (
        "a secondary source; arm counts were not obtained; adverse events, from which people learn, come at that "
        "trial's own rate"
    )
    found.append(
        Prediction(
            "ADHD: guessed LSD, both arms, %",
            "mueller2025",
            "calibrated to",
            80,
            "80",
            None,
            **_at(said, 80),
            note=f"{note}; the spread of guess bias between trials was set with it in sight",
        )
    )
    found.append(
        Prediction(
            "ADHD: guessed right, %", "mueller2025", "predicted", 63, "63", None, **_at(right, 63), note=note
        )
    )
    score = run.by_trial(run.under("course + belief", run.records.primary))[:, arm == run.plan.control]
    change = np.nanmean(score - run.by_trial(run.records.baseline)[:, arm == run.plan.control], axis=1)
    found.append(Prediction("ADHD: change of AISRS on placebo", "mueller2025", "calibrated to", -8.9, "-8.9 (-12.0 to -5.8)",
                            None, **_at(change, -8.9)))  # fmt: skip
    return found


def _capsules(draws: Draws, seed: int) -> list[Prediction]:
    """Capsule guesses of the self-blinding trial: week 1 was calibrated to, weeks 2 to 4 were not."""
    found = []
    for week in (1, 2, 3, 4):
        for held, code in (("microdose", "active"), ("placebo", "placebo")):
            (row,) = facts.read("clinical/blinding").where(
                study_id="szigeti2021", timepoint=f"week {week} acute", arm=code
            )
            n = int(row.number("n_total") or 0)
            right = int(row.number("n_guess_active" if code == "active" else "n_guess_placebo") or 0)
            values = 100 * capsule_guesses(draws, code == "active", n, seed + week) / n
            kind = "calibrated to" if week == 1 else "predicted"
            found.append(Prediction(f"self-blinding: {held} capsules guessed right in week {week}, %", "szigeti2021data", kind,
                                    100 * right / n, f"{right} of {n}", None, **_at(values, 100 * right / n), note=POOLED))  # fmt: skip
    return found


def capsule_guesses(draws: Draws, active: bool, n: int, seed: int) -> Shaped[np.ndarray, "draws replicates"]:
    """Right guesses among `n` capsules, [draws x replicates]: doses as taken in the self-blinding trial (LSD bins),
    noticing by the detection curve at typical exposure, guess from the capsule base rate of a half."""
    rows = [r for r in facts.read("clinical/dose_detection") if mentioned(r["compound"], MEASURED)]
    dose = np.array([r.number("median_dose") or 0.0 for r in rows])
    weight = np.array([r.number("n_microdose_occasions") or 0.0 for r in rows])
    p = perception(draws, compound(MEASURED))
    alarm = p.false_alarm
    notice = alarm
    if active:
        distance = (np.log(PEAK_PER_UG * dose)[:, None] - p.threshold) / p.sigma
        curve = alarm + (1 - alarm - np.minimum(p.lapse, 0.98 - alarm)) * ndtr(distance)
        notice = (weight / weight.sum()) @ curve
    names = ("assumed_active", "assumed_placebo")
    if_active, if_placebo = (jnp.asarray(draws[f"belief.update.{name}"]) for name in names)
    bias, slope = (jnp.asarray(draws[f"belief.guess.capsule_{name}"]) for name in ("bias", "slope"))
    half = jnp.full(draws.count, 0.5)
    said = [
        np.asarray(
            capsule_probability(jnp.full((1, draws.count), felt), half, if_active, if_placebo, bias, slope)
        )[0]
        for felt in (True, False)
    ]
    guessed_active = notice * said[0] + (1 - notice) * said[1]
    chance = guessed_active if active else 1 - guessed_active
    u = stratified(f"capsules guessed {'active' if active else 'placebo'}", REPLICATES * draws.count, seed)
    return binom.ppf(u, n, np.repeat(chance, REPLICATES))
