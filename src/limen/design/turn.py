"""Turn: a protocol at every stop of its dial, by the trials that everything else is simulated with, over the same people.

A trial is drawn with its own parameters, and every stop meets the same trials of the same people: those of a small trial
are the first of a large one, and a comparator's arm is the same beside every dose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from limen.analysis.registry import simulated_method
from limen.design.believe import Belief, update
from limen.design.dial import Dial
from limen.design.judge import SILENT, Measured, mean_over_trials, said_last
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import dose_day, weekly
from limen.design.reported import Reports, of_every_trial
from limen.design.smaller import between
from limen.design.whatifs import DEAD, JUDGED_BY, UNSEEN
from limen.engine.kept import kept
from limen.engine.runs import in_blocks
from limen.parameters import ParameterSet
from limen.protocol import Arm
from limen.trial.plan import Plan, lay_out
from limen.trial.theta import theta
from limen.trial.walk import without_days

TRIALS = 1000
OUTCOMES_TURNED = ("day", "scale")
MEASURES = (
    "notices, drug",
    "notices, comparator",
    "guesses right",
    "does not know",
    *(f"{what}, {outcome}" for outcome in OUTCOMES_TURNED
      for what in ("works", "significant", "works without belief", "belief adds")),
)  # fmt: skip


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
    method = simulated_method(protocol.analysis.method)
    given = Given(drawn, belief.delta, JUDGED_BY)
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
        thin = replace(whole, records=without_days(whole.records))
        found.append([people + _of_trials(between(thin, 1, size)) for size in sizes])
    return found


def _of_people(run: Run) -> list[Measured]:
    """Shares of people: who notices something on a dosing day, and whose last guess is right, or not made."""
    plan, r = run.plan, run.records
    chance = run.by_trial(r.p_notice)[..., : len(plan.days)].mean(-1)
    arms = [chance[:, plan.arm_of == arm].mean(1) for arm in (plan.active, plan.control)]
    guess, here = said_last(run)
    right = (guess == (plan.arm_of == plan.active)) & here
    asked = np.maximum(here.sum(1), 1)
    said = (right.sum(1) / asked, (np.isnan(guess) & here).sum(1) / asked)
    return [mean_over_trials(run, values) for values in (*arms, *said)]


def _of_trials(run: Run) -> list[Measured]:
    """Shares of trials of a drug that does nothing, on the day and on the scale."""
    day = dose_day(run)
    found = _reported(run, day["belief only"], day["neither"])
    if run.plan.model is None:
        return [*found, SILENT, SILENT, SILENT, SILENT]
    by = weekly(run, (DEAD, UNSEEN))
    return found + _reported(run, by[DEAD], by[UNSEEN])


def _reported(run: Run, dead: Reports, unseen: Reports) -> list[Measured]:
    alpha = run.plan.alpha
    works, without = (of_every_trial(run, r, r.favourable(alpha)) for r in (dead, unseen))
    significant = of_every_trial(run, dead, dead.significant(alpha))
    return [mean_over_trials(run, values) for values in (works, significant, without, works - without)]
