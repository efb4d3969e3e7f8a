"""Level and coverage of the estimators of simulated trials, each against the truth of its own estimand, in the trials that limen simulates.

The ADHD trial with a drug effect of 0.4 and with none at all (nobody believes anything either), eight draws of the parameters, the
truth of each from all of its people. `python -m validation.test_estimands` prints the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.estimand import ESTIMANDS
from limen.analysis.estimator import estimate
from limen.analysis.registry import estimator, methods
from limen.design.estimands import AS_ANALYSED, truths
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.whatifs import AS_BELIEVED, Variant
from limen.parameters import load as parameters
from limen.protocol import load
from limen.trial.plan import lay_out

PROTOCOL = Path(__file__).parents[1] / "examples" / "adhd_20ug.yaml"
REPLICATES, AT_ONCE, DRAWS, SEED = 20_000, 2_000, 8, 11
LEVEL, COLUMNS = 0.95, ("estimate", "se", "ci_low", "ci_high")
WORLDS = {
    "effect": Variant(AS_BELIEVED, frozenset({"course", "belief", "drug"}), 0.4),
    "none": Variant(AS_BELIEVED, frozenset({"course"}), 0.0),
}


@dataclass(frozen=True)
class Found:
    """Of one estimator under one estimand: its truth with the Monte Carlo error of that, bias with its error, mean SE over SD within
    draws, and the share of intervals that hold the truth."""

    replicates: int
    fitted: float
    truth: float
    truth_error: float
    bias: float
    bias_error: float
    se_ratio: float
    coverage: float

    @property
    def error(self) -> float:
        return float(np.sqrt(LEVEL * (1 - LEVEL) / self.replicates))


@dataclass(frozen=True)
class Judged:
    """The trials of one block under one estimator and one estimand: estimates, standard errors and intervals, the draw of each
    trial, and the truth of each draw with its error over all draws."""

    lines: np.ndarray
    draw: np.ndarray
    truth: np.ndarray
    error: float


def blocks(world: str, replicates: int) -> Iterator[Run]:
    """The trials, a block at a time under the same draws."""
    numbers = parameters()
    plan = lay_out(load(PROTOCOL), numbers)
    given = Given(
        draw_parameters(numbers, DRAWS, SEED), np.full(DRAWS, WORLDS[world].delta), (WORLDS[world],)
    )
    people = plan.people * min(AT_ONCE, replicates) // DRAWS
    for block in range(max(1, replicates // AT_ONCE)):
        yield operate(plan, numbers, DRAWS, people, SEED + block, given=given)


def judged(run: Run, method: str, name: str) -> Judged:
    run = replace(run, plan=replace(run.plan, method=method, estimand=name))
    own = next(one for one in truths(run).truths if one.estimand == AS_ANALYSED)
    each = estimate(run.data(), estimator(method)).each
    lines = np.stack([np.asarray(getattr(each, column))[:, 0] for column in COLUMNS])
    return Judged(lines, run.draw_of_trial, own.by_draw, own.mean_error)


@cache
def found(world: str, replicates: int = REPLICATES) -> dict[tuple[str, str], Found]:
    """Every estimator under every estimand, on the same trials."""
    cells = dict[tuple[str, str], list[Judged]]()
    for run in blocks(world, replicates):
        for cell in product(methods(), ESTIMANDS):
            cells.setdefault(cell, []).append(judged(run, *cell))
    return {cell: together(parts) for cell, parts in cells.items()}


def together(parts: list[Judged]) -> Found:
    truth = np.mean([one.truth for one in parts], 0)
    error = float(np.sqrt(np.mean([one.error**2 for one in parts]) / len(parts)))
    e, se, low, high = np.concatenate([one.lines for one in parts], 1)
    draw = np.concatenate([one.draw for one in parts])
    ok = np.isfinite(e)
    off, which = (e - truth[draw])[ok], draw[ok]
    within = np.sqrt(np.mean([off[which == d].var(ddof=1) for d in range(DRAWS)]))
    held = (low <= truth[draw]) & (truth[draw] <= high)
    return Found(
        int(ok.sum()), float(ok.mean()), float(truth.mean()), error, float(off.mean()),
        float(np.hypot(within / np.sqrt(ok.sum()), error)), float(se[ok].mean() / within), float(held[ok].mean()),
    )  # fmt: skip


def told(world: str, method: str, name: str, one: Found) -> str:
    return (
        f"| {method} | {name} | {world} | {one.replicates:,} | {one.truth:+.3f} ({one.truth_error:.3f}) | {one.bias:+.3f} ({one.bias_error:.3f}) "
        f"| {one.se_ratio:.3f} | {one.coverage:.4f} ({one.error:.4f}) | {CAUSES.get((world, method, name), '-')} |"
    )


# What misses, by more than its Monte Carlo error, and why.
CAUSES: dict[tuple[str, str, str], str] = {
    (
        "effect",
        "responders",
        "hypothetical",
    ): "likely what belief adds, which differs from trial to trial and is in no trial's standard error",
}


@pytest.mark.parametrize("name", ESTIMANDS)
@pytest.mark.parametrize("method", methods())
@pytest.mark.parametrize("world", WORLDS)
def test_level_and_coverage_against_its_own_estimand(world: str, method: str, name: str) -> None:
    one = found(world)[method, name]
    print(told(world, method, name, one))
    assert one.fitted > 0.99
    biased, too_narrow = abs(one.bias) > 3.5 * one.bias_error, LEVEL - one.coverage > 3.5 * one.error
    assert (biased or too_narrow) == ((world, method, name) in CAUSES)


if __name__ == "__main__":
    import sys

    for which in WORLDS:
        for (one_method, one_name), cell in found(which, *map(int, sys.argv[1:])).items():
            print(told(which, one_method, one_name, cell), flush=True)
