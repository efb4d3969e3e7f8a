"""Allocate: which arm each participant of a trial is put in, in the order in which they come.

Arms hold as many people as the protocol says: whoever comes last gets what is left. People are who they are whatever the
scheme, so that two schemes differ in nothing but arms.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

from limen.engine import streams
from limen.engine.runs import in_blocks
from limen.engine.streams import on_device
from limen.parameters import Draws
from limen.people import at, recruit
from limen.protocol.allocation import Allocation
from limen.safety.screening.admission import ANTIDEPRESSANTS, COMEDICATIONS
from limen.trial.plan import Plan
from limen.trial.roll import numbered
from limen.trial.setting import setting
from limen.trial.shapes import to_draws
from limen.trial.theta import arm_rates, theta
from limen.trial.walk import baseline, severity_of

BASELINE, ANTIDEPRESSANT = "baseline", "antidepressant"

Levels = Int[np.ndarray, "factors trials people"]
Luck = Float[np.ndarray, "draws trials people"]


@dataclass(frozen=True)
class Placed:
    """Who stands in each place of a trial (places are in order of the arms) by the `number` in which they came, and their
    level of each stratification factor."""

    number: Int[np.ndarray, "trials people"]
    levels: Levels

    def at(self, places: Int[np.ndarray, " places"]) -> Placed:
        return Placed(self.number[:, places], self.levels[:, :, places])


def allocated(
    plan: Plan, draws: Draws, draw_of_trial: Int[np.ndarray, " trials"], seed: int, first: int = 0
) -> Placed | None:
    """By the scheme of the plan, in trials numbered from `first` on; None where people are simply drawn for the arms."""
    how = plan.allocation
    if how.drawn:
        return None
    trial, people = first + np.arange(len(draw_of_trial)), plan.people
    levels = _levels(plan, draws, draw_of_trial, seed, trial)
    keys = streams.keys(("allocation", "size of block"), seed)
    luck = np.asarray(streams.uniforms(keys, on_device(np.arange(people)), on_device(trial)))
    arm = assign(how, np.array([one.n for one in plan.arms]), levels, luck)
    number = np.argsort(arm, axis=1, kind="stable")
    return Placed(number, np.take_along_axis(levels, number[None], 2))


def _levels(
    plan: Plan,
    draws: Draws,
    draw_of_trial: Int[np.ndarray, " trials"],
    seed: int,
    trial: Int[np.ndarray, " trials"],
) -> Levels:
    """Each person's level of every factor, in the order in which they come. What is not simulated (a site, a sex, an age
    group) is spread evenly and changes no score."""
    how, trials, people = plan.allocation, len(draw_of_trial), plan.people
    shape = (trials, people)
    found = list[Int[np.ndarray, "trials people"]]()
    known = _known(plan, draws, draw_of_trial, seed, trial) if {*how.strata} - {*plan.unseen_strata} else {}
    for factor in how.strata:
        if factor not in plan.unseen_strata:
            found.append(known[factor].reshape(shape).astype(int))
            continue
        luck = streams.uniforms(
            streams.keys((f"stratum/{factor}",), seed),
            on_device(np.arange(people)),
            on_device(trial),
        )
        found.append((np.asarray(luck)[0] * how.levels(factor, plan.sites)).astype(int))
    return np.array(found, int).reshape(len(found), *shape)


def _known(
    plan: Plan,
    draws: Draws,
    draw_of_trial: Int[np.ndarray, " trials"],
    seed: int,
    of_trial: Int[np.ndarray, " trials"],
) -> dict[str, Bool[np.ndarray, " people"]]:
    """What the walk knows of everybody before the first dose: a baseline at or above the cut, an antidepressant."""
    trials, people = len(draw_of_trial), plan.people
    t = jax.tree.map(to_draws, theta(draws, plan))
    s = setting(plan, arm_rates(draws, plan), (0.0, 1.0))
    sign, takes = -1.0 if plan.better else 1.0, [COMEDICATIONS.index(one) for one in ANTIDEPRESSANTS]

    def met(rows: Int[np.ndarray, " block"]):
        trial, number = np.divmod(rows, people)
        roll = numbered(seed, draw_of_trial[trial], of_trial[trial], np.zeros_like(trial), number)
        mine = at(t, roll.draw)
        score = sign * baseline(severity_of(mine, roll, s), roll, s).observed
        return score, recruit(t.people, roll).taken.takes[np.array(takes)].any(0)

    score, takes_one = in_blocks(met, trials * people)
    cut = plan.allocation.cut
    return {BASELINE: score >= (0.0 if cut is None else cut), ANTIDEPRESSANT: np.asarray(takes_one)}


def assign(
    how: Allocation, sizes: Int[np.ndarray, " arms"], levels: Levels, luck: Luck
) -> Int[np.ndarray, "trials people"]:
    """The arm of each person as they come, all trials at once."""
    trials, people = luck.shape[1:]
    each = sizes // np.gcd.reduce(sizes)
    left = np.tile(sizes, (trials, 1)).astype(float)
    scheme = _Minimised(how, each, levels) if how.by == "minimisation" else _Blocks(how, each, levels, trials)
    arm = np.zeros((trials, people), int)
    row = np.arange(int(trials))
    for person in range(people):
        chance = scheme.chances(person, luck[1, :, person]) * (left > 0)
        none = chance.sum(1) <= 0
        chance[none] = left[none]
        edge = np.cumsum(chance, 1)
        now = np.minimum((luck[0, :, person, None] * edge[:, -1:] >= edge).sum(1), len(sizes) - 1)
        arm[:, person] = now
        left[row, now] -= 1
        scheme.add(person, now)
    return arm


class _Blocks:
    """Permuted blocks within every stratum: what is left of the block that is open there decides."""

    def __init__(self, how: Allocation, each: Int[np.ndarray, " arms"], levels: Levels, trials: int) -> None:
        self.each, self.row = each, np.arange(trials)
        self.sizes = np.array(how.blocks or (int(each.sum()),))
        self.stratum = stratum_of(levels) if len(levels) else np.zeros((trials, levels.shape[2]), int)
        self.open = np.zeros((trials, int(self.stratum.max(initial=0)) + 1, len(each)))

    def chances(self, person: int, luck: Float[np.ndarray, " trials"]) -> Float[np.ndarray, "trials arms"]:
        here = self.stratum[:, person]
        now = self.open[self.row, here]
        full = now.sum(1) <= 0
        size = self.sizes[(luck * len(self.sizes)).astype(int)]
        now[full] = (size[:, None] // self.each.sum() * self.each)[full]
        self.open[self.row, here] = now
        return now.copy()

    def add(self, person: int, arm: Int[np.ndarray, " trials"]) -> None:
        here = self.stratum[:, person]
        self.open[self.row, here, arm] = np.maximum(self.open[self.row, here, arm] - 1, 0)


class _Minimised:
    """Minimisation: the arm that would leave the factors' margins least apart is given with probability `best`.

    For arm a, sum over factors of the range over arms of (people at this person's level, with them in a) / ratio.
    Source: pocock1975.
    """

    def __init__(self, how: Allocation, each: Int[np.ndarray, " arms"], levels: Levels) -> None:
        factors, trials, _ = levels.shape
        self.levels, self.each, self.best = levels, each, how.best
        self.count: Float[np.ndarray, "factors trials levels arms"] = np.zeros(
            (factors, trials, int(levels.max(initial=0)) + 1, len(each))
        )
        self.factor: Int[np.ndarray, "factors 1"] = np.arange(factors)[:, None]
        self.trial: Int[np.ndarray, "1 trials"] = np.arange(trials)[None, :]

    def chances(self, person: int, luck: Float[np.ndarray, " trials"]) -> Float[np.ndarray, "trials arms"]:
        here = self.count[self.factor, self.trial, self.levels[:, :, person]]
        arms = len(self.each)
        apart = np.empty((here.shape[1], arms))
        for arm in range(arms):
            then = (here + np.eye(arms)[arm]) / self.each
            apart[:, arm] = (then.max(-1) - then.min(-1)).sum(0)
        near = np.abs(apart - apart.min(axis=1)[:, None]) < 1e-9
        least = np.where(near, self.each, 0).astype(float)
        rest = np.where(least > 0, 0, self.each)
        other = rest.sum(1, keepdims=True) > 0
        share = np.where(other, self.best, 1.0) * least / least.sum(1, keepdims=True)
        return share + np.where(
            other, (1 - self.best) * rest / np.maximum(rest.sum(1, keepdims=True), 1), 0.0
        )

    def add(self, person: int, arm: Int[np.ndarray, " trials"]) -> None:
        self.count[self.factor, self.trial, self.levels[:, :, person], arm[None, :]] += 1


def stratum_of(levels: Levels) -> Int[np.ndarray, "trials people"]:
    """One number for each combination of levels."""
    found = np.zeros(levels.shape[1:], int)
    for factor in levels:
        found = found * (int(factor.max(initial=0)) + 1) + factor
    return found
