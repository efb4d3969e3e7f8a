"""Search: many designs of one protocol over the same trials of the same people, and the smallest that meets stated goals.

Every cell is simulated by the walk that answers a protocol, with the analysis it names. Trials of a smaller size are the
first people of those of the largest, so sizes cost nothing and differ by their people alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.estimate import t_quantile
from limen.analysis.registry import simulated_method
from limen.design.believe import update
from limen.design.dial import divided
from limen.design.judge import (
    SILENT,
    Measured,
    last_guesses,
    mean_over_trials,
    of_every_trial,
)
from limen.design.noise import quiet
from limen.design.operate import Given, Run, draw_parameters, operate
from limen.design.report import weekly_scenario
from limen.design.settle import Question, chances
from limen.design.smaller import between, thinned
from limen.design.vary import Axis, Varied, combinations, people_asked
from limen.design.whatifs import ALL, AS_BELIEVED, DEAD, JUDGED_BY, UNSEEN, Variant
from limen.engine.kept import kept
from limen.engine.runs import in_blocks
from limen.errors import LimenError
from limen.parameters import ParameterSet
from limen.protocol import Protocol
from limen.trial.plan import Plan, lay_out
from limen.trial.theta import theta

SIZED = "delta 0.4"
ASKED = (*JUDGED_BY, Variant(SIZED, ALL, 0.4))
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
    "enrolled": "people in a trial of a drug that does nothing when it stops, of those planned",
    "settles": "trials that settle the question about the drug",
    "wrong": "of what is settled, the share settled wrongly",
}
LESS = frozenset({"false", "false_unseen", "belief_adds", "bias", "guesses", "exits", "enrolled", "wrong"})


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
    own = lay_out(protocol, parameters)
    _can_be_searched(protocol, own)
    plans = [lay_out(cell.protocol, parameters) for cell in asked]
    beyond = [_beyond(cell) for cell in asked]
    drawn = draw_parameters(parameters, trials, seed)
    # Nothing that is varied bears on what is believed of the drug: neither compound nor illness nor outcome.
    given = Given(drawn, update(drawn, theta(drawn, own), own, parameters, seed).delta, ASKED)

    def work(numbers: Int[np.ndarray, " one"]) -> Float[np.ndarray, "one sizes measures 3"]:
        cell = int(numbers[0])
        if beyond[cell] is not None:
            return np.full((1, len(people), len(JUDGED), 3), np.nan)
        plan = _largest(plans[cell], people[-1])
        run = operate(plan, parameters, trials, plan.people, seed, workers, given=given)
        return np.array([_measured(run, people)])

    decides = (repr((protocol, axes)), dict(drawn.columns), seed, trials)
    values = in_blocks(work, len(asked), 1, tick, block=1, kept=kept("design", *decides))
    return [
        _design(cell, plans[i], size, values[i, j], beyond[i])
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


def _beyond(cell: Varied) -> str | None:
    """Why the trial model says nothing of a design."""
    record = cell.protocol.record
    highest = max((dose for arm in cell.protocol.active_arms for dose, _ in arm.dose_levels), default=0.0)
    return record.refused or record.beyond(highest)


def _largest(plan: Plan, people: int) -> Plan:
    """The plan with so many people in its two arms, and a method that analyses all its trials at once."""
    assert plan.control is not None
    n = dict(zip((plan.active, plan.control), _split(plan, people), strict=True))
    arms = tuple(replace(arm, n=n.get(at, arm.n)) for at, arm in enumerate(plan.arms))
    return replace(plan, arms=arms, method=simulated_method(plan.method))


def _split(plan: Plan, people: int) -> tuple[int, int]:
    """People in the active and in the control arm, in the protocol's own proportion."""
    assert plan.control is not None
    one, two = plan.arms[plan.active].n, plan.arms[plan.control].n
    return divided(people, people * one / (one + two))


def _measured(run: Run, people: tuple[int, ...]) -> list[list[Measured]]:
    control = run.plan.control
    assert control is not None
    thin = replace(run, records=thinned(run.records))
    return [_of(between(thin, control, _split(run.plan, size)), size) for size in people]


def _of(run: Run, people: int) -> list[Measured]:
    """The measures of one design, in the order of JUDGED. The drug's own effect is what the same trial finds more than with
    a drug that does nothing."""
    alpha = run.plan.alpha
    on, dead, unseen, sized = (weekly_scenario(run, name) for name in (AS_BELIEVED, DEAD, UNSEEN, SIZED))
    power, works, without, worth = (
        of_every_trial(run, r, r.favourable(alpha)) for r in (on, dead, unseen, sized)
    )
    found, bias = (of_every_trial(run, r, r.estimate) for r in (on, dead))
    own = found - bias
    half = of_every_trial(run, on, np.asarray(t_quantile(1.0 - alpha, on.df)) * on.se)
    right, away = last_guesses(run)
    by_trial = {
        "power": power,
        "power_0.4": worth,
        "false": works,
        "false_unseen": without,
        "belief_adds": works - without,
        "bias": bias,
        "coverage": np.where(np.isfinite(own + half), np.abs(found - own) <= half, np.nan),
        "guesses": right,
        "exits": away,
        "enrolled": np.full(run.trials, float(people))
        if dead.stops is None
        else of_every_trial(run, dead, dead.stops.people),
    }
    over_trials = {name: mean_over_trials(run, values) for name, values in by_trial.items()}
    return [*over_trials.values(), *_settled(run, own, bias, on.se_by_draw(run), people)]


def _settled(
    run: Run,
    own: Float[np.ndarray, " trials"],
    bias: Float[np.ndarray, " trials"],
    se: Float[np.ndarray, " draws"],
    people: int,
) -> list[Measured]:
    """What trials of this size settle, and how much of it wrongly; nothing where no difference is known to matter."""
    mcid = run.plan.mcid
    if mcid is None:
        return [SILENT, SILENT]
    drug, belief = (quiet(values, run.draw_of_trial, run.draws.count).draws for values in (own, bias))
    here = np.isfinite(belief + drug)
    chance, wrong = chances(Question(drug[here], belief[here], se[here], mcid, people), people)
    share = float(wrong.mean() / chance.mean()) if chance.any() else 0.0
    error = float(chance.std(ddof=1) / np.sqrt(chance.size))
    off = (wrong - share * chance).std(ddof=1) / max(float(chance.mean()), 1e-9) / np.sqrt(chance.size)
    return [(float(chance.mean()), error, chance.size), (share, float(off), chance.size)]


def _design(
    cell: Varied, plan: Plan, people: int, values: Float[np.ndarray, "measures 3"], beyond: str | None
) -> Design:
    found = {
        name: (float(v), float(e), int(n) if np.isfinite(n) else 0)
        for name, (v, e, n) in zip(JUDGED, values, strict=True)
    }
    weeks = plan.primary_week or plan.weeks
    return Design(cell.said, people, len(plan.days), float(weeks), found, beyond)


def smallest_design(found: Sequence[Design], wanted: Sequence[Goal]) -> tuple[Design | None, list[Design]]:
    """The design with the fewest people (then doses) that meets every goal beyond twice its error, and those with no
    more people than it of which the simulation cannot tell."""
    order = sorted((d for d in found if d.beyond is None), key=lambda d: (d.people, d.doses))
    sure = next((d for d in order if d.meets(wanted)), None)
    open_ = [d for d in order if d.meets(wanted) is None and (sure is None or d.people <= sure.people)]
    return sure, open_
