"""Level and coverage of every other estimator against its own estimand's truth: people who leave by chance, and by their last score.

Estimators that take all replicates at once have 20,000 of them; those fitted one by one have SINGLE, imputed ones IMPUTED, and the
Monte Carlo error of each coverage is said. `python -m validation.test_levels` prints the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest

from limen.analysis.ancova import ancova
from limen.analysis.by_visit import by_row
from limen.analysis.fitted import RowModel
from limen.analysis.frame import Frame
from limen.analysis.imputation import STRATEGIES
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.responders import compare_shares, counts, responded
from limen.analysis.sensitivity import sensitivity
from limen.analysis.survey import Roles
from limen.analysis.visits import VisitOrder

BATCHED, SINGLE, IMPUTED, DRAWS = 20_000, 600, 300, 60
LEVEL, PEOPLE, WEEKS = 0.95, 60, ("2", "4", "8")
SD, KEPT = np.array([5.0, 6.0, 7.0]), 0.75
MEAN, EFFECT = np.array([10.0, 8.0, 6.0]), np.array([-0.7, -1.4, -2.5])
ROLES = Roles("id", "visit", "arm", "0", "score", "baseline", by_row=True)


@dataclass(frozen=True)
class World:
    """Replicates of one trial, two arms of half PEOPLE each side, three visits; `whole` has the scores nobody saw."""

    outcome: np.ndarray
    whole: np.ndarray
    arm: np.ndarray
    baseline: np.ndarray


@cache
def world(leaving: str, replicates: int, seed: int = 5) -> World:
    rng = np.random.default_rng(seed)
    arm = np.tile(np.arange(2 * PEOPLE) % 2, (replicates, 1))
    baseline = rng.normal(25, 5, arm.shape)
    root = np.linalg.cholesky(np.outer(SD, SD) * KEPT ** np.abs(np.subtract.outer(range(3), range(3))))
    noise = rng.normal(0, 1, (*arm.shape, 3)) @ root.T
    whole = 0.6 * baseline[..., None] + noise + MEAN + EFFECT * arm[..., None]
    standing = (whole - whole.mean(1, keepdims=True)) / whole.std(1, keepdims=True)
    odds = 0.15 / 0.85 * (3.0**standing if leaving == "by score" else np.ones_like(standing))
    gone = np.zeros(whole.shape, bool)
    gone[..., 1:] = np.cumsum((rng.random(whole.shape) < odds / (1 + odds))[..., :-1], -1) > 0
    return World(np.where(gone, np.nan, whole), whole, arm, baseline)


def single(w: World, number: int) -> Longitudinal:
    names = tuple(map(str, range(2 * PEOPLE)))
    return Longitudinal(
        names, WEEKS, ("0", "1"), w.outcome[number], w.arm[number], w.baseline[number], np.zeros((len(names), 0))
    )  # fmt: skip


def rows(w: World, number: int) -> Frame:
    owner = np.repeat(np.arange(2 * PEOPLE), 3)
    score = w.outcome[number].ravel()
    table = pd.DataFrame({
        "arm": pd.Categorical(w.arm[number].astype(str)[owner], categories=["0", "1"]),
        "visit": pd.Categorical(list(WEEKS) * (2 * PEOPLE), categories=list(WEEKS)),
        "baseline": w.baseline[number][owner], "time": [float(week) for week in WEEKS] * (2 * PEOPLE),
    })  # fmt: skip
    order = VisitOrder(WEEKS, "", days=tuple(map(float, WEEKS)))
    return Frame(table, score, tuple(map(str, range(2 * PEOPLE))), owner, ("0", "1"), order, ROLES)


@dataclass(frozen=True)
class Found:
    """Bias with its Monte Carlo error, mean SE over the SD of the estimates, coverage of the truth with its error."""

    replicates: int
    bias: float
    bias_error: float
    se_ratio: float
    coverage: float

    @property
    def error(self) -> float:
        return float(np.sqrt(LEVEL * (1 - LEVEL) / self.replicates))


def judged(estimate: np.ndarray, se: np.ndarray, low: np.ndarray, high: np.ndarray, truth: float) -> Found:
    ok = np.isfinite(estimate)
    assert ok.mean() > 0.99
    e, covered = estimate[ok], ((low <= truth) & (truth <= high))[ok]
    return Found(int(ok.sum()), float(e.mean() - truth), float(e.std() / np.sqrt(ok.sum())), float(np.mean(se[ok]) / e.std()), float(covered.mean()))  # fmt: skip


def of_ancova(w: World) -> Found:
    found = ancova(w.outcome[..., -1], w.baseline, w.arm, level=LEVEL)
    return judged(*(np.asarray(x) for x in (found.estimate, found.se, found.ci_low, found.ci_high)), float(EFFECT[-1]))  # fmt: skip


def of_responders(w: World) -> Found:
    came, everybody = (responded(y[..., -1], w.baseline, 0.0, 0.3) for y in (w.outcome, w.whole))
    (k, n), (all_k, all_n) = counts(came, w.arm, 2), counts(everybody, w.arm, 2)
    shares = np.asarray(all_k).sum(0) / np.asarray(all_n).sum(0)
    found = compare_shares(k, n, LEVEL).risk_difference
    columns = (
        np.asarray(x).reshape(len(w.arm)) for x in (found.estimate, found.se, found.ci_low, found.ci_high)
    )
    return judged(*columns, float(shares[1] - shares[0]))


def of_rows(w: World, method: str, told: RowModel, se_method: str = "kenward-roger") -> Found:
    lines = []
    for number in range(len(w.arm)):
        result = by_row(rows(w, number), method, rows=told, level=LEVEL, se_method=se_method)
        (line,) = result.of_interest()
        lines.append((line.estimate, line.se, line.ci_low, line.ci_high))
    return judged(*np.array(lines).T, float(EFFECT[-1]))


def of_imputed(w: World, strategy: str, leaving: str) -> Found:
    lines = []
    for number in range(len(w.arm)):
        (line,) = sensitivity(single(w, number), (strategy,), DRAWS, level=LEVEL, seed=number + 1).assumed
        lines.append((line.estimate, line.se, line.ci_low, line.ci_high))
    return judged(*np.array(lines).T, referenced(leaving, strategy))


@cache
def referenced(leaving: str, strategy: str) -> float:
    """The estimand of a strategy from the true means and covariance: who left the active arm goes on from the last score seen, as
    the strategy says, by the law of an AR(1) course; what was seen stays."""
    w = world(leaving, 2000)
    there = np.isfinite(w.outcome[..., -1])
    last = np.isfinite(w.outcome).sum(-1) - 1
    at_last = np.take_along_axis(w.whole, last[..., None], -1)[..., 0] - 0.6 * w.baseline
    own, control = MEAN + EFFECT, MEAN
    stands = {
        "missing-at-random": (own[last], np.full(last.shape, own[-1])),
        "jump-to-reference": (own[last], np.full(last.shape, control[-1])),
        "copy-reference": (control[last], np.full(last.shape, control[-1])),
        "copy-increments": (own[last], own[last] + control[-1] - control[last]),
    }
    before, after = stands[strategy]
    drawn = after + KEPT ** (2 - last) * SD[-1] / SD[last] * (at_last - before)
    final = np.where(there, w.whole[..., -1] - 0.6 * w.baseline, drawn)
    return float(final[w.arm == 1].mean() - MEAN[-1])


INTERCEPT = RowModel(random="1")
AR1 = RowModel(random="none", structures=("heterogeneous-ar1",))
BY_ROWS = {
    "clda": ("clda", RowModel(), "kenward-roger"),
    "mixed, random intercept": ("mixed", INTERCEPT, "kenward-roger"),
    "mixed, heterogeneous AR(1)": ("mixed", AR1, "kenward-roger"),
    "mixed, random intercept, sandwich": ("mixed", INTERCEPT, "sandwich"),
    "gee": ("gee", RowModel(), "kenward-roger"),
    "wilcoxon": ("wilcoxon", RowModel(), "kenward-roger"),
}
# What misses, by more than its Monte Carlo error, and why.
ALIKE = "one variance and one correlation, where the data have three variances and correlations that fall with time"
CAUSES = {
    ("ancova", "by score"): "it adjusts for baseline, and leaving hangs on later scores",
    ("mixed, random intercept", "by chance"): ALIKE,
    ("mixed, random intercept", "by score"): ALIKE,
}
EVERY = ("ancova", "responders", *BY_ROWS, *STRATEGIES)


@cache
def found(name: str, leaving: str) -> Found:
    if name in BY_ROWS:
        return of_rows(world(leaving, SINGLE), *BY_ROWS[name])
    if name in STRATEGIES:
        return of_imputed(world(leaving, IMPUTED), name, leaving)
    return {"ancova": of_ancova, "responders": of_responders}[name](world(leaving, BATCHED))


@pytest.mark.parametrize("leaving", ["by chance", "by score"])
@pytest.mark.parametrize("name", EVERY)
def test_coverage_of_its_own_estimand(name: str, leaving: str) -> None:
    one = found(name, leaving)
    print(told(name, leaving))
    biased, too_narrow = abs(one.bias) > 3.5 * one.bias_error, LEVEL - one.coverage > 3.5 * one.error
    assert (biased or too_narrow) == ((name, leaving) in CAUSES)


def told(name: str, leaving: str) -> str:
    one = found(name, leaving)
    return (
        f"| {name} | {leaving} | {one.replicates:,} | {one.bias:+.3f} ({one.bias_error:.3f}) | {one.se_ratio:.3f} | "
        f"{one.coverage:.4f} ({one.error:.4f}) | {CAUSES.get((name, leaving), '')} |"
    )


if __name__ == "__main__":
    for which in EVERY:
        for how in ("by chance", "by score"):
            print(told(which, how), flush=True)
