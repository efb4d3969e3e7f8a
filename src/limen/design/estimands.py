"""What the trials of a plan are truly about: each estimand's value in the model, by what is made of intercurrent events (ICH E9 R1).

Intercurrent events are stopping the drug, a rescue antidepressant, and leaving (for effects that tell the arm, or otherwise);
of these only leaving makes scores missing. The true value of each estimand is a mean over many people under one draw of the
parameters, those of the trials among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from limen.analysis.estimator import change, options
from limen.analysis.registry import estimator
from limen.analysis.responders import responded
from limen.design.operate import Given, Run, operate
from limen.design.whatifs import AS_BELIEVED, WHAT_IFS
from limen.errors import LimenError
from limen.results import aligned

AS_ANALYSED = "as analysed"
MEANS = {
    "treatment policy": "everybody's score, whatever happened: off the drug, on a rescue, and after leaving (then without the drug)",
    "hypothetical": "had nobody stopped, been rescued or left",
    "composite": "the share of responders, stopping, rescue and leaving being no response",
    AS_ANALYSED: "what the protocol's own analysis estimates, by its method and `analysis.estimand`, had what it lacks been seen",
}


@dataclass(frozen=True)
class Truth:
    """One estimand at the visit of interest: its value under each draw of the parameters, a difference between the active arm and
    its control (points of the scale, or a share), with the Monte Carlo error of each."""

    estimand: str
    by_draw: Float[np.ndarray, " draws"]
    error: Float[np.ndarray, " draws"]

    @property
    def mean(self) -> float:
        return float(self.by_draw.mean())

    @property
    def mean_error(self) -> float:
        """Monte Carlo error of the mean over these draws."""
        return float(np.sqrt((self.error**2).sum())) / len(self.error)


@dataclass(frozen=True)
class Estimands:
    """Every estimand's truth; shares of each arm that had an event by the visit of interest, over all draws; `people` a draw."""

    truths: tuple[Truth, ...]
    events: dict[str, dict[str, float]]
    arms: tuple[str, str]
    people: int

    def lines(self) -> list[str]:
        head = ["estimand", f"true {' - '.join(self.arms)}", "Monte Carlo error", "SD over trials"]
        rows = [
            [one.estimand, f"{one.mean:.3f}", f"{one.mean_error:.3f}", f"{one.by_draw.std(ddof=1):.3f}" if len(one.by_draw) > 1 else "-"]
            for one in self.truths
        ]  # fmt: skip
        names = list(next(iter(self.events.values())))
        had = [
            [arm, *(f"{100 * share:.1f}%" for share in shares.values())]
            for arm, shares in self.events.items()
        ]
        means = [f"{name}: {MEANS[name]}" for name in MEANS]
        return [*aligned(head, rows, left=1), f"from {self.people} people for each trial's parameters; {'; '.join(means)}", "",
                *aligned(["by the visit of interest", *names], had, left=1)]  # fmt: skip

    def document(self) -> dict[str, Any]:
        return {
            "comparison": list(self.arms), "people": self.people, "events": self.events,
            "truths": [{"estimand": one.estimand, "means": MEANS[one.estimand], "mean": one.mean, "error": one.mean_error,
                        "by_trial": one.by_draw.tolist(), "errors": one.error.tolist()} for one in self.truths],
        }  # fmt: skip


def estimands(run: Run, people: int, tick: Callable[[int], None] | None = None) -> Estimands:
    """The truth of each estimand under the draws of a run, from `people` a draw, the run's own among them. Raises LimenError for
    a plan without a weekly score or without a control."""
    plan = run.plan
    if plan.model is None or plan.control is None:
        lacks = "a control arm" if plan.model is not None else "an outcome with a model of weekly scores"
        raise LimenError("no estimand of this protocol has a true value", remedy=f"give it {lacks}")
    believed = tuple(what for what in WHAT_IFS if what.name == AS_BELIEVED)
    given = Given(what_ifs=believed)
    many = operate(plan, run.parameters, run.draws.count, people, run.seed, tick=tick, given=given)
    return truths(many)


def truths(run: Run) -> Estimands:
    """The estimands of a run of many people a draw."""
    data, r = run.data(), run.records
    how = options(data, 0.95)
    sign = -1.0 if data.higher_is_better else 1.0  # records are severities
    there = np.isfinite(run.under(AS_BELIEVED, r.primary))
    treated, stayed, untouched = (
        sign * run.under(AS_BELIEVED, x) for x in (r.whole, r.stayed, r.before_leaving)
    )
    week = data.primary_week
    events = {
        "stopped the drug": _by(r.stopped, week),
        "rescue antidepressant": _by(r.rescued, week),
        "left for effects": data.left_for_effects & ~there,
        "left otherwise": ~data.left_for_effects & ~there,
    }
    spared = there & ~_by(run.under(AS_BELIEVED, r.changed), week)
    came = np.asarray(responded(treated, data.baseline, how.best, how.responder)) > 0
    worst = sum(data.bounds) - how.best
    seen_as = {
        "treatment policy": stayed,
        "hypothetical": untouched,
        "composite": np.where(spared, treated, worst),
    }
    value = change if data.crossover else estimator(run.plan.method).value
    values = {
        "treatment policy": treated - data.baseline,
        "hypothetical": untouched - data.baseline,
        "composite": (came & spared).astype(float),
        AS_ANALYSED: value(seen_as[data.estimand], data.baseline, how),
    }
    active, control = data.active, int(data.control or 0)
    found = tuple(Truth(name, *_difference(run, value, active, control)) for name, value in values.items())
    shares = {
        data.arms[arm]: {name: float(had[data.arm == arm].mean()) for name, had in events.items()}
        for arm in (active, control)
    }
    size = round(len(data.arm) / run.draws.count)
    return Estimands(found, shares, (data.arms[active], data.arms[control]), size)


def _by(begins: object, week: int) -> Bool[np.ndarray, " people"]:
    at = np.asarray(begins)
    return (at > 0) & (at <= week)


def _difference(
    run: Run, value: Float[np.ndarray, " people"], active: int, control: int
) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"]]:
    """Mean difference by draw and its Monte Carlo error."""
    count = run.draws.count
    sides = list[tuple[np.ndarray, np.ndarray]]()
    for arm in (active, control):
        rows = run.arm == arm
        draw, mine = run.draw[rows], value[rows]
        n = np.bincount(draw, minlength=count)
        mean = np.bincount(draw, mine, count) / n
        spread = np.bincount(draw, (mine - mean[draw]) ** 2, count) / (n - 1)
        sides.append((mean, spread / n))
    (one, one_error), (other, other_error) = sides
    return one - other, np.sqrt(one_error + other_error)
