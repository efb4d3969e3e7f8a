"""Setting: a plan as padded arrays, so that protocols share compiled programs."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from limen.engine.runs import padded
from limen.engine.streams import on_device
from limen.pharmacology.expose import FOLLOWED
from limen.trial.plan import OPEN, Plan
from limen.trial.shapes import to_draws
from limen.trial.theta import ArmRates

DOSES = (16, 32, 64, 128, 256, 512, 1024)
VISITS = (4, 8, 16, 32, 64)
UNBOUNDED = 1e6


class Calendar(eqx.Module):
    """Dosing days of one period, `real` where they exist, whole days `gap` to the next, and `follow` days after each that
    something is asked of it; for the end of every week: doses in it, whether it holds one, the `last` dose before and the days `since` it (0: none yet)."""

    day: Float[Array, " doses"]
    gap: Float[Array, " doses"]
    follow: Int[Array, " doses"]
    real: Float[Array, " doses"]
    week_of: Float[Array, "weeks doses"]
    dosing: Float[Array, " weeks"]
    last: Int[Array, " weeks"]
    since: Int[Array, " weeks"]

    @property
    def weeks(self) -> int:
        return self.week_of.shape[0]


class Assigned(eqx.Module):
    """What the arm of each person means for them: kind, chances of noticing an active placebo, of an adverse event on a
    dosing day and of leaving for acute effects, and the prior of taking the drug that they were told."""

    kind: Int[Array, " people"]
    agent: Float[Array, " people"]
    event: Float[Array, " people"]
    adverse: Float[Array, " people"]
    told: Float[Array, " people"]


class Moves(eqx.Module):
    """Titration by percept: which arms move `by` it, the rung of the `start` and of the `top`, what the `low`est rung and a
    `step` are over the top, rungs up when something was noticed (`felt`) and when not (`unfelt`), whether a `review` comes before
    each dose, and how many `reviews` there are."""

    by: Bool[Array, " arms"]
    start: Float[Array, " arms"]
    top: Float[Array, " arms"]
    low: Float[Array, " arms"]
    step: Float[Array, " arms"]
    felt: Float[Array, " arms"]
    unfelt: Float[Array, " arms"]
    review: Float[Array, "doses arms"]
    reviews: Int[Array, ""]


class Levels(eqx.Module):
    """What arms give: dose levels (ug of base) with cumulative chances, batch spread (ln), the `share` of the level in each
    capsule, the adherence, and how doses of some arms move, where they do."""

    dose: Float[Array, "arms levels"]
    cumulative: Float[Array, "arms levels"]
    batch: Float[Array, " arms"]
    share: Float[Array, "arms doses"]
    adherence: Float[Array, ""]
    moves: Moves | None = None


class Arms(eqx.Module):
    """What arms are: kind, rates by draw, the chance of the drug that people are told, and which arm is taken `after` each
    in a crossover."""

    kind: Int[Array, " arms"]
    rates: ArmRates
    told: Float[Array, " arms"]
    after: Int[Array, " arms"]

    def of(
        self, arm: Int[Array, " people"], draw: Int[Array, " people"], open_label: Float[Array, " people"]
    ) -> Assigned:
        """The arm of each person; in an open-label arm people are told what they get."""
        kind, r = self.kind[arm], self.rates
        told = jnp.where(kind == OPEN, open_label, self.told[arm])
        return Assigned(kind, r.agent[arm, draw], r.event[arm, draw], r.adverse[arm, draw], told)


class Setting(eqx.Module):
    """A plan as arrays: calendar of one period, what arms give and are, entry and bounds of the scale as severities, the
    week of the analysis and of each visit, bounds of the dose-day rating, the days from one period to the next (0: there is
    one), and whether exactly one of two periods gives the drug (`either`).
    `mediated`: points a week that a named scenario lets markers add to the drug's part; None without one."""

    calendar: Calendar
    levels: Levels
    arms: Arms
    entry_low: Float[Array, ""]
    entry_high: Float[Array, ""]
    low: Float[Array, ""]
    high: Float[Array, ""]
    primary_week: Int[Array, ""]
    visits: Int[Array, " visits"]
    day_low: Float[Array, ""]
    day_high: Float[Array, ""]
    second_period: Int[Array, ""]
    either: Bool[Array, ""]
    periods: int = eqx.field(static=True)
    mediated: Float[Array, "weeks arms draws"] | None = None


def calendar(plan: Plan) -> Calendar:
    """The dosing days of a plan. The last gap of a period runs to the next period; of the last dose of a trial nothing
    asks how long dosing was written to go on."""
    days, count = np.array(plan.days), len(plan.days)
    doses, weeks = padded(count, DOSES), padded(plan.weeks)
    more = doses - count
    end = max(plan.second_period, plan.days[-1] + 1)
    real = np.arange(doses) < count
    day = np.pad(days, (0, more), "edge")
    ends = 7 * np.arange(1, weeks + 1)
    week_of = (np.arange(weeks)[:, None] == (day // 7)[None, :]) & real
    last = np.searchsorted(days, ends) - 1
    return Calendar(
        day=on_device(day, float),
        gap=on_device(np.pad(np.diff([*plan.days, end]).astype(float), (0, more))),
        follow=on_device(np.pad(np.minimum([*np.diff(days), FOLLOWED], FOLLOWED), (0, more))),
        real=on_device(real, float),
        week_of=on_device(week_of, float),
        dosing=on_device(week_of.any(1), float),
        last=on_device(np.maximum(last, 0)),
        since=on_device(np.where(last < 0, 0, ends - days[np.maximum(last, 0)])),
    )


def _grown(plan: Plan) -> int:
    """Rows that pad the arms to a shared size."""
    return padded(len(plan.arms), (2, 4, 8, 64)) - len(plan.arms)


def dose_levels(plan: Plan) -> Levels:
    """What the arms of a plan give, padded to few sizes."""
    count, grown = padded(max(len(arm.levels) for arm in plan.arms), (8, 32, 256)), _grown(plan)
    given = np.zeros((len(plan.arms) + grown, count))
    cumulative = np.ones_like(given)
    for row, arm in enumerate(plan.arms):
        given[row, : len(arm.levels)] = arm.levels
        cumulative[row, : len(arm.chances)] = np.cumsum(arm.chances)
    batch = np.pad([arm.batch_log_sd for arm in plan.arms], (0, grown))
    share = np.ones((len(given), padded(len(plan.days), DOSES)))
    for row, arm in enumerate(plan.arms):
        share[row, : len(arm.share)] = arm.share
    columns = (on_device(c, float) for c in (given, cumulative, batch, share, plan.adherence))
    return Levels(*columns, moves=_moves(plan, *share.shape))


def _moves(plan: Plan, rows: int, doses: int) -> Moves | None:
    """How doses of the arms that are titrated by percept move; None where no arm is."""
    if all(arm.ladder is None for arm in plan.arms):
        return None
    ladders, review = np.zeros((rows, 7)), np.zeros((doses, rows))
    for row, arm in enumerate(plan.arms):
        if arm.ladder is None:
            continue
        highest, top = arm.levels[-1], len(arm.levels) - 1
        step = (highest - arm.levels[0]) / max(top, 1) / highest
        way = arm.ladder
        ladders[row] = 1, way.start, top, arm.levels[0] / highest, step, way.felt, way.unfelt
        review[: len(way.after), row] = way.after
    by, start, top, low, step, felt, unfelt = (on_device(column) for column in ladders.T)
    reviews = on_device(int(review.sum(0).max()))
    return Moves(by > 0, start, top, low, step, felt, unfelt, on_device(review), reviews)


def arms(plan: Plan, rates: ArmRates) -> Arms:
    """What the arms of a plan are, padded likewise."""
    grown = _grown(plan)
    told = [plan.told if arm.told is None else arm.told for arm in plan.arms]

    def rate(values: Float[Array, "arms draws"]) -> Float[Array, "padded_arms padded"]:
        return to_draws(np.pad(values, ((0, grown), (0, 0))))

    return Arms(
        kind=on_device(np.pad([arm.kind for arm in plan.arms], (0, grown))),
        rates=ArmRates(rate(rates.adverse), rate(rates.event), rate(rates.agent)),
        told=on_device(np.clip(np.pad(told, (0, grown)), 0.02, 0.98)),
        after=on_device((np.arange(len(plan.arms) + grown) + 1) % len(plan.arms)),
    )


def _entry(plan: Plan) -> tuple[float, float]:
    """Lowest and highest severity at entry."""
    low, high = plan.entry[::-1] if plan.better else plan.entry
    sign = -1.0 if plan.better else 1.0
    return (
        -UNBOUNDED if low is None else sign * low,
        UNBOUNDED if high is None else sign * high,
    )


def setting(
    plan: Plan,
    rates: ArmRates,
    day_bounds: tuple[float, float],
    mediated: Float[np.ndarray, "weeks arms draws"] | None = None,
) -> Setting:
    """A plan as a Setting."""
    when, who = calendar(plan), arms(plan, rates)
    sign = -1.0 if plan.better else 1.0
    bounds = sorted((sign * plan.low, sign * plan.high))
    entry = _entry(plan)
    looks = padded(len(plan.visit_weeks), VISITS) - len(plan.visit_weeks)
    added = None
    if mediated is not None:
        grown = ((0, when.weeks - len(mediated)), (0, who.kind.shape[0] - len(plan.arms)), (0, 0))
        added = to_draws(np.pad(mediated, grown))
    return Setting(
        calendar=when,
        levels=dose_levels(plan),
        arms=who,
        entry_low=on_device(entry[0]),
        entry_high=on_device(entry[1]),
        low=on_device(bounds[0]),
        high=on_device(bounds[1]),
        primary_week=on_device(plan.primary_week or plan.weeks),
        visits=on_device(np.pad(plan.visit_weeks, (0, looks), "edge")),
        day_low=on_device(day_bounds[0]),
        day_high=on_device(day_bounds[1]),
        second_period=on_device(plan.second_period),
        either=on_device(plan.periods == 2 and sum(bool(arm.levels) for arm in plan.arms) == 1),
        periods=plan.periods,
        mediated=added,
    )
