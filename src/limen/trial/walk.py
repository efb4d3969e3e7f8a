"""The walk for one block of participants, from the roll to what is recorded: composition only.

    recruit -> dose -> expose -> perceive -> follow -> leave

Each verb may be called alone. A person's `Standing` is what the walk of one period hands to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logit, ndtr, ndtri
from jaxtyping import Array, Bool, Float, Int

from limen.engine.stored import stored, stored_with
from limen.people import Participants, Roll, at, recruit
from limen.pharmacology.expose import Body, Exposure, at_days, fresh
from limen.pharmacology.kinetics import oral_modes
from limen.trial import guess
from limen.trial.day import DayRatings, rate_days, relative
from limen.trial.dosing import Doses
from limen.trial.follow import (
    Believer,
    Channels,
    Course,
    Mind,
    Severity,
    Start,
    Weeks,
    follow,
    fresh_mind,
    select,
)  # fmt: skip
from limen.trial.leave import LUCK, Leaving, Observed, WeeklyEvents, leave
from limen.trial.perceive import Percepts, perceive
from limen.trial.setting import Assigned, Setting
from limen.trial.theta import WalkParameters
from limen.trial.titrate import meet

BASELINE = ("baseline", "trait", "state0", "error0")


class Scenarios(eqx.Module):
    """What is varied over the same people: standardised effect [scenarios, draws] and channel switches [scenarios]."""

    delta: Float[Array, "scenarios draws"]
    on: Channels


class Standing(eqx.Module):
    """What a person carries between periods and stages: the week of the study, body (amounts left, tolerance, accrual),
    and for each scenario mind (belief, slow state, severity) and whether they are still there."""

    week: Float[Array, ""]
    body: Body
    mind: Mind
    here: Bool[Array, "scenarios people"]


class Records(eqx.Module):
    """What one period leaves, people on the first axis. Scores are severities (higher worse) at the end of every week,
    of the first scenario; `at_visits` are those of every scenario at the visits, `primary`, `before_leaving`, `whole`, `stayed` and
    `latent` at the week of the analysis: as recorded, had nobody left or changed treatment, of everybody as treated, of everybody had nobody left; `changed` is the first week off the drug or on a rescue (0: never). `accrual` is A there over the reference regimen's, `signal` that of each dosing day."""

    baseline: Float[Array, " people"]
    scores: Float[Array, "people weeks"]
    at_visits: Float[Array, "people scenarios visits"]
    primary: Float[Array, "people scenarios"]
    before_leaving: Float[Array, "people scenarios"]
    whole: Float[Array, "people scenarios"]
    stayed: Float[Array, "people scenarios"]
    changed: Float[Array, "people scenarios"]
    latent: Float[Array, "people scenarios"]
    belief: Float[Array, "people weeks"]
    guess: Float[Array, "people guesses"]
    peak: Float[Array, "people doses"]
    signal: Float[Array, "people doses"]
    fold: Float[Array, "people doses"]
    p_notice: Float[Array, "people doses"]
    noticed: Float[Array, "people doses"]
    capsule: Float[Array, "people doses"]
    signal_ratio: Float[Array, " people"]
    dose: Float[Array, " people"]
    day: DayRatings
    left_for_effects: Float[Array, " people"]
    present: Float[Array, "people weeks"]
    stopped: Float[Array, " people"]
    rescued: Float[Array, " people"]
    takes: Float[Array, "people classes"]
    ill_days: Float[Array, "people guesses"]


class Come(eqx.Module):
    """Who came to the first visit: each person's constants, who they are, their severity model and baseline, and how they
    stand."""

    t: WalkParameters
    people: Participants
    severity: Severity
    start: Start
    standing: Standing


class Met(eqx.Module):
    """What people took and met of their doses in one period, A at the end of each week, and the body they leave it with."""

    doses: Doses
    exposure: Exposure
    accrual: Float[Array, "weeks people"]
    body: Body


class Period(eqx.Module):
    """One period of the walk: what was met, noticed, and how it went in every scenario."""

    met: Met
    percepts: Percepts
    course: Course
    observed: Observed
    guess: Float[Array, "weeks people"]
    day: DayRatings


def walk(
    setting: Setting, theta: WalkParameters, scenarios: Scenarios, roll: Roll, whole: bool = True
) -> tuple[Records, ...]:
    """Everything that happens to one block of participants, a record for each period (one, or in a crossover one an arm);
    unless `whole` of scores alone.

    Three compiled programs, one after another: in one, the compiler works draws out again wherever they are read.
    """
    come = _come(setting, theta, scenarios, roll)
    standing, arm = come.standing, roll.arm
    records: list[Records] = []
    for _ in range(setting.periods):
        met = _meet(setting, come, standing, arm)
        record, standing, arm = _go(whole, setting, come, scenarios, standing, arm, met)
        records.append(record)
    return tuple(records)


@stored
def _come(setting: Setting, theta: WalkParameters, scenarios: Scenarios, roll: Roll) -> Come:
    """The people of a roll as they come to the first visit."""
    t = at(theta, roll.draw)
    people = recruit(theta.people, roll)
    severity = severity_of(t, roll, setting)
    start = baseline(severity, roll, setting)
    assigned = setting.arms.of(roll.arm, roll.draw, t.believing.open_label)
    return Come(t, people, severity, start, arrive(t, people, start, assigned, scenarios))


def arrive(
    t: WalkParameters, people: Participants, start: Start, assigned: Assigned, scenarios: Scenarios
) -> Standing:
    """Everybody as they come to the first visit."""
    m = oral_modes(people.cl, people.v, people.ka, people.ke0, people.tlag)
    count = scenarios.delta.shape[0]

    def in_each(one: Float[Array, " people"]) -> Float[Array, "scenarios people"]:
        return jnp.broadcast_to(one, (count, *one.shape))

    mind = jax.tree.map(in_each, fresh_mind(start, assigned.told))
    return Standing(jnp.zeros(()), fresh(m), mind, jnp.ones((count, start.trait.shape[0]), bool))


@stored
def _meet(s: Setting, come: Come, standing: Standing, arm: Int[Array, " people"]) -> Met:
    """What people meet of the doses of one period in their `arm`."""
    t, people, when = come.t, come.people, s.calendar
    assigned = s.arms.of(arm, people.roll.draw, t.believing.open_label)
    found = meet(t, people, assigned, arm, s.levels, when, standing.body, _first_day(standing))
    accrual = t.scale.accrual
    before = standing.body.accrual * jnp.exp(-24.0 * accrual * 7.0 * jnp.arange(1, when.weeks + 1)[:, None])
    late = at_days(found.exposure, accrual, when.last, when.since)
    a = jnp.where((when.since > 0)[:, None], late, before)
    return Met(found.doses, found.exposure, a, found.body)


@stored_with(1)
def _go(
    whole: bool,
    s: Setting,
    come: Come,
    scenarios: Scenarios,
    standing: Standing,
    arm: Int[Array, " people"],
    met: Met,
) -> tuple[Records, Standing, Int[Array, " people"]]:
    """How one period goes, from how people stand to how they stand when the next one begins, and their arm then."""
    found = period(s, come, scenarios, standing, arm, met)
    roll, told = come.people.roll, come.t.believing.open_label
    then = s.arms.after[arm]
    assigned = s.arms.of(arm, roll.draw, told), s.arms.of(then, roll.draw, told)
    after = _stand(s, assigned, found, met.body, standing)
    record = _record(come.t, come.start, come.people, found, s)
    return record if whole else scores_alone(record), after, then


def period(
    s: Setting, come: Come, scenarios: Scenarios, standing: Standing, arm: Int[Array, " people"], met: Met
) -> Period:
    """One period in `arm`: what is noticed and believed of what was met, and what becomes of symptoms."""
    t, people, severity, when = come.t, come.people, come.severity, s.calendar
    roll, start = people.roll, come.start
    first = _first_day(standing)
    assigned = s.arms.of(arm, roll.draw, t.believing.open_label)
    percepts = perceive(t, people, met.exposure, assigned, when, first)
    z = roll.who.normals(("state", "error"), _weeks(when.weeks, standing))
    full = relative(met.accrual / t.reference.accrual, t.scale.h) * people.response * t.scale.change_sd
    added = 0.0 if s.mediated is None else s.mediated[:, arm, roll.draw]
    happened = WeeklyEvents(when.dosing > 0, percepts.ill_days > 0, percepts.p_ill)
    believer = Believer(people.expectation, t.believing.learn, t.believing.lambda_s)
    luck = roll.who.uniforms(LUCK, _weeks(when.weeks, standing))
    hazards = _hazards(t, assigned.adverse)

    def scenario(
        delta: Float[Array, " draws"], on: Channels, mind: Mind, here: Bool[Array, " people"]
    ) -> tuple[Course, Observed]:
        this = Weeks(percepts.evidence, delta[roll.draw] * full + added, z["state"], z["error"])
        followed = follow(severity, start, on, believer, this, mind, standing.week)
        return followed, leave(hazards, severity, followed, happened, z["error"], luck, here)

    course, observed = jax.vmap(scenario)(scenarios.delta, scenarios.on, standing.mind, standing.here)
    weekly = guess.weekly_guess(
        course.belief[0, 1:],
        t.guessing.bias + t.guessing.bias_trial_sd * roll.where.once(("trial bias",))["trial bias"],
        t.guessing.slope,
        t.guessing.dont_know,
        roll.who.uniforms(("guess",), _weeks(when.weeks, standing))["guess"],
    )
    day = rate_days(t, people, met.doses, met.exposure, percepts.capsule, s, first)
    return Period(met, percepts, course, observed, weekly, day)


def _first_day(standing: Standing) -> Int[Array, ""]:
    """Study day on which a period begins."""
    return jnp.round(7 * standing.week).astype(int)


def _weeks(count: int, standing: Standing) -> Int[Array, " weeks"]:
    """Study weeks that name the weekly draws of a period."""
    return jnp.ceil(standing.week).astype(int) + jnp.arange(1, count + 1)


def _stand(
    s: Setting, assigned: tuple[Assigned, Assigned], found: Period, body: Body, before: Standing
) -> Standing:
    """How people stand when the next period begins, by what they are assigned to in this one and then.

    Where exactly one of two periods gives the drug, what was learnt of the first counts with its sign turned for the second:
    odds = 2 odds told - odds. Among more periods one says little of the next, and belief begins with what people are told.
    The slow state rests at its last value until then; who left stays away.
    """
    now, then = assigned
    weeks = s.calendar.weeks
    at = jnp.minimum(s.second_period // 7, weeks)
    c = found.course
    turned = 2.0 * logit(now.told) - logit(c.belief[:, at])
    mind = Mind(jnp.where(s.either, turned, logit(then.told)), c.state[:, at], c.latent[:, at])
    return Standing(
        before.week + s.second_period / 7.0, body, mind, found.observed.present[:, at] & before.here
    )


def severity_of(t: WalkParameters, roll: Roll, s: Setting) -> Severity:
    """Each person's severity model, trial-level parts included."""
    k = t.scale
    trial = roll.where.once(("trial course", "trial kappa"))
    cut = ndtr(-1.0 / k.kappa_cv)
    folds = 1.0 + k.kappa_cv * ndtri(
        jnp.clip(cut + ndtr(trial["trial kappa"]) * (1.0 - cut), 1e-12, 1 - 1e-12)
    )
    own = roll.who.once(("improvement",))["improvement"]
    return Severity(
        mu=k.mu,
        sd_trait=k.sd_trait,
        sd_ar=k.sd_ar,
        sd_e=k.sd_e,
        rho=k.rho,
        tau=k.tau,
        improvement=k.p_nonspec + k.course_trial_sd * trial["trial course"] + k.sd_p * own,
        kappa=k.kappa * folds,
        disappointment=k.disappointment * k.change_sd,
        low=s.low,
        high=s.high,
    )


def baseline(severity: Severity, roll: Roll, s: Setting) -> Start:
    """Selected people: the observed baseline meets the entry thresholds."""
    z = roll.who.once(BASELINE)
    parts = jnp.stack([z["trait"], z["state0"], z["error0"]])
    return select(severity, (s.entry_low, s.entry_high), ndtr(z["baseline"]), parts)


def _hazards(t: WalkParameters, adverse: Float[Array, " people"]) -> Leaving:
    e, scale = t.exits, t.scale
    return Leaving(
        d0=e.d0, d1=e.d1, d_mnar=e.d_mnar, scale=scale.dropout_scale, adverse=adverse, stop=e.stop_drug,
        rescue=e.rescue, rescue_slope=e.rescue_slope, rescue_points=e.rescue_effect * scale.change_sd, h=scale.h,
    )  # fmt: skip


def _record(t: WalkParameters, start: Start, people: Participants, found: Period, s: Setting) -> Records:
    week, seen, p = s.primary_week, found.observed, found.percepts
    scores, course = seen.score, found.course
    return Records(
        baseline=start.observed,
        scores=scores[0].T,
        at_visits=jnp.moveaxis(scores[:, s.visits], 2, 0),
        primary=scores[:, week].T,
        before_leaving=course.score[:, week].T,
        whole=seen.whole[:, week].T,
        stayed=seen.stayed[:, week].T,
        changed=seen.changed.T.astype(float),
        latent=course.latent[:, week].T,
        belief=course.belief[0].T,
        guess=found.guess.T,
        peak=found.met.exposure.peak.T,
        signal=found.met.exposure.signal.T / t.reference.signal[:, None],
        fold=p.fold.T,
        p_notice=p.p_notice.T,
        noticed=p.noticed.T.astype(float),
        capsule=p.capsule.T,
        signal_ratio=found.met.accrual[week - 1] / t.reference.accrual,
        dose=found.met.doses.given,
        day=found.day,
        left_for_effects=seen.left_for_effects[0].astype(float),
        present=seen.present[0].T.astype(float),
        stopped=seen.stopped[0].astype(float),
        rescued=seen.rescued[0].astype(float),
        takes=people.taken.takes.T.astype(float),
        ill_days=p.ill_days.T,
    )


_put: Callable[..., Records] = eqx.tree_at  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def without_days(records: Records) -> Records:
    """Records without what happened on each dosing day, which no estimator reads."""

    def daily(r: Records) -> list[Any]:
        return [r.peak, r.signal, r.fold, r.p_notice, r.noticed, r.capsule]

    return _put(daily, records, [column[:, :0] for column in daily(records)])


def scores_alone(records: Records) -> Records:
    """Records cut down to what estimators of scores at visits read; ratings of dosing days are NaN. In a compiled walk what is
    left out is not worked out either."""

    def weekly(r: Records) -> list[Any]:
        return [r.scores, r.belief, r.takes]

    def rated(r: Records) -> list[Any]:
        return jax.tree.leaves(r.day)

    thin = _put(weekly, without_days(records), [column[:, :0] for column in weekly(records)])
    return _put(rated, thin, [jnp.full(rating.shape, jnp.nan) for rating in rated(records)])
