"""The drug's effect as a state: it follows doses taken and the day it is looked at."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from limen.calibration.pk import typical_draws
from limen.design.operate import Given, draw_parameters, operate
from limen.parameters import Draws
from limen.protocol import load, loads
from limen.trial.follow import time_course
from limen.trial.plan import lay_out
from limen.trial.reference import Regimen, met, reference_marks, transduction
from limen.trial.walk import Records

TAU = 4.0  # wk


@pytest.fixture(scope="module")
def draws(parameters):
    typical = typical_draws(parameters, 2)
    return Draws(dict(typical.columns) | {"outcomes.shared.tau": np.full(2, TAU)}, 2)


def test_a_constant_regimen_accrues_as_the_course_of_the_outcome(draws):
    """With E constant, A(t) = E (1 - exp(-t/tau)), so A(t)/A(8) is the time course f(t). Doses of one size at every hour
    of a day repeat: sum over days of e^(-(t-d)/tau) is the same geometric series, so the ratio is exact but for what the
    last days leave behind and for tolerance."""
    accrual = np.full(2, 1 / (168 * TAU))
    mark = reference_marks(draws, accrual)
    k = transduction(draws, mark)
    daily = Regimen("LSD", "lsd_oral_micro", 1.0, np.arange(0, 56))  # too little for tolerance
    weeks = np.array([2.0, 4.0, 6.0, 8.0])
    a = np.array([met(draws, daily, accrual, k, round(7 * week))[2] for week in weeks])
    f = np.asarray(time_course(jnp.full(2, TAU), jnp.asarray(weeks)))
    assert np.allclose(a / a[-1], f, rtol=3e-3)


def test_the_reference_regimen_is_its_own_yardstick(draws):
    accrual = np.full(2, 1 / (168 * TAU))
    mark = reference_marks(draws, accrual)
    regimen = Regimen("LSD", "lsd_oral_micro", 10.0, np.arange(0, 56, 3))
    _, signal, a = met(draws, regimen, accrual, transduction(draws, mark), 56)
    assert np.allclose(a, mark.accrual, rtol=1e-12)
    assert np.allclose(signal, mark.signal, rtol=1e-12)


def test_twice_the_days_is_not_quite_twice_the_effect_and_later_looks_see_less(draws):
    accrual = np.full(2, 1 / (168 * TAU))
    k = transduction(draws, reference_marks(draws, accrual))

    def at(days, day):
        return met(draws, Regimen("LSD", "lsd_oral_micro", 10.0, np.array(days)), accrual, k, day)[2]

    assert (at([0, 3], 28) > at([0], 28)).all()
    assert (at([0, 3], 28) < 2.2 * at([0], 28)).all()
    assert np.allclose(at([0], 28) / at([0], 14), np.exp(-14 / (7 * TAU)), rtol=1e-9)


def test_once_the_drug_is_stopped_its_effect_falls_by_exp_h_dt_over_tau(parameters, examples):
    """Everybody stops in the first week and nothing else happens: the score that is recorded gives up what had accrued."""
    drawn = draw_parameters(parameters, 20, 3)
    still = {
        "leaving.intercurrent.stop_drug": 1.0, "leaving.intercurrent.rescue": 0.0, "leaving.dropout.d0": -50.0,
        "leaving.adverse_exit.lsd": 0.0, "leaving.adverse_exit.placebo": 0.0,
    }  # fmt: skip
    fixed = Draws(dict(drawn.columns) | {n: np.full(20, v) for n, v in still.items()}, 20)
    plan = replace(lay_out(load(examples / "adhd_20ug.yaml"), parameters), low=-1000.0, high=1000.0)
    given = Given(fixed, np.full(20, 30.0))  # an effect large beside rounding
    run = operate(plan, parameters, 20, 106, 3, given=given)
    r: Records = run.records
    active = (run.arm == plan.active) & (np.asarray(r.signal_ratio) > 0.05)
    week = plan.primary_week
    lost = run.under("drug", r.primary)[active] - run.under("drug", r.before_leaving)[active]
    by_drug = run.under("selection", r.before_leaving)[active] - run.under("drug", r.before_leaving)[active]
    assert (lost > 0).mean() > 0.95
    first = plan_week_one(run)[active]
    t, draw = run.theta.scale, run.draw[active]
    fall = np.exp(-np.asarray(t.h)[draw] * (week - 1) / np.asarray(t.tau)[draw])
    kept = by_drug - lost
    assert np.allclose(kept, first * fall, atol=2.0)


def plan_week_one(run):
    """The drug's points at the end of week 1, from the same people looked at then."""
    early = operate(
        replace(run.plan, primary_week=1),
        run.parameters,
        20,
        106,
        3,
        given=Given(run.draws, run.belief.delta),
    )
    r = early.records
    return early.under("selection", r.before_leaving) - early.under("drug", r.before_leaving)


BASE = """
limen: 1
name: written twice
status: planned
compound: LSD
population: {{indication: GAD, entry: {{outcome: hama, at_least: 20}}, on_antidepressant: 0}}
arms:
{arms}
schedule: {{pattern: {pattern}, duration: {duration}}}
visits: {visits}
outcomes:
  - {{id: hama, primary: true, at: 4 wk}}
blinding: double
"""
LSD = "  - {name: LSD, kind: active, n: 20, form: LSD base, dose: 10 ug}"
PLACEBO = "  - {name: placebo, kind: inert placebo, n: 24}"
PLAIN = {
    "arms": f"{LSD}\n{PLACEBO}",
    "pattern": "{every: 3 d}",
    "duration": "4 wk",
    "visits": "[0 wk, 1 wk, 4 wk]",
}
REWRITTEN = {
    "a longer duration": {"pattern": "{days: [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]}", "duration": "20 wk"},
    "explicit days for a pattern": {"pattern": "{days: [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]}"},
    "arms in another order": {"arms": f"{PLACEBO}\n{LSD}"},
    "a visit that nothing uses": {"visits": "[0 wk, 1 wk, 2 wk, 4 wk, 12 wk]"},
}


def ran(parameters, changes):
    plan = lay_out(loads(BASE.format(**(PLAIN | changes))), parameters)
    return operate(plan, parameters, 20, 88, 7)


def in_order(run, values):
    """Rows of the arm that gives the drug, then of the other, whatever the order they are written in."""
    values, arm = np.asarray(values, float), run.arm
    return np.concatenate([values[arm == run.plan.active], values[arm == run.plan.control]])


@pytest.mark.parametrize("how", REWRITTEN)
def test_writing_the_same_trial_in_another_way_changes_no_number(how, parameters):
    one, other = ran(parameters, {}), ran(parameters, REWRITTEN[how])
    doses = len(one.plan.days)
    assert np.array_equal(one.belief.delta, other.belief.delta)
    for name in ("peak", "signal", "p_notice", "noticed", "capsule"):
        a, b = (in_order(r, getattr(r.records, name))[:, :doses] for r in (one, other))
        assert np.allclose(a, b, rtol=1e-9, atol=1e-12), name
    for name in (
        "baseline",
        "primary",
        "before_leaving",
        "latent",
        "signal_ratio",
        "dose",
        "left_for_effects",
    ):
        a, b = (in_order(r, getattr(r.records, name)) for r in (one, other))
        assert np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True), name


def test_one_dose_written_as_a_day_or_as_four_weeks_is_one_trial(parameters):
    runs = [ran(parameters, {"pattern": "{days: [0]}", "duration": d}) for d in ("1 d", "4 wk")]
    one, other = (np.asarray(r.records.primary) for r in runs)
    assert np.allclose(one, other, equal_nan=True)
    assert np.asarray(runs[0].records.signal_ratio).max() > 0
