"""Adjusting: what each way of taking guesses off a difference is worth, against the drug's own effect, which is known here.

A world is a dose against a comparator, where guesses come from, and whether the drug does anything. Every way is tried on the same
trials of it. Where guesses come from is a matter of two parameters of belief, so one compiled program serves every world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis.ancova import least_squares
from limen.analysis.estimator import estimate, longitudinal, options
from limen.analysis.fitted import Options, lines_of
from limen.analysis.guess_rate import Strata, resampled
from limen.analysis.mmrm import mmrm
from limen.analysis.registry import estimator
from limen.analysis.t_law import within_t
from limen.design.judge import Measured, last_guesses, mean_over_trials
from limen.design.noise import quiet
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import rated
from limen.design.vary import axis, combinations
from limen.design.whatifs import ALL, Variant
from limen.engine.kept import kept
from limen.engine.runs import in_blocks
from limen.errors import DataError, LimenError
from limen.parameters import Draws, ParameterSet
from limen.protocol import Protocol
from limen.trial.data import TrialData
from limen.trial.plan import Plan, lay_out

# Parameters of belief that are zero in each world: what is noticed says nothing, or improvement does not.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "side effects": ("belief.update.lambda_s",),
    "improvement": ("belief.update.learn",),
    "both": (),
}
SUPPOSED: Mapping[str, float] = {"does nothing": 0.0, "works (0.4 SD)": 0.4}
MEASURED_AS = ("weekly score", "dose-day rating")
# What an estimator is aimed at, where that is not the drug's own effect.
WAYS: Mapping[str, str] = {
    "belief switched off (reference)": "the drug's own effect, in trials nobody can have",
    "unadjusted": "being given the drug, with what people believe of it (treatment policy)",
    "guess as covariate": "the difference among people of one guess",
    "guess-rate curve at 1/2": "the difference if half of the guesses had been right",
    "guesses alike": "the difference if both arms had guessed as all people together",
    "mediation, not through the guess": "the difference if both arms had guessed as the control arm",
    "predicted belief subtracted": "the drug's own effect",
    "capsule guesses as covariate": "the difference among people of one share of capsules guessed active; of a rating on dosing days only",
}
AS_IT_IS, TRUTH = "as it is", "drug alone"
KEPT_OF = ("bias", "coverage", "error", "analysed")
RESAMPLES = 100
Each = dict[str, Float[np.ndarray, " trials"]]
Two = tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]


@dataclass(frozen=True)
class Worlds:
    """What is simulated: a protocol at `doses` against each of `against`, `people` in all, `draws` of the parameters with
    `each` trials under every one."""

    protocol: Protocol
    doses: tuple[str, ...]
    against: tuple[str, ...]
    people: int
    draws: int
    each: int
    seed: int

    @property
    def plans(self) -> list[tuple[str, str]]:
        """Dose and comparator; each is simulated in every world: where guesses come from, and what the drug does."""
        return list(product(self.doses, self.against))


def adjusted(
    study: Worlds, parameters: ParameterSet, tick: Callable[[int], None] | None = None, workers: int = 2
) -> list[dict[str, Any]]:
    """One row for each world, outcome and way: bias against the drug's own effect, coverage of its 95% interval, the spread of
    its error and the share of trials it could be formed in, each with its Monte Carlo standard error; and the right
    guesses of the world. Within `resumable` it goes on where it stood."""
    drawn = draw_parameters(parameters, study.draws, study.seed)
    apart = draw_parameters(parameters, study.draws, study.seed + 1)

    def work(numbers: Int[np.ndarray, " one"]) -> Float[np.ndarray, "one worlds values 3"]:
        plan = _plan(study, *study.plans[int(numbers[0])], parameters)
        known = _predicted(plan, apart, parameters, study)
        worlds = list[list[Measured]]()
        for source, effect in product(SOURCES, SUPPOSED.values()):
            run = _run(plan, _silenced(drawn, SOURCES[source]), parameters, study, effect)
            found = [m for outcome in MEASURED_AS for m in _judged(run, outcome, effect > 0, known[outcome])]
            worlds.append([mean_over_trials(run, last_guesses(run)[0]), *found])
        return np.array([worlds], float)

    before = kept("adjusting", repr(study), dict(drawn.columns))
    values = in_blocks(work, len(study.plans), workers, tick, block=1, kept=before)
    worlds = list(product(SOURCES, SUPPOSED))
    return [
        row
        for plan, of_plan in zip(study.plans, values, strict=True)
        for world, found in zip(worlds, of_plan, strict=True)
        for row in _rows((*plan, *world), found)
    ]


def _rows(cell: Sequence[str], found: Float[np.ndarray, "values 3"]) -> list[dict[str, Any]]:
    names = ("dose", "against", "guesses_from", "drug")
    said = {
        **dict(zip(names, cell, strict=True)),
        "right_guesses": float(found[0, 0]),
        "right_guesses_se": float(found[0, 1]),
    }
    each = iter(found[1:].tolist())
    rows: list[dict[str, Any]] = []
    for outcome, way in product(MEASURED_AS, WAYS):
        told = {name: next(each) for name in KEPT_OF}
        numbers = {
            key: value for name, m in told.items() for key, value in ((name, m[0]), (f"{name}_se", m[1]))
        }
        rows.append({**said, "outcome": outcome, "way": way, **numbers, "trials": int(told["bias"][2])})
    return [{k: None if v != v else v for k, v in row.items()} for row in rows]


def _plan(study: Worlds, dose: str, against: str, parameters: ParameterSet) -> Plan:
    asked = study.protocol
    axes = tuple(axis(text, asked) for text in (f"dose={dose}", f"against={against}"))
    plan = lay_out(combinations(asked, axes)[0].protocol, parameters)
    half = study.people // 2
    arms = tuple(replace(arm, n=half, first=half) for arm in plan.arms)
    return replace(plan, arms=arms)


def _silenced(drawn: Draws, names: Sequence[str]) -> Draws:
    return Draws({**drawn.columns, **{name: np.zeros(drawn.count) for name in names}}, drawn.count)


def _run(
    plan: Plan, drawn: Draws, parameters: ParameterSet, study: Worlds, effect: float, seed: int = 0
) -> Run:
    """The first scenario is what the trials record; the others say what of it is the drug's own."""
    channels = ALL if effect else ALL - {"drug"}
    what_ifs = (
        Variant(AS_IT_IS, channels, effect),
        Variant(TRUTH, ALL - {"belief"}, effect),
        Variant("neither", ALL - {"belief", "drug"}, effect),
    )
    given = Given(drawn, np.full(drawn.count, effect), what_ifs)
    people = study.each * plan.people
    return operate(plan, parameters, study.draws, people, study.seed + seed, given=given)


def _predicted(
    plan: Plan, drawn: Draws, parameters: ParameterSet, study: Worlds
) -> dict[str, tuple[float, float]]:
    """What the walk says beforehand that belief adds, from other people under other draws and guesses from both sources:
    its mean and its spread over what is not known."""
    run = _run(plan, drawn, parameters, study, 0.0, seed=1)
    found: dict[str, tuple[float, float]] = {}
    for outcome in MEASURED_AS:
        data = _data(run, outcome, False)
        belief, _, _ = _plainly(data, outcome)
        each = quiet(belief, run.draw_of_trial, run.draws.count)
        found[outcome] = each.mean, float(np.nanstd(each.draws, ddof=1))
    return found


def _data(run: Run, outcome: str, works: bool, scenario: str = AS_IT_IS) -> TrialData:
    data = run.data(scenario)
    if outcome == MEASURED_AS[0]:
        return data
    day = run.records.day
    rating = {AS_IT_IS: (day.belief_only, day.as_believed), TRUTH: (day.neither, day.drug_only)}[scenario]
    return rated(data, np.asarray(rating[works]))


def _truth(run: Run, outcome: str, works: bool) -> Float[np.ndarray, " trials"]:
    """The drug's own effect under the parameters of each trial, benefit positive: the same people of the active arm with the
    drug and without it, nobody believing anything and nobody leaving."""
    if not works:
        return np.zeros(run.trials)
    r = run.records
    if outcome == MEASURED_AS[0]:
        own = run.under("neither", r.before_leaving) - run.under(TRUTH, r.before_leaving)
    else:
        own = np.asarray(r.day.drug_only) - np.asarray(r.day.neither)
    by_trial = run.by_trial(own)[:, run.plan.arm_of == run.plan.active].mean(1)
    by_draw = np.bincount(run.draw_of_trial, by_trial) / np.bincount(run.draw_of_trial)
    return by_draw[run.draw_of_trial]


def _judged(run: Run, outcome: str, works: bool, known: tuple[float, float]) -> list[Measured]:
    """For each way: bias, coverage, spread of the error, and the share of trials in which it could be formed."""
    data, truth = _data(run, outcome, works), _truth(run, outcome, works)
    guess = _last_guess(run)
    plain = _plainly(data, outcome)
    by_capsule = _by_capsule(run, data) if outcome == MEASURED_AS[1] else _nothing(run.trials)
    ways = (
        _plainly(_data(run, outcome, works, TRUTH), outcome),
        plain,
        _covariate(data, outcome, guess),
        *_strata(data, guess),
        _subtracted(plain, known),
        by_capsule,
    )
    found: list[Measured] = []
    for value, se, df in ways:
        off = value - truth
        held = np.where(np.isfinite(off + se), np.abs(off) <= within_t(0.95, df) * se, np.nan)
        there = np.isfinite(off)
        spread = float(np.nanstd(off, ddof=1)) if there.sum() > 2 else np.nan
        error = spread / np.sqrt(2 * max(int(there.sum()) - 1, 1))
        found += [
            mean_over_trials(run, off), mean_over_trials(run, held), (spread, error, int(there.sum())),
            mean_over_trials(run, there.astype(float)),
        ]  # fmt: skip
    return found


def _last_guess(run: Run) -> Float[np.ndarray, " people"]:
    """The guess at the last visit under dosing at which each was seen: 1 active, 0 placebo, NaN does not know."""
    week = min(run.plan.primary_week or run.plan.weeks, run.plan.dosing_weeks)
    seen = np.asarray(run.records.present)[:, 1 : week + 1] > 0
    last = np.maximum(np.where(seen, np.arange(week), -1).max(1), 0)
    return np.take_along_axis(np.asarray(run.records.guess), last[:, None], 1)[:, 0]


def _plainly(data: TrialData, outcome: str) -> Two:
    """MMRM of the weekly score, ANCOVA of the rating: benefit positive, its standard error and degrees of freedom."""
    each = estimate(data, estimator("mmrm" if outcome == MEASURED_AS[0] else "ancova")).each
    value, se, df = (np.asarray(x)[:, 0] for x in (each.estimate, each.se, each.df))
    return data.benefit(value), se, df


def _covariate(data: TrialData, outcome: str, guess: Float[np.ndarray, " people"]) -> Two:
    """The same with the last guess beside baseline: 1 active, 0 placebo, 1/2 does not know."""
    said = np.where(np.isnan(guess), 0.5, guess)[:, None]
    if outcome != MEASURED_AS[0]:
        return _least_squares(data, said)
    how, found = options(data, 0.95), np.full((3, data.trials), np.nan)
    rows = data.by_trial(np.arange(len(said)))
    for number in range(data.trials):
        one = replace(
            longitudinal(data.of_trial(number)), covariates=said[rows[number]], covariate_names=("guess",)
        )
        try:
            found[:, number] = _asked(lines_of(mmrm(one), how), how)
        except DataError:
            continue
    return data.benefit(found[0]), found[1], found[2]


def _by_capsule(run: Run, data: TrialData) -> Two:
    """The rating with the share of a person's capsules that were guessed active beside the rating before."""
    share = np.asarray(run.records.capsule)[:, : len(run.plan.days)].mean(1)
    return _least_squares(data, share[:, None])


def _nothing(trials: int) -> Two:
    none = np.full(trials, np.nan)
    return none, none, none


def _asked(lines: Any, how: Options) -> tuple[float, float, float]:
    line = next(line for line in lines[0] if line.visit == how.visit)
    return line.estimate, line.se, line.df


def _least_squares(data: TrialData, said: Float[np.ndarray, "people one"]) -> Two:
    """Rating on arm, rating before treatment and guess."""
    active = (data.arm == data.active).astype(float)
    x = data.by_trial(np.column_stack([active, np.ones(len(active)), data.baseline, said]))
    y = data.by_trial(data.primary)
    here = np.isfinite(y) & np.isfinite(x).all(-1)
    x, y = np.where(here[..., None], x, 0.0), np.where(here, y, 0.0)
    beta, se, df = least_squares(x, y, here.sum(1))
    return data.benefit(beta[:, 0]), se[:, 0], df.astype(float)


def _strata(data: TrialData, guess: Float[np.ndarray, " people"]) -> list[Two]:
    """Guess-rate curve, guesses alike and mediation, of the change from baseline among those who guessed; standard errors over
    resamples of the people. NaN where a group by arm and guess is too thin."""
    change = data.by_trial(data.benefit(data.primary - data.baseline))
    active, said = data.by_trial(data.arm == data.active), data.by_trial(guess)
    names = ("rate 0.5", "guesses alike", "not through the guess")
    found = np.full((len(names), 2, len(change)), np.nan)
    for number, (y, arm, guessed) in enumerate(zip(change, active, said, strict=True)):
        cells = _cells(y, arm, guessed)
        try:
            point = Strata.of(cells).parts((0.5,), "all_prop")
        except LimenError:
            continue
        again = resampled(cells, RESAMPLES, number).parts((0.5,), "all_prop")
        found[:, :, number] = [(float(point[name]), float(np.nanstd(again[name], ddof=1))) for name in names]
    normal = np.full(len(change), np.inf)
    return [(value, se, normal) for value, se in found]


def _cells(
    y: Float[np.ndarray, " people"], arm: Bool[np.ndarray, " people"], guessed: Float[np.ndarray, " people"]
) -> list[list[np.ndarray]]:
    there = np.isfinite(y)
    return [[y[there & (arm == side) & (guessed == said)] for said in (1, 0)] for side in (True, False)]


def _subtracted(plain: Two, known: tuple[float, float]) -> Two:
    """The unadjusted difference less what belief was predicted to add, which is as uncertain as it is."""
    value, se, df = plain
    return value - known[0], np.hypot(se, known[1]), df
