"""Looked: trials that are looked at before their end, by the protocol's own analysis of the first people of every arm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.power.sequential import Bounds, Futility
from limen.analysis.power.sequential import bounds as bounds_at
from limen.design.operate import Run
from limen.design.reported import Reports, Stops, of_every_trial
from limen.design.smaller import fewer
from limen.protocol.model import InterimLooks
from limen.trial.plan import Plan

Whole = Callable[[Run, Sequence[str]], dict[str, Reports]]  # the reports of trials that nothing is decided in


def at_each_look(run: Run, looks: InterimLooks, names: Sequence[str], whole: Whole) -> dict[str, Reports]:
    """Each look is the protocol's analysis of the first people of every arm, whose z is that of its p-value."""
    plan = run.plan
    seen = [{at: max(2, round(share * arm.n)) for at, arm in enumerate(plan.arms)} for share in looks.at]
    at_looks = [whole(fewer(run, each), names) for each in seen]
    people = _enrolled(plan, looks, [sum(each.values()) for each in seen])
    bounds = looks_bounds(looks, plan.alpha, plan.sided)
    return {name: _stopped(run, [each[name] for each in at_looks], bounds, people) for name in names}


def _stopped(run: Run, found: list[Reports], bounds: Bounds, people: Int[np.ndarray, " looks"]) -> Reports:
    """The report of the look at which each trial stops, from those of every look."""
    last = len(found) - 1
    stopped, crossed = np.full(run.trials, -1), np.zeros(run.trials)
    for k, one in enumerate(found):
        z = one.z
        harm = -bounds.efficacy[k] if one.sided == 2 else -np.inf
        futile = z < (bounds.futility[k] if bounds.futility and k < last else -np.inf)
        crossing = np.where(z > bounds.efficacy[k], 1.0, np.where(z < harm, -1.0, 0.0))
        new = stopped[one.trials] < 0
        ends = new & ((crossing != 0) | futile | (k == last))
        stopped[one.trials[ends]], crossed[one.trials[ends]] = k, crossing[ends]
    trials = np.flatnonzero(stopped >= 0)
    look = stopped[trials]

    def there(column: str) -> Float[np.ndarray, "looks trials"]:
        return np.array([of_every_trial(run, one, getattr(one, column)) for one in found])[:, trials]

    end, end_se = (there(column)[last] for column in ("estimate", "se"))
    stops = Stops(run.plan.alpha, look, people[look], crossed[trials] > 0, crossed[trials] < 0, end, end_se)
    columns = ("estimate", "se", "df", "p", "within", "within_p")
    at_stop = {column: there(column)[look, np.arange(len(look))] for column in columns}
    return replace(found[-1], trials=trials, tried=run.trials, stops=stops, **at_stop)


def _enrolled(plan: Plan, looks: InterimLooks, analysed: list[int]) -> Int[np.ndarray, " looks"]:
    """People in the trial at each look: those whose outcome is in and, where it is said how many are recruited a week, those
    who are under way when the last of them is seen."""
    under_way = (looks.per_week or 0.0) * (plan.primary_week or plan.weeks)
    return np.minimum(np.array(analysed) + round(under_way), analysed[-1])


def looks_bounds(looks: InterimLooks, alpha: float, sided: int) -> Bounds:
    """The bounds for benefit of a test with one or two sides at `alpha`; futility does not bind, so it costs no level."""
    futility = Futility(z=looks.futility) if looks.futility else None
    return bounds_at(looks.at, alpha / sided, looks.spending, 1, futility)
