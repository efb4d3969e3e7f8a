"""Adverse events: a part of what is noticed, evidence about the arm, and where leaving for acute effects comes from."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from limen.calibration.targets import targets
from limen.design.operate import Given, draw_parameters, operate
from limen.facts.read import read
from limen.protocol import load
from limen.trial.plan import lay_out
from limen.trial.theta import arm_rates, felt


def run_with(examples, parameters, **columns):
    fixed = draw_parameters(parameters, 40, 3)
    changed = {name.replace("__", "."): np.full(40, value) for name, value in columns.items()}
    fixed = dataclasses.replace(fixed, columns=dict(fixed.columns) | changed)
    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    return operate(plan, parameters, draws=40, people=1060, seed=3, given=Given(fixed))


@pytest.fixture(scope="module")
def run(examples, parameters):
    return run_with(examples, parameters)


def test_nobody_has_an_adverse_event_who_noticed_nothing(run):
    days = run.records.noticed.sum(1)
    assert (run.records.ill_days.sum(1) <= days).all()
    assert run.records.ill_days.sum() > 0


def test_events_come_at_the_rate_of_their_arm(run):
    """P(event) = min(the arm's chance, P(notice)), so it never exceeds what trials counted."""
    chances = np.asarray(arm_rates(run.draws, run.plan).event)
    drawn = run.draw_of_trial.repeat(run.plan.people)
    doses = len(run.plan.days)
    for arm in range(2):
        inside = run.arm == arm
        expected = np.minimum(chances[arm, drawn[inside]][:, None], run.records.p_notice[inside][:, :doses])
        seen = run.records.ill_days[inside].sum(1).mean() / doses
        se = np.sqrt(expected.mean() / (inside.sum() * doses)) * 2  # days of one draw share their chance
        assert seen == pytest.approx(expected.mean(), abs=4 * se)
        assert (chances[arm] > 0).all()
        assert (chances[arm] < 1).all()


def test_who_leaves_for_acute_effects_had_an_adverse_event(run):
    left = run.records.left_for_effects > 0
    assert left.any()
    week = np.argmin(run.records.present[left], axis=1)  # the first visit missed
    assert (run.records.ill_days[left, week - 1] > 0).all()


def test_leaving_comes_as_often_as_was_counted(run):
    """Over six weeks of doses, the share that leaves for acute effects is the drawn one, less those gone before."""
    share = np.asarray(arm_rates(run.draws, run.plan).adverse)[run.plan.active]
    active = run.arm == run.plan.active
    seen = run.records.left_for_effects[active].mean()
    assert 0.8 * share.mean() < seen < 1.02 * share.mean() + 0.02
    assert run.records.left_for_effects[~active].mean() < seen


def test_adverse_events_give_the_arm_away_where_only_the_drug_causes_them(examples, parameters):
    rare = run_with(
        examples, parameters, leaving__adverse_event__placebo=0.01, leaving__adverse_event__lsd=0.01
    )
    told = run_with(
        examples, parameters, leaving__adverse_event__placebo=0.01, leaving__adverse_event__lsd=0.6
    )
    assert np.array_equal(rare.records.noticed, told.records.noticed)
    apart = []
    for r in (rare, told):
        belief = r.records.belief[:, 6]
        active = r.arm == r.plan.active
        apart.append(belief[active].mean() - belief[~active].mean())
    assert apart[1] > apart[0] + 0.05


def test_an_event_as_telling_as_noticing_itself_says_nothing_new(run, examples, parameters):
    """In the one trial with counts, drug and placebo differ in events about as much as in noticing."""
    none = run_with(
        examples, parameters, leaving__adverse_event__placebo=0.0, leaving__adverse_event__lsd=0.0
    )
    active = run.arm == run.plan.active
    with_events, without = (r.records.belief[active, 6].mean() for r in (run, none))
    assert with_events == pytest.approx(without, abs=0.03)


def test_shares_and_rates_are_counted_from_the_rows(parameters):
    table = read("safety/adverse_events")
    share = parameters["leaving.adverse_exit.lsd"]
    rows = [table.row(key) for key in share.origin.split(":")[1].split()]
    assert {row["event_category"] for row in rows} == {"discontinuation"}
    left, of = sum(r.number("n_with_event") for r in rows), sum(r.number("n_arm") for r in rows)
    assert (share.spread["alpha"], share.spread["beta"]) == (left + 0.5, of - left + 0.5)
    assert (left, of) == (7, 86)
    assert parameters["leaving.adverse_event.lsd"].value == pytest.approx(124 / (27 * 12))
    assert parameters["leaving.adverse_event.placebo"].value == pytest.approx(64 / (26 * 12))
    draws = draw_parameters(parameters, 20, 1)
    assert (felt(draws, "leaving.adverse_event.lsd") < 1 - np.exp(-draws["leaving.adverse_event.lsd"])).all()


def test_a_replayed_trial_is_not_shown_against_its_own_count(parameters, examples):
    without = parameters.without("mueller2025")
    share = without["leaving.adverse_exit.lsd"]
    assert (share.spread["alpha"], share.spread["beta"]) == (5.5, 54.5)
    assert "mueller2025" not in share.source
    changed = [n for n in parameters if parameters[n] != without[n]]
    assert changed == ["leaving.adverse_exit.lsd"]
    assert without.digest != parameters.digest
    asked = [t for t in targets() if t.quantity == "share who left for acute effects"]
    assert len(asked) == 3
    assert all(t.role == "predicted" and t.leave_out in t.sources for t in asked)
