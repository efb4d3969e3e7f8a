"""One person, one number: `simulate`, the trial and the page agree on exposure, threshold, noticing and signal."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from limen.design.operate import Given, draw_parameters, operate
from limen.design.population import simulate
from limen.people.columns import at
from limen.protocol import load, loads
from limen.trial.curves import after_one_dose, by_day, noticing, sample, thresholds
from limen.trial.perceive import person_threshold
from limen.trial.plan import lay_out
from limen.trial.roll import Seats

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
DRAWS = 20


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda p: p.stem)
def run(request, parameters):
    plan = lay_out(load(request.param), parameters)
    return operate(plan, parameters, DRAWS, 2 * plan.people, 5)


def rows(run, at_most=40):
    """Rows of the active arm as `Run.sample` takes them."""
    found = np.flatnonzero(run.arm == run.plan.active)
    return found[np.linspace(0, len(found) - 1, min(at_most, len(found))).astype(int)]


def test_exposure_the_page_and_the_trial_meet_the_same_peaks(run):
    """The highest effect-site concentration of the first dose taken, from the curve and from the record."""
    who, at_rows = run.sample(run.plan.active, 40), rows(run)
    assert np.array_equal(who.doses.given, np.asarray(run.records.dose)[at_rows])
    first = np.asarray(who.doses.taken)[0]
    curve = np.asarray(after_one_dose(who, np.arange(0.0, 24.0, 0.02)).effect).max(0)
    recorded = np.asarray(run.records.peak)[at_rows, 0]
    later_period = run.plan.crossover & (np.asarray(who.people.roll.arm) != run.plan.active)
    assert np.allclose(curve[first & ~later_period], recorded[first & ~later_period], rtol=1e-4)


def test_exposure_simulate_meets_the_people_of_the_trial(run, parameters):
    """Person k of `simulate` is the first of the arm in trial k: who, dose, kinetics and concentration."""
    plan, arm, trials = run.plan, run.plan.active, np.arange(run.trials)
    place = 0 if plan.crossover else int(np.flatnonzero(plan.arm_of == arm)[0])
    first = np.full_like(trials, place)
    met = sample(run.draws, plan, run.seed, arm, Seats(run.draw_of_trial, trials, first))
    row = trials * plan.people + np.flatnonzero(run.arm[: plan.people] == arm)[0]
    assert np.array_equal(met.doses.given, np.asarray(run.records.dose)[row])
    drawn = draw_parameters(
        parameters, max(20, run.trials), run.seed
    )  # as many as simulate draws for so many people
    theirs = sample(drawn, plan, run.seed, arm, Seats(trials % drawn.count, trials, first))
    found = simulate(plan, run.parameters, run.trials, run.seed)
    peaks = np.asarray(after_one_dose(theirs, np.zeros(1)).cmax)
    (headline,) = (row for row in found.headline if row["arm"] == plan.arms[arm].name)
    in_bins = 8e-3  # quantiles of simulate come from bins at most 0.8% apart
    median = np.quantile(peaks, 0.5, method="inverted_cdf")
    assert headline["cmax_ng_ml"]["median"] == pytest.approx(median, rel=in_bins)


def test_threshold_and_noticing_the_page_summarises_those_of_the_trial(run):
    """P(notice) of the first dose follows from the page's threshold and the record's peak, comedication included."""
    who, at_rows = run.sample(run.plan.active, 40), rows(run)
    t = at(run.theta, who.people.draw)
    _, occasion = person_threshold(t.detection, t, who.people)
    ours = np.log(thresholds(run.theta, who))
    peak, fold = (np.asarray(v)[at_rows, 0] for v in (run.records.peak, run.records.fold))
    said = np.asarray(run.records.p_notice)[at_rows, 0]
    distance = (np.log(np.maximum(peak, 1e-300)) - ours - np.log(fold)) / np.asarray(occasion)
    hit = ndtr(distance) * (peak > 0)
    trial = who.people.roll.where.once(("trial false alarm",))["trial false alarm"]
    logit = np.log(t.detection.false_alarm / (1 - t.detection.false_alarm))
    alarm = 1 / (1 + np.exp(-(logit + t.detection.false_alarm_trial_sd * trial)))
    lapse = np.minimum(t.detection.lapse, 0.98 - alarm)
    assert np.allclose(said, alarm + (1 - alarm - lapse) * hit, rtol=1e-9)


def test_noticing_over_dose_is_that_of_the_trial_at_the_dose_that_was_taken(run):
    """The page's curve goes through each person's own first dose, however high it was."""
    who, at_rows = run.sample(run.plan.active, 40), rows(run)
    label = np.asarray(who.doses.given * who.doses.share[0] / who.doses.batch)
    curve = np.diagonal(noticing(run.theta, who, label))
    later_period = run.plan.crossover & (np.asarray(who.people.roll.arm) != run.plan.active)
    there = np.asarray(who.doses.taken)[0] & ~later_period
    assert np.allclose(curve[there], np.asarray(run.records.p_notice)[at_rows, 0][there], rtol=1e-9)
    assert (np.diff(noticing(run.theta, who, np.linspace(0.0, label.max(), 9)), axis=0) >= 0).all()


def test_signal_and_tolerance_the_page_by_day_is_the_record_by_dose(run):
    who, at_rows = run.sample(run.plan.active, 40), rows(run)
    if run.plan.crossover:
        pytest.skip("the page shows a period by itself, the record what the first one left too")
    days = [day for day in run.plan.days if day < 40]
    daily = by_day(run.theta, who, run.plan, 40)
    slope = run.draws["receptor.tolerance.a_perception"] * run.draws["receptor.tolerance.s_t"]
    fold = np.asarray(run.records.fold)[at_rows, : len(days)].T
    tolerance = (fold - 1) / slope[np.asarray(who.people.draw)]
    assert np.allclose(np.asarray(daily.tolerance)[days], tolerance, rtol=1e-6, atol=1e-9)


MUSHROOM = """
limen: 1
name: mushroom
status: planned
compound: psilocybin
population: {indication: healthy}
arms:
  - {name: mushroom, kind: active, n: 20, form: dried mushroom, dose: 0.2 g}
  - {name: placebo, kind: inert placebo, n: 20}
schedule: {pattern: {every: 3 d}, duration: 4 wk, adherence: ADHERENCE}
visits: [0 wk, 4 wk]
outcomes:
  - {id: vas_mood, primary: true, at: dose day}
blinding: double
"""


def test_a_batch_nobody_assayed_spreads_the_peaks_of_simulate_as_of_the_trial(parameters):
    """0.2 g of dried mushroom without a stated potency: batches differ with a geometric SD of 1.6."""
    plan = lay_out(loads(MUSHROOM.replace("ADHERENCE", "1.0")), parameters)
    assert plan.arms[0].batch_log_sd == pytest.approx(np.log(1.6))
    (found,) = simulate(plan, parameters, 200, 1).headline
    (even,) = simulate(
        dataclasses.replace(plan, arms=(dataclasses.replace(plan.arms[0], batch_log_sd=0.0), plan.arms[1])),
        parameters, 200, 1,
    ).headline  # fmt: skip
    width, without = (np.log(h["cmax_ng_ml"]["q95"] / h["cmax_ng_ml"]["q05"]) for h in (found, even))
    assert width**2 == pytest.approx(without**2 + (2 * 1.645 * np.log(1.6)) ** 2, rel=0.25)


def test_doses_missed_show_in_simulate_as_in_the_trial(parameters):
    plans = [lay_out(loads(MUSHROOM.replace("ADHERENCE", a)), parameters) for a in ("1.0", "0.3")]
    means = []
    for plan in plans:
        plasma = simulate(plan, parameters, 100, 1).summary
        means.append(plasma.filter(series="plasma", hour=26.0 + 24 * 2)["q75"].mean())
        run = operate(plan, parameters, DRAWS, 40, 5, given=Given(draw_parameters(parameters, DRAWS, 5)))
        means.append(run.records.signal_ratio[run.arm == plan.active].mean())
    assert means[2] < 0.5 * means[0]
    assert means[3] < 0.5 * means[1]
