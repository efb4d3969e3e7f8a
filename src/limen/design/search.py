"""Search: many designs of one protocol over the same trials of the same people, and the smallest that meets stated goals.

Every cell is simulated by the walk that answers a protocol, with the analysis it names. Trials of a smaller size are the
first people of those of the largest, so sizes cost nothing and differ by their people alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.estimate import t_quantile
from limen.analysis.registry import estimator
from limen.compounds import compound
from limen.design.believe import update
from limen.design.noise import quiet
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import Reports, weekly_scenario
from limen.design.settle import Question, chances
from limen.design.turn import Measured, between, last_guesses, mean_over_trials
from limen.design.vary import Axis, Varied, combinations, people_asked
from limen.design.whatifs import ALL, AS_BELIEVED, Variant
from limen.engine.kept import kept
from limen.engine.runs import in_blocks
from limen.errors import LimenError
from limen.parameters import ParameterSet
from limen.protocol import Protocol
from limen.trial.plan import Plan, lay_out
from limen.trial.theta import theta

DEAD, UNSEEN, SIZED = "course + belief", "course", "delta 0.4"
ASKED = (
    Variant(AS_BELIEVED, ALL),
    Variant(DEAD, frozenset({"course", "belief"})),
    Variant(UNSEEN, frozenset({"course"})),
    Variant(SIZED, ALL, 0.4),
)
# Measure -> what it is. Shares of trials, of people, and points of the scale, benefit positive.
JUDGED = {
    "power": "significant benefit in a trial, averaged over what is believed of the drug (assurance)",
    "power_0.4": "significant benefit if the drug is worth 0.4 SD",
    "false": "significant benefit of a drug that does nothing",
    "false_unseen": "the same with belief switched off",
    "belief_adds": "what belief adds to it, in the same trials",
    "bias": "mean difference found of a drug that does nothing",
    "coverage": "intervals that hold the drug's own effect",
    "guesses": "last guesses that are right, of those made",
    "exits": "people who left before the primary outcome",
    "settles": "trials that settle the question about the drug",
    "wrong": "of what is settled, the share settled wrongly",
}
LESS = frozenset({"false", "false_unseen", "belief_adds", "bias", "guesses", "exits", "wrong"})
SILENT: Measured = (np.nan, np.nan, 0)


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
    Carlo standard error, trials), and why limen says nothing of it (`beyond`), if it does not."""

    said: Mapping[str, str]
    people: int
    doses: int
    weeks: float
    found: Mapping[str, Measured]
    beyond: str | None = None

    def meets(self, goals: Sequence[Goal]) -> bool | None:
        """Whether every goal is met; None where one is within twice its error."""
        met = [goal.met(self.found[goal.measure]) for goal in goals]
        return False if self.beyond or False in met else None if None in met else True


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
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
) -> list[Design]:
    """Every design of the axes, a `tick` for each combination but its size. Within `resumable` it goes on where it stood.

    Raises LimenError for a protocol that compares nothing, or whose primary outcome has no score model.
    """
    asked, people = combinations(protocol, axes), people_asked(protocol, axes)
    _can_be_searched(protocol, lay_out(protocol, parameters))
    drawn = draw_parameters(parameters, trials, seed)

    def work(numbers: Int[np.ndarray, " one"]) -> Float[np.ndarray, "one sizes measures 3"]:
        cell = asked[int(numbers[0])]
        plan = lay_out(cell.protocol, parameters)
        if _beyond(cell, plan) is not None:
            return np.full((1, len(people), len(JUDGED), 3), np.nan)
        return np.array([_measured(_run(plan, drawn, parameters, people, seed, workers), people)])

    decides = (repr((protocol, axes)), dict(drawn.columns), seed, trials)
    values = in_blocks(work, len(asked), 1, tick, block=1, kept=kept("design", *decides))
    return [
        _design(cell, lay_out(cell.protocol, parameters), size, values[i, j])
        for i, cell in enumerate(asked)
        for j, size in enumerate(people)
    ]


def _can_be_searched(protocol: Protocol, plan: Plan) -> None:
    if plan.control is None:
        raise LimenError(f"{protocol.name} compares the drug with nothing", remedy="give it a control arm")
    if plan.model is None:
        raise LimenError(
            f"{protocol.name} has no score over weeks as its primary outcome: {plan.outcome}",
            remedy="`limen turn` and `limen answer` say what is known of ratings on dosing days",
        )


def _beyond(cell: Varied, plan: Plan) -> str | None:
    record = compound(plan.compound)
    highest = max((dose for arm in cell.protocol.active_arms for dose, _ in arm.dose_levels), default=0.0)
    return record.refused or record.beyond(highest)


def _run(
    plan: Plan, drawn: Any, parameters: ParameterSet, people: tuple[int, ...], seed: int, workers: int
) -> Run:
    """One run of the largest size, its two arms divided as the protocol divides them."""
    assert plan.control is not None
    belief = update(drawn, theta(drawn, plan), plan, parameters, seed)
    most = divided(plan, people[-1])
    pair = (plan.active, plan.control)
    arms = tuple(
        replace(arm, n=most[pair.index(at)]) if at in pair else arm for at, arm in enumerate(plan.arms)
    )
    method = plan.method if estimator(plan.method).many else "ancova"
    sized = replace(plan, arms=arms, method=method)
    return operate(
        sized, parameters, drawn.count, sized.people, seed, workers, given=Given(drawn, belief.delta, ASKED)
    )


def divided(plan: Plan, people: int) -> tuple[int, int]:
    """People in the active and in the control arm, in the protocol's own proportion, two at least in each."""
    assert plan.control is not None
    one, two = plan.arms[plan.active].n, plan.arms[plan.control].n
    first = min(max(round(people * one / (one + two)), 2), people - 2)
    return first, people - first


def _measured(run: Run, people: tuple[int, ...]) -> list[list[Measured]]:
    control = run.plan.control
    assert control is not None
    return [_of(between(run, control, divided(run.plan, size)), size) for size in people]


def _of(run: Run, people: int) -> list[Measured]:
    """The measures of one design, in the order of JUDGED."""
    alpha = run.plan.alpha
    on, dead, unseen, sized = (weekly_scenario(run, name) for name in (AS_BELIEVED, DEAD, UNSEEN, SIZED))
    works, without = _hits(run, dead, alpha), _hits(run, unseen, alpha)
    bias, covered = _every(run, dead, dead.estimate), _covered(run, on, dead, alpha)
    right, away = last_guesses(run)
    by_trial = {
        "power": _hits(run, on, alpha),
        "power_0.4": _hits(run, sized, alpha),
        "false": works,
        "false_unseen": without,
        "belief_adds": works - without,
        "bias": bias,
        "coverage": covered,
        "guesses": right,
        "exits": away,
    }
    found = {name: mean_over_trials(run, values) for name, values in by_trial.items()}
    return [*found.values(), *_settled(run, on, dead, people)]


def _every(run: Run, reports: Reports, values: Any) -> Float[np.ndarray, " trials"]:
    """A column of reports with a place for every trial; NaN where a trial could not be analysed."""
    every = np.full(run.trials, np.nan)
    every[reports.trials] = values
    return every


def _hits(run: Run, reports: Reports, alpha: float) -> Float[np.ndarray, " trials"]:
    return _every(run, reports, reports.favourable(alpha))


def _covered(run: Run, on: Reports, dead: Reports, alpha: float) -> Float[np.ndarray, " trials"]:
    """Whether the interval of a trial holds the drug's own effect: what the same trial finds more than with a drug that
    does nothing."""
    own = _every(run, on, on.estimate) - _every(run, dead, dead.estimate)
    half = _every(run, on, np.asarray(t_quantile(1.0 - alpha, on.df)) * on.se)
    inside = np.abs(_every(run, on, on.estimate) - own) <= half
    return np.where(np.isfinite(own + half), inside, np.nan)


def _settled(run: Run, on: Reports, dead: Reports, people: int) -> list[Measured]:
    """What trials of this size settle, and how much of it wrongly; nothing where no difference is known to matter."""
    mcid = run.plan.mcid
    if mcid is None:
        return [SILENT, SILENT]
    count, draw = run.draws.count, run.draw_of_trial
    belief = quiet(_every(run, dead, dead.estimate), draw, count).draws
    drug = quiet(_every(run, on, on.estimate) - _every(run, dead, dead.estimate), draw, count).draws
    here = np.isfinite(belief + drug)
    question = Question(drug[here], belief[here], on.se_by_draw(run)[here], mcid, people)
    chance, wrong = chances(question, people)
    share = float(wrong.mean() / chance.mean()) if chance.any() else 0.0
    error = float(chance.std(ddof=1) / np.sqrt(chance.size))
    off = (wrong - share * chance).std(ddof=1) / max(float(chance.mean()), 1e-9) / np.sqrt(chance.size)
    return [(float(chance.mean()), error, chance.size), (share, float(off), chance.size)]


def _design(cell: Varied, plan: Plan, people: int, values: Float[np.ndarray, "measures 3"]) -> Design:
    found = {
        name: (float(v), float(e), int(n) if np.isfinite(n) else 0)
        for name, (v, e, n) in zip(JUDGED, values, strict=True)
    }
    weeks = plan.primary_week or plan.weeks
    return Design(cell.said, people, len(plan.days), float(weeks), found, _beyond(cell, plan))


def smallest_design(found: Sequence[Design], wanted: Sequence[Goal]) -> tuple[Design | None, list[Design]]:
    """The design with the fewest people (then doses) that meets every goal beyond twice its error, and those with no
    more people than it of which the simulation cannot tell."""
    order = sorted((d for d in found if d.beyond is None), key=lambda d: (d.people, d.doses))
    sure = next((d for d in order if d.meets(wanted)), None)
    open_ = [d for d in order if d.meets(wanted) is None and (sure is None or d.people <= sure.people)]
    return sure, open_
