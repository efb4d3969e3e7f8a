"""Adaptive: trials whose size is decided anew on the way, or whose arms are, with the test that keeps the level.

Stages share nobody: the second is the protocol's analysis of those who come after the look. Both are read from the trials of the
largest size, so what people notice, believe and guess is in every stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtr, ndtri

from limen.analysis.ancova import least_squares
from limen.analysis.estimand import as_asked
from limen.analysis.power.adaptive import Sizes, best_of, combine, for_variance
from limen.design.looked import Whole
from limen.design.operate import Run
from limen.design.reported import Reports, Stops, of_every_trial
from limen.design.smaller import fewer
from limen.protocol.adaptive import Drop, Resize
from limen.trial.data import ACTIVE_KINDS, TrialData
from limen.trial.plan import KIND_NAMES, Plan

COLUMNS = ("estimate", "se", "df", "p", "within", "within_p")


def contenders(plan: Plan) -> tuple[int, ...]:
    """Arms of which one is kept: all that give the drug, but the control; the one in question where none is dropped."""
    if plan.drop is None:
        return (plan.active,)
    active = (at for at, arm in enumerate(plan.arms) if KIND_NAMES[arm.kind] in ACTIVE_KINDS)
    return tuple(at for at in active if at != plan.control)


def ends_of(plan: Plan) -> tuple[tuple[str, float], ...]:
    """Where a trial may end, in words, and the share of its people by then: its looks, the sizes it may go on to, or its arms
    of which one is kept. Empty where nothing is decided on the way."""
    if plan.looks is not None:
        return tuple((f"look {k + 1}", at) for k, at in enumerate(plan.looks.at))
    if plan.resize is not None:
        return tuple((f"size {k + 1}", size) for k, size in enumerate(plan.resize.sizes))
    return () if plan.drop is None else tuple((plan.arms[at].name, 1.0) for at in contenders(plan))


def people_at(plan: Plan, share: float) -> dict[int, int]:
    """People in each arm by number when this share of them is there."""
    return {at: max(2, round(share * arm.n)) for at, arm in enumerate(plan.arms)}


def rule(how: Resize, plan: Plan) -> Sizes:
    """The promising zone of a plan, in shares of its largest size."""
    critical = -float(ndtri(plan.alpha / plan.sided))
    return Sizes(how.at, how.sizes, how.power, how.above, critical, how.test == "combination")


def resized(run: Run, how: Resize, names: Sequence[str], whole: Whole) -> dict[str, Reports]:
    """Each trial at the size that it goes on to; the p-value is that of the test that keeps the level."""
    plan, seen = run.plan, people_at(run.plan, how.at)
    first, zone = fewer(run, seen), rule(how, run.plan)
    each = [people_at(plan, size) for size in how.sizes]
    ends = [whole(fewer(run, people), names) for people in each]
    if how.by == "variance":
        sizes = {
            name: for_variance(blinded(first.data(name)), (how.sd or 1.0) ** 2, how.sizes) for name in names
        }
        return {name: _ended(run, sizes[name], [end[name] for end in ends], each, None) for name in names}
    looked = whole(first, names)
    z = {name: of_every_trial(run, looked[name], looked[name].z) for name in names}
    sizes = {name: zone.chosen(np.nan_to_num(z[name])) for name in names}
    combined: dict[str, Float[np.ndarray, "sizes trials"] | None] = dict.fromkeys(names)
    if zone.combined:
        after = [whole(fewer(run, people, after=seen), names) for people in each]
        second = {n: [of_every_trial(run, one[n], one[n].z) for one in after] for n in names}
        combined = {n: np.array([combine(z[n], late, zone.weight) for late in second[n]]) for n in names}
    return {n: _ended(run, sizes[n], [end[n] for end in ends], each, combined[n]) for n in names}


def blinded(data: TrialData) -> Float[np.ndarray, " trials"]:
    """Residual variance of the primary score given baseline, over all arms together: nobody is unblinded. An effect between
    the arms is in it."""
    data = as_asked(data)
    y, x = data.by_trial(data.primary), data.by_trial(data.baseline)
    seen = np.isfinite(y) & np.isfinite(x)
    count = seen.sum(1)
    middle = np.where(seen, x, 0.0).sum(1, keepdims=True) / np.maximum(count, 1)[:, None]
    columns = np.where(seen[..., None], np.stack([np.ones_like(x), x - middle], -1), 0.0)
    y = np.where(seen, y, 0.0)
    beta, _, df = least_squares(columns, y, count)
    residual = np.where(seen, y - np.einsum("tpc,tc->tp", columns, beta), 0.0)
    return (residual**2).sum(1) / np.maximum(df, 1)


def _ended(
    run: Run,
    size: Int[np.ndarray, " trials"],
    ends: Sequence[Reports],
    people: Sequence[Mapping[int, int]],
    combined: Float[np.ndarray, "sizes trials"] | None,
) -> Reports:
    """The report of the size that each trial went on to; `combined` is the z that decides, where it is not that of all data."""
    every = np.arange(run.trials)
    count = np.array([sum(each.values()) for each in people])[size]
    own = _columns(run, ends)
    at = {name: values[size, every] for name, values in own.items()}
    z = (
        np.array([of_every_trial(run, one, one.z) for one in ends])[size, every]
        if combined is None
        else combined[size, every]
    )
    at["p"] = p_of(z, run.plan.sided)
    last = own["estimate"][-1], own["se"][-1]
    return _report(run, ends[-1], at, z, size, count, last)


def dropped(run: Run, how: Drop, names: Sequence[str], whole: Whole) -> dict[str, Reports]:
    """Each trial in the arm that was best at the look and the control. The level is kept over all arms: the first stage counts
    with the p-value of the best of so many (Dunnett), the second with its own, combined by the inverse normal method."""
    plan, control = run.plan, run.plan.control
    assert control is not None
    arms = contenders(plan)
    n, seen = plan.arms[arms[0]].n, people_at(plan, how.at)
    ratio = plan.arms[control].n / n

    def pairs(share: Mapping[int, int], after: Mapping[int, int] | None = None) -> list[dict[str, Reports]]:
        pair = [{arm: share[arm], control: share[control]} for arm in arms]
        return [
            whole(fewer(run, two, (arm, control), after), names) for arm, two in zip(arms, pair, strict=True)
        ]

    all_of = people_at(plan, 1.0)
    first, second, ends = pairs(seen), pairs(all_of, seen), pairs(all_of)
    people = sum(seen[arm] for arm in arms) + n - seen[arms[0]] + all_of[control]
    found: dict[str, Reports] = {}
    for name in names:
        z1, z2 = (
            np.array([of_every_trial(run, one[name], one[name].z) for one in stage])
            for stage in (first, second)
        )
        best, every = np.nan_to_num(z1, nan=-np.inf).argmax(0), np.arange(run.trials)
        adjusted = -ndtri(np.clip(best_of(z1[best, every], len(arms), ratio), 1e-300, 1 - 1e-16))
        z = combine(adjusted, z2[best, every], how.at)
        own = _columns(run, [end[name] for end in ends])
        at = {column: values[best, every] for column, values in own.items()}
        at["p"] = p_of(z, 1) if plan.sided == 1 else np.minimum(2 * p_of(z, 1), 1.0)
        last = at["estimate"], at["se"]
        found[name] = _report(run, ends[0][name], at, z, best, np.full(run.trials, people), last)
    return found


def p_of(z: Float[np.ndarray, " trials"], sided: int) -> Float[np.ndarray, " trials"]:
    """The p-value of a z with so many sides."""
    return ndtr(-z) if sided == 1 else 2 * ndtr(-np.abs(z))


def _columns(run: Run, ends: Sequence[Reports]) -> dict[str, Float[np.ndarray, "ends trials"]]:
    return {
        name: np.array([of_every_trial(run, one, getattr(one, name)) for one in ends]) for name in COLUMNS
    }


def _report(
    run: Run,
    like: Reports,
    at: Mapping[str, Float[np.ndarray, " trials"]],
    z: Float[np.ndarray, " trials"],
    end: Int[np.ndarray, " trials"],
    people: Int[np.ndarray, " trials"],
    last: tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]],
) -> Reports:
    """The trials that could be analysed, each where it ended."""
    plan = run.plan
    trials = np.flatnonzero(np.isfinite(at["estimate"] + z))
    critical = -float(ndtri(plan.alpha / plan.sided))
    harm = (z < -critical) if plan.sided == 2 and plan.drop is None else np.zeros(run.trials, bool)
    stops = Stops(
        plan.alpha,
        end[trials],
        people[trials],
        (z > critical)[trials],
        harm[trials],
        *(each[trials] for each in last),
    )
    columns = {name: values[trials] for name, values in at.items()}
    return replace(like, trials=trials, tried=run.trials, stops=stops, **columns)
