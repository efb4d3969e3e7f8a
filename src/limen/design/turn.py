"""Turn: a protocol at every stop of its dial, by the trials that everything else is simulated with, over the same people.

A trial is drawn with its own parameters, and every stop meets the same trials of the same people: those of a small trial
are the first of a large one, and a comparator's arm is the same beside every dose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import equinox as eqx
import jax
import numpy as np
import polars as pl
from jaxtyping import Array, Bool, Float, Int, Shaped

from limen.analysis.registry import estimator
from limen.design.believe import Belief, update
from limen.design.dial import Dial
from limen.design.noise import quiet
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import Reports, dose_day, weekly_scenario
from limen.design.whatifs import ALL, AS_BELIEVED, Variant
from limen.engine.kept import kept
from limen.engine.runs import in_blocks
from limen.parameters import ParameterSet
from limen.protocol import Arm
from limen.trial.plan import Plan, lay_out
from limen.trial.roll import first_arm
from limen.trial.theta import theta
from limen.trial.walk import Records

TRIALS = 1000
DEAD, UNSEEN = "course + belief", "course"  # a drug that does nothing, with belief and without it
ASKED = (
    Variant(AS_BELIEVED, ALL),
    Variant(DEAD, frozenset({"course", "belief"})),
    Variant(UNSEEN, frozenset({"course"})),
)
OUTCOMES_TURNED = ("day", "scale")
MEASURES = (
    "notices, drug",
    "notices, comparator",
    "guesses right",
    "does not know",
    *(f"{what}, {outcome}" for outcome in OUTCOMES_TURNED
      for what in ("works", "significant", "works without belief", "belief adds")),
)  # fmt: skip
Measured = tuple[float, float, int]  # value, Monte Carlo standard error, trials behind it
SILENT: Measured = (np.nan, np.nan, 0)


@dataclass(frozen=True)
class Grid:
    """Every stop of a dial. `found` holds value, Monte Carlo standard error and number of trials of each of MEASURES;
    shares are of people or of trials. `plan` is the protocol's own, and `belief` what is known of its drug's effect."""

    dial: Dial
    plan: Plan
    parameters: ParameterSet
    belief: Belief
    trials: int
    seed: int
    method: str
    found: Float[np.ndarray, "doses told against people measures 3"]

    def at(self, dose: int, told: int, against: int, people: int) -> dict[str, Measured]:
        """The measures of one stop, by name."""
        cell = self.found[dose, told, against, people]
        return {name: (float(v), float(e), int(n)) for name, (v, e, n) in zip(MEASURES, cell, strict=True)}

    def table(self) -> pl.DataFrame:
        """One row per dose, what is told, comparator, number of people and measure."""
        d = self.dial
        rows = [
            (
                stop.label,
                stop.base,
                stop.measured,
                told,
                arm.name,
                sum(size),
                name,
                *self.at(i, j, k, m)[name],
            )
            for i, stop in enumerate(d.turned)
            for j, told in enumerate(d.told)
            for k, arm in enumerate(d.against)
            for m, size in enumerate(d.people)
            for name in MEASURES
        ]
        columns = ["dose", f"base_{self.plan.unit}", "dose_measured", "told", "comparator", "people",
                   "measure", "value", "monte_carlo_se", "trials"]  # fmt: skip
        return pl.DataFrame(rows, schema=columns, orient="row").with_columns(
            pl.col(pl.Float64).fill_nan(None)
        )


def turn_grid(
    turned: Dial,
    parameters: ParameterSet,
    trials: int = TRIALS,
    seed: int = 1,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
) -> Grid:
    """Simulate `trials` trials at every stop of a dial, a `tick` for each of its runs. Within `resumable` it goes on where
    it stood."""
    protocol = turned.protocol
    own = lay_out(protocol, parameters)
    drawn = draw_parameters(parameters, trials, seed)
    belief = update(drawn, theta(drawn, own), own, parameters, seed)
    method = protocol.analysis.method if estimator(protocol.analysis.method).many else "ancova"
    given = Given(drawn, belief.delta, ASKED)
    # A crossover has two arms; elsewhere both comparators stand beside the same people on the drug.
    groups = [(arm,) for arm in turned.against] if own.crossover else [turned.against]
    cells = [(stop, told) for stop in turned.turned for told in turned.told]

    def work(numbers: Int[np.ndarray, " one"]) -> Float[np.ndarray, "one against people measures 3"]:
        stop, told = cells[int(numbers[0])]
        found: list[Any] = []
        for group in groups:
            plan = replace(lay_out(turned.asked(stop, told, group), parameters), method=method)
            run = operate(plan, parameters, trials, plan.people, seed, workers, given=given)
            found += _measured(run, group, turned.people)
        return np.array([found])

    before = kept("turn", repr([own, turned]), dict(drawn.columns), belief.delta, seed, trials)
    values = in_blocks(work, len(cells), 1, tick, block=1, kept=before)
    shape = (len(turned.turned), len(turned.told), *values.shape[1:])
    return Grid(turned, own, parameters, belief, trials, seed, method, values.reshape(shape))


def _measured(
    run: Run, against: Sequence[Arm], sizes: Sequence[tuple[int, int]]
) -> list[list[list[Measured]]]:
    """The measures of every comparator and size in one run."""
    largest = tuple(max(size[arm] for size in sizes) for arm in (0, 1))
    found: list[list[list[Measured]]] = []
    for arm in against:
        number = [a.name for a in run.plan.arms].index(arm.name)
        whole = between(run, number, (largest[0], largest[1]))
        people = _of_people(whole)
        thin = replace(whole, records=_thin(whole.records))
        found.append([people + _of_trials(between(thin, 1, size)) for size in sizes])
    return found


def between(run: Run, against: int, each: tuple[int, int]) -> Run:
    """The trials of a run between its active arm and one comparator, in the first `each` people of the two arms: the very
    trials that a protocol of that size has, since people are named by their arm, their trial and their number in it."""
    plan, arms = run.plan, (run.plan.active, against)
    first = first_arm(plan)
    among = np.arange(len(first)) - np.searchsorted(first, first)
    limit = np.zeros(len(plan.arms), int)
    limit[list(arms)] = each
    wanted = np.tile(among < limit[first], (1 + plan.crossover) * run.trials)
    kept_arms = tuple(
        replace(arm, n=sum(each) if plan.crossover else int(limit[at]), first=int(limit[at]))
        for at, arm in enumerate(plan.arms)
        if at in arms
    )

    def rows(column: Shaped[Array | np.ndarray, "people ..."]) -> Shaped[np.ndarray, "fewer ..."]:
        return np.asarray(column)[wanted]

    records = jax.tree.map(rows, run.records)
    return replace(run, plan=replace(plan, arms=kept_arms), records=records)


def _thin(records: Records) -> Records:
    """Records without what happened on each dosing day, which no estimator reads."""

    def daily(r: Records) -> list[Any]:
        return [r.peak, r.signal, r.fold, r.p_notice, r.noticed, r.capsule]

    changed: Callable[..., Records] = eqx.tree_at  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return changed(daily, records, [np.asarray(column)[:, :0] for column in daily(records)])


def _of_people(run: Run) -> list[Measured]:
    """Shares of people: who notices something on a dosing day, and whose last guess is right, or not made."""
    plan, r = run.plan, run.records
    chance = run.by_trial(r.p_notice)[..., : len(plan.days)].mean(-1)
    arms = [chance[:, plan.arm_of == arm].mean(1) for arm in (plan.active, plan.control)]
    guess, here = _last_guess(run)
    right = (guess == (plan.arm_of == plan.active)) & here
    asked = np.maximum(here.sum(1), 1)
    said = (right.sum(1) / asked, (np.isnan(guess) & here).sum(1) / asked)
    return [mean_over_trials(run, values) for values in (*arms, *said)]


def _last_guess(run: Run) -> tuple[Float[np.ndarray, "trials people"], Bool[np.ndarray, "trials people"]]:
    """What each says at the last visit under dosing (NaN: does not know), and who is there to say it."""
    plan, r = run.plan, run.records
    week = min(plan.primary_week or plan.weeks, plan.dosing_weeks)
    return run.by_trial(r.guess)[..., week - 1], run.by_trial(r.present)[..., week] > 0


def last_guesses(run: Run) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Share of last guesses that are right, of those made, and share of people who are not there to make one."""
    guess, here = _last_guess(run)
    made = np.isfinite(guess) & here
    right = made & (guess == (run.plan.arm_of == run.plan.active))
    with np.errstate(invalid="ignore", divide="ignore"):
        return right.sum(1) / made.sum(1), 1.0 - here.mean(1)


def _of_trials(run: Run) -> list[Measured]:
    """Shares of trials of a drug that does nothing, on the day and on the scale."""
    day = dose_day(run)
    found = _reported(run, day["belief only"], day["neither"])
    if run.plan.model is None:
        return [*found, SILENT, SILENT, SILENT, SILENT]
    return found + _reported(run, weekly_scenario(run, DEAD), weekly_scenario(run, UNSEEN))


def _reported(run: Run, dead: Reports, unseen: Reports) -> list[Measured]:
    alpha = run.plan.alpha

    def by_trial(reports: Reports, hits: Shaped[np.ndarray, " trials"]) -> Float[np.ndarray, " trials"]:
        every = np.full(run.trials, np.nan)
        every[reports.trials] = hits
        return every

    works, without = (by_trial(r, r.favourable(alpha)) for r in (dead, unseen))
    significant = by_trial(dead, dead.significant(alpha))
    return [mean_over_trials(run, values) for values in (works, significant, without, works - without)]


def mean_over_trials(run: Run, by_trial: Float[np.ndarray | Array, " trials"]) -> Measured:
    """The mean over trials with its Monte Carlo standard error: each has parameters of its own."""
    values = np.asarray(by_trial, float)
    count = int(np.isfinite(values).sum())
    if count < 2:
        return SILENT
    found = quiet(values, run.draw_of_trial, run.draws.count)
    return float(np.nanmean(values)), found.error, count
