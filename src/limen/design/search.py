"""Search: many designs of one protocol over the same trials of the same people, and the smallest that meets stated goals.

Every cell is simulated by the walk that answers a protocol, with the analysis it names. Trials of a smaller size are the
first people of those of the largest, so sizes cost nothing and differ by their people alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.registry import simulated_method
from limen.design.adaptive import contenders, ends_of
from limen.design.believe import update
from limen.design.judge import Measured
from limen.design.measures import (
    ASKED,
    ENDS,
    JUDGED,
    LESS,
    LOOKED_UNDER,
    SETTLING,
    LookEnds,
    looks_of,
    of_design,
)
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.settle import first
from limen.design.smaller import fewer
from limen.design.vary import Axis, Varied, combinations, people_asked
from limen.engine.kept import Kept, kept
from limen.engine.runs import in_blocks
from limen.errors import LimenError
from limen.parameters import ParameterSet
from limen.protocol import Protocol
from limen.trial.plan import Plan, lay_out
from limen.trial.theta import theta


@dataclass(frozen=True)
class Goal:
    """A measure and the value it must reach, or must not exceed."""

    measure: str
    value: float

    @property
    def less(self) -> bool:
        return self.measure in LESS

    def met(self, found: Measured) -> bool | None:
        """True or False beyond twice the Monte Carlo error, None within it."""
        value, error, trials = found
        if not trials or not isfinite(value):
            return False
        # No hit among few trials is not a share of zero: one more trial could have been one.
        beyond = (self.value - value if self.less else value - self.value) / max(error, 1 / trials)
        return None if abs(beyond) < 2 else beyond > 0


@dataclass(frozen=True)
class Design:
    """One design: what was varied as it is written, people in both arms, doses, weeks, the measures by name (value, Monte
    Carlo standard error, trials), why limen says nothing of it (`beyond`), if it does not, what ends at each of its `looks`, and
    the `visits` of each person."""

    said: Mapping[str, str]
    people: int
    doses: int
    weeks: float
    found: Mapping[str, Measured]
    beyond: str | None = None
    looks: tuple[LookEnds, ...] = ()
    visits: int = 0

    def row(self) -> dict[str, Any]:
        """What was varied, people, doses, weeks, each measure with its Monte Carlo standard error; None where there is none."""
        measures = {
            key: None if number != number else number
            for name, (value, error, _) in self.found.items()
            for key, number in ((name, value), (f"{name}_se", error))
        }
        return {**self.said, "people": self.people, "doses": self.doses, "weeks": self.weeks, **measures}

    def meets(self, goals: Sequence[Goal]) -> bool | None:
        """Whether every goal is met; None where one is within twice its error."""
        met = [goal.met(self.found[goal.measure]) for goal in goals]
        return False if self.beyond or False in met else None if None in met else True


CellMeaning = Callable[[int, Float[np.ndarray, "sizes measures 3"]], list[Design]]


class Elsewhere(ABC):
    """Machines that compute cells in the place of this one."""

    @abstractmethod
    def blocks(
        self,
        cells: SearchCells,
        count: int,
        tick: Callable[[int], None] | None,
        before: Kept | None,
        found: CellMeaning,
    ) -> Float[np.ndarray, "cells sizes measures 3"]:
        """All cells, in order; `before` are those that a run that was ended has kept, `found` what a cell's measures mean."""


def goal(text: str) -> Goal:
    """`power=0.8`, `false=0.06`, or `settle`: settled by 80% of trials, at most 5% of that wrongly."""
    name, _, value = (part.strip() for part in text.partition("="))
    if name not in JUDGED:
        raise LimenError(f"{text!r} is no goal", remedy=f"write one of {', '.join(JUDGED)} with =VALUE")
    try:
        asked = float(value)
    except ValueError:
        asked = float("nan")
    if not isfinite(asked):
        raise LimenError(f"the goal {text!r} has no value", remedy=f"write {name}=0.8, for example")
    return Goal(name, asked)


def goals(texts: Sequence[str]) -> tuple[Goal, ...]:
    """Every goal; `settle` stands for two."""
    found: list[Goal] = []
    for text in texts:
        found += [Goal("settles", 0.8), Goal("wrong", 0.05)] if text.strip() == "settle" else [goal(text)]
    return tuple(found)


def search(
    protocol: Protocol,
    axes: tuple[Axis, ...],
    parameters: ParameterSet,
    trials: int,
    seed: int,
    workers: int | Elsewhere = 2,
    tick: Callable[[int], None] | None = None,
    wanted: Sequence[Goal] = (),
) -> list[Design]:
    """Every design of the axes, a `tick` for each combination but its size. Within `resumable` it goes on where it stood.
    `workers` are threads of this machine, or other machines; the bits hang on neither.
    Where sizes are `n=first:last` only those are looked at that bisection needs to find the smallest that is `wanted`.

    Raises LimenError for a protocol that compares nothing, or whose primary outcome has no score model.
    """
    cells = _cells(protocol, axes, parameters, trials, seed, wanted)

    def found(cell: int, values: Float[np.ndarray, "sizes measures 3"]) -> list[Design]:
        beyond = cells.beyond[cell]
        each = zip(cells.people, values, strict=True)
        return [
            _design(cells.asked[cell], cells.plans[cell], size, one, beyond)
            for size, one in each
            if beyond is not None or np.isfinite(one).any()
        ]

    drawn = cells.given.draws
    decides = (
        repr((protocol, axes, cells.bisected)),
        {} if drawn is None else dict(drawn.columns),
        seed,
        trials,
    )
    before, count = kept("design", *decides), len(cells.asked)
    if isinstance(workers, int):
        values = in_blocks(partial(cells, workers=workers), count, 1, tick, block=1, kept=before)
    else:
        values = workers.blocks(cells, count, tick, before, found)
    return [design for cell in range(count) for design in found(cell, values[cell])]


@dataclass(frozen=True)
class SearchCells:
    """What decides every cell of a search: called with the number of one, it gives the measures of each of its sizes."""

    asked: Sequence[Varied]
    people: tuple[int, ...]
    plans: Sequence[Plan]
    beyond: Sequence[str | None]
    parameters: ParameterSet
    trials: int
    seed: int
    given: Given
    bisected: tuple[Goal, ...] | None

    def __call__(
        self, numbers: Int[np.ndarray, " one"], workers: int = 1
    ) -> Float[np.ndarray, "one sizes measures 3"]:
        cell, people = int(numbers[0]), self.people
        most = max(len(ends_of(plan)) for plan in self.plans)
        if self.beyond[cell] is not None:
            return np.full((1, len(people), len(JUDGED) + most * len(LOOKED_UNDER) * len(ENDS), 3), np.nan)
        plan = _largest(self.plans[cell], people[-1])
        run = operate(plan, self.parameters, self.trials, plan.people, self.seed, workers, given=self.given)
        sizes = [(size, _people_of(self.plans[cell], size)) for size in people]
        return np.array([_measured(run, sizes, most, self.bisected)])


def _cells(
    protocol: Protocol,
    axes: tuple[Axis, ...],
    parameters: ParameterSet,
    trials: int,
    seed: int,
    wanted: Sequence[Goal],
) -> SearchCells:
    asked, people = combinations(protocol, axes), people_asked(protocol, axes)
    own = lay_out(protocol, parameters)
    _can_be_searched(protocol, own, wanted)
    plans = [lay_out(cell.protocol, parameters) for cell in asked]
    drawn = draw_parameters(parameters, trials, seed)
    # Nothing that is varied bears on what is believed of the drug: neither compound nor illness nor outcome.
    given = Given(drawn, update(drawn, theta(drawn, own), own, parameters, seed).delta, ASKED, whole=False)
    bisected = tuple(g for g in wanted if not g.less) if _searched(axes, wanted) else None
    beyond = [_beyond(cell) for cell in asked]
    return SearchCells(asked, people, plans, beyond, parameters, trials, seed, given, bisected)


def _searched(axes: tuple[Axis, ...], wanted: Sequence[Goal]) -> bool:
    """Whether the size is searched for. Raises LimenError where there is no goal that more people bring nearer."""
    searched = any(a.searched for a in axes)
    if searched and all(g.less for g in wanted):
        raise LimenError(
            "a size is searched for without a goal that more people bring nearer",
            remedy="add --goal power=0.8 or --goal settle; or give a step: --vary n=20:200:20",
        )
    return searched


def _can_be_searched(protocol: Protocol, plan: Plan, wanted: Sequence[Goal]) -> None:
    if plan.control is None:
        raise LimenError(f"{protocol.name} compares the drug with nothing", remedy="give it a control arm")
    if plan.model is None:
        raise LimenError(
            f"{protocol.name} has no score over weeks as its primary outcome: {plan.outcome}",
            remedy="`limen turn` and `limen answer` say what is known of ratings on dosing days",
        )
    if plan.drop is not None and any(goal.measure in (*SETTLING, "coverage") for goal in wanted):
        raise LimenError(
            "what settles the question is not counted where arms are dropped on the way",
            remedy="ask for power=0.8 or false=0.06, or leave analysis.drop out",
        )
    if plan.mcid is None and any(goal.measure in SETTLING for goal in wanted):
        raise LimenError(
            f"no difference in {plan.outcome} is known to matter to patients, so nothing settles whether the drug makes it",
            remedy="add mcid and mcid_source to the primary outcome, or leave the goal out",
        )


def _beyond(cell: Varied) -> str | None:
    """Why the trial model says nothing of a design."""
    record = cell.protocol.record
    highest = max((dose for arm in cell.protocol.active_arms for dose, _ in arm.dose_levels), default=0.0)
    return record.refused or record.beyond(highest)


def _largest(plan: Plan, people: int) -> Plan:
    """The plan with so many people in the arms that are compared, and a method that analyses all its trials at once."""
    n = _people_of(plan, people)
    arms = tuple(replace(plan.arms[at], n=people if plan.crossover else n[at], first=n[at]) for at in n)
    pair = list(n).index(plan.active), None if plan.control is None else list(n).index(plan.control)
    return replace(plan, arms=arms, compared=pair, method=simulated_method(plan.method))


def _people_of(plan: Plan, people: int) -> dict[int, int]:
    """People of each arm that is compared by its number, in the protocol's own proportion; of a crossover, those who begin in
    each of its arms."""
    assert plan.control is not None
    arms = list(range(len(plan.arms)))
    if not plan.crossover:
        arms = sorted((*contenders(plan), plan.control))
    own = [plan.arms[at].first if plan.crossover else plan.arms[at].n for at in arms]
    ends = [round(people * sum(own[: at + 1]) / sum(own)) for at in range(len(own))]
    each = [end - start for start, end in pairwise([0, *ends])]
    if not plan.crossover:
        each = [max(n, 2) for n in each]
        each[each.index(max(each))] -= sum(each) - people
    return dict(zip(arms, each, strict=True))


def _measured(
    run: Run, sizes: Sequence[tuple[int, dict[int, int]]], most: int, bisected: Sequence[Goal] | None
) -> Float[np.ndarray, "sizes measures 3"]:
    """The measures of every size (people in all, and in each arm of the protocol), or of those that bisection looks at: NaN for
    the others."""
    shown: dict[int, Float[np.ndarray, "measures 3"]] = {}

    def at(number: int) -> Float[np.ndarray, "measures 3"]:
        if number not in shown:
            people, each = sizes[number]
            shown[number] = of_design(fewer(run, dict(enumerate(each.values()))), people, most)
        return shown[number]

    if bisected is None:
        return np.array([at(number) for number in range(len(sizes))])

    def met(number: int) -> bool | None:
        found = _by_name(at(number))
        each = [goal.met(found[goal.measure]) for goal in bisected]
        return False if False in each else None if None in each else True

    first(len(sizes), lambda number: met(number) is True)
    first(len(sizes), lambda number: met(number) is not False)
    silent = np.full_like(next(iter(shown.values())), np.nan)
    return np.array([shown.get(number, silent) for number in range(len(sizes))])


def _design(
    cell: Varied, plan: Plan, people: int, values: Float[np.ndarray, "measures 3"], beyond: str | None
) -> Design:
    weeks = plan.primary_week or plan.weeks
    at_looks = () if beyond else tuple(looks_of(ends_of(plan), values[len(JUDGED) :]))
    visits = len(plan.visit_weeks)
    return Design(cell.said, people, len(plan.days), float(weeks), _by_name(values), beyond, at_looks, visits)


def _by_name(values: Float[np.ndarray, "measures 3"]) -> dict[str, Measured]:
    return {
        name: (float(v), float(e), int(n) if np.isfinite(n) else 0)
        for name, (v, e, n) in zip(JUDGED, values, strict=False)
    }


def smallest_design(found: Sequence[Design], wanted: Sequence[Goal]) -> tuple[Design | None, list[Design]]:
    """The design with the fewest people (then doses) that meets every goal beyond twice its error, and those with no
    more people than it of which the simulation cannot tell."""
    order = sorted((d for d in found if d.beyond is None), key=lambda d: (d.people, d.doses))
    sure = next((d for d in order if d.meets(wanted)), None)
    open_ = [d for d in order if d.meets(wanted) is None and (sure is None or d.people <= sure.people)]
    return sure, open_
