"""Simulated trials as the table a statistician expects: one row per person, period and visit."""

from __future__ import annotations

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int, Shaped

from limen.design.operate import Run
from limen.people.comedication import INHIBITORS, REUPTAKE
from limen.safety.screening.admission import ANTIDEPRESSANTS, COMEDICATIONS, LABELS
from limen.trial.curves import over
from limen.trial.data import TrialData
from limen.trial.plan import Plan
from limen.trial.roll import enrolled

GUESSES = {1.0: "active", 0.0: "placebo"}
Rows = Int[np.ndarray, " rows"]


def trial_table(run: Run, trials: int = 1) -> pl.DataFrame:
    """The first `trials` simulated trials, long; `limen analyse` takes the table as it is (`limen.analysis.own`).

    A visit's doses, doses noticed and days with an adverse event are those since the visit before it, doses in ug of
    base as taken. Scores are as the scale prints them; a score after leaving is null. `off_drug` and `on_rescue`: that a score is of somebody who has stopped the drug, or
    has started a rescue antidepressant. `rating` is the mean over the dosing
    days of a period and stands at its last visit, `rating_before` is the one before treatment. In a crossover a person
    has rows in every period, and days count from the first; simulated people come when it was planned.
    """
    plan, whole = run.plan, run.data()
    keep = np.flatnonzero(whole.trial < trials)
    weeks = np.array([week for week in plan.visit_weeks if week <= plan.weeks])
    who, week = np.repeat(keep, len(weeks)), np.tile(weeks, len(keep))
    since = np.tile(np.concatenate([[-1], weeks[:-1]]), len(keep))
    taken = doses_taken(run, keep)
    columns = _person(whole, plan, who) | _visit(whole, plan, who, week)
    columns |= {
        "dose": whole.dose[who],
        "dose_taken": _between(taken, plan, len(weeks), week, since),
        "doses_noticed": _between(
            np.asarray(run.records.noticed)[keep], plan, len(weeks), week, since
        ).astype(int),
        "days_with_adverse_event": _weekly(np.asarray(run.records.ill_days)[keep], len(weeks), week, since),
        **{name: getattr(whole, name)[who] for name in ("left_for_effects", "stopped", "rescued")},
        **{
            name: _since(np.asarray(weeks_of), who, week)
            for name, weeks_of in (("off_drug", run.records.stopped), ("on_rescue", run.records.rescued))
        },
    }
    frame = pl.DataFrame(columns).hstack(_comedication(np.asarray(run.records.takes))[who])
    if plan.model is None:
        frame = frame.drop("baseline", "score", "change")
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None)).sort(
        "trial", "participant", "period", "visit"
    )


def doses_taken(run: Run, rows: Rows) -> Float[np.ndarray, "rows doses"]:
    """ug of base taken on each dosing day of the period, by the law of the walk on the same luck."""
    plan = run.plan
    trial, place = np.divmod(rows, plan.people)
    found = np.zeros((len(rows), len(plan.days)))
    for arm in np.unique(run.arm[rows]):
        here = run.arm[rows] == arm
        who = run.met(int(arm), trial[here], place[here])
        found[here] = np.asarray(who.doses.amount).T[:, : len(plan.days)]
    return found


def _person(whole: TrialData, plan: Plan, who: Rows) -> dict[str, Shaped[np.ndarray, " rows"]]:
    """Who, in which arm, period and sequence of arms."""
    arms, kinds = np.array(whole.arms), np.array(whole.kinds)
    arm, sequence = whole.arm[who], np.array(whole.arms)[whole.arm[who]]
    if plan.crossover:
        first = (arm - whole.period[who]) % plan.periods
        sequence = np.array([", then ".join(np.roll(arms, -begun)) for begun in range(len(arms))])[first]
    return {
        "trial": whole.trial[who] + 1,
        "participant": whole.participant[who] + 1,
        "arm": arms[arm],
        "arm_kind": kinds[arm],
        "period": whole.period[who] + 1,
        "sequence": sequence,
    }


def _visit(
    whole: TrialData, plan: Plan, who: Rows, week: Rows
) -> dict[str, Shaped[np.ndarray, " rows"] | list[str | None]]:
    """When, the scores, and what was guessed."""
    day = 7 * week + whole.period[who] * plan.second_period
    at = np.searchsorted(whole.weeks, week)
    score, baseline, said = whole.score[who, at], whole.baseline[who], whole.guess[who, at]
    guess = [None if w == 0 else GUESSES.get(float(g), "don't know") for w, g in zip(week, said, strict=True)]
    return {
        "visit": week,
        "planned_day": day,
        "actual_day": day,
        "baseline": baseline,
        "score": score,
        "change": score - baseline,
        "rating_before": whole.rating_before[who],
        "rating": np.where(week == week.max(), whole.rating[who], np.nan),
        "guess": guess,
    }


def _between(
    daily: Float[np.ndarray, "people doses"], plan: Plan, visits: int, week: Rows, since: Rows
) -> Float[np.ndarray, " rows"]:
    """Sums over the dosing days after the visit before and up to this one; the first visit is before any dose."""
    days = np.array(plan.days)
    held = (days < 7 * week[:visits, None]) & (days >= 7 * np.maximum(since[:visits, None], 0))
    return (daily[:, : len(days)] @ held.T.astype(float)).ravel()


def _since(begins: Float[np.ndarray, " people"], who: Rows, week: Rows) -> Bool[np.ndarray, " rows"]:
    """Whether something that begins in a week (0: never) had begun by a visit."""
    return (begins[who] > 0) & (week >= begins[who])


def _weekly(
    ill: Float[np.ndarray, "people weeks"], visits: int, week: Rows, since: Rows
) -> Int[np.ndarray, " rows"]:
    """The same for what is recorded by week."""
    met: Float[np.ndarray, "people weeks"] = np.cumsum(np.pad(ill, ((0, 0), (1, 0))), axis=1)
    since_then = met[:, week[:visits]] - met[:, np.maximum(since[:visits], 0)]
    return since_then.ravel().astype(int)


def _comedication(takes: Float[np.ndarray, "people classes"]) -> pl.DataFrame:
    """One row per person: the antidepressant, and what else bears on the trial, as the model met it."""
    on = {name: takes[:, at] > 0 for at, name in enumerate(COMEDICATIONS)}
    which = np.full(len(takes), "none", dtype=object)
    for name in ANTIDEPRESSANTS:
        which[on[name]] = LABELS[name]
    return pl.DataFrame(
        {
            "antidepressant": which.astype(str),
            "ssri_or_snri": np.any([on[name] for name in REUPTAKE], axis=0),
            "strong_cyp2d6_inhibitor": np.any([on[name] for name in INHIBITORS], axis=0),
            **{name: on[name] for name in ("antipsychotic", "stimulant", "lithium", "maoi")},
        }
    )


# Hours after a dose at which plasma is drawn, on the first and the last dosing day of a period: as a dose-finding trial does.
DRAWN = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0)


def concentration_table(run: Run, trials: int = 1) -> pl.DataFrame:
    """Plasma concentration (ng/mL, of the model, without an error of assay) of everybody who is given the drug, at `DRAWN`
    hours after the first and the last dose of a period. Days count from the first of the study, `since` hours from that of the period; `dose` is ug of base taken
    that day. Who has left is not drawn any more."""
    plan, whole = run.plan, run.data()
    days = sorted({plan.days[0], plan.days[-1]})
    hours = np.array([24.0 * day + hour for day in days for hour in DRAWN])
    parts = list[pl.DataFrame]()
    for arm in range(len(plan.arms)):
        rows = np.flatnonzero((run.arm == arm) & (whole.trial < trials))
        if not any(plan.arms[arm].levels) or not len(rows):
            continue
        trial, place = np.divmod(rows, plan.people)
        people = run.met(arm, trial, place)
        plasma = np.asarray(over(people, plan, hours).plasma)
        amount = np.asarray(people.doses.amount)
        at = np.repeat([plan.days.index(day) for day in days], len(DRAWN))
        here = _seen_on(whole, rows, np.repeat(days, len(DRAWN)))
        time, who = np.nonzero(here.T)
        parts.append(pl.DataFrame({
            "trial": trial[who] + 1, "participant": place[who] % enrolled(plan) + 1, "arm": [plan.arms[arm].name] * len(who),
            "period": whole.period[rows][who] + 1, "day": np.repeat(days, len(DRAWN))[time] + whole.period[rows][who] * plan.second_period, "since": hours[time],
            "hour": np.tile(DRAWN, len(days))[time], "dose": amount[at[time], who], "concentration": plasma[time, who],
        }))  # fmt: skip
    return pl.concat(parts).sort("trial", "participant", "period", "day", "hour") if parts else pl.DataFrame()


def _seen_on(whole: TrialData, rows: Rows, days: Int[np.ndarray, " times"]) -> Bool[np.ndarray, "rows times"]:
    """Whether people are still there on a day: seen at the first visit from then on, or at the last before it."""
    at = np.minimum(np.searchsorted(7 * whole.weeks, days), len(whole.weeks) - 1)
    return np.ones((len(rows), len(days)), bool) if not whole.present.any() else whole.present[rows][:, at]
