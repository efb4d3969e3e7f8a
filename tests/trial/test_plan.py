"""A protocol laid out: doses in base units, arms, weeks, and what cannot be simulated."""

from pathlib import Path

import pytest

from limen.protocol import load
from limen.trial.plan import lay_out


def test_the_adhd_trial_as_written(examples, parameters):
    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    assert plan.people == 53
    assert plan.arms[plan.active].mean_dose == 20
    assert plan.arms[plan.control].levels == ()
    assert plan.model == "outcomes.ADHD.aisrs"
    assert plan.primary_week == 6
    assert plan.dosing_weeks == 6
    assert plan.warnings == ()


def test_a_dose_outside_the_measured_range_is_said_to_be(examples, parameters):
    plan = lay_out(load(examples / "claimed_psilocybin_gad.yaml"), parameters)
    assert any("extrapolation" in note for note in plan.warnings)


def test_the_first_dose_comes_after_a_lead_in_and_capsules_know_what_they_hold(parameters):
    registered = Path(__file__).parents[1] / "protocol" / "registered"
    led, late, plain = (
        lay_out(load(registered / f"{name}.yaml"), parameters)
        for name in ("leadin_gad", "late_start_wait", "maastricht_repeated15")
    )
    assert led.days[led.first_dose] == 14
    assert late.first_dose == plain.first_dose == 0
    assert late.arms[1].holds(len(late.days)).tolist() == [False] * 8 + [True] * 8
    assert plain.arms[0].holds(4).all()
    assert not plain.arms[1].holds(4).any()


@pytest.mark.parametrize("name", ["self_blinding", "gad_3mg_responder_gate"])
def test_what_cannot_be_simulated_is_laid_out_as_far_as_it_goes_and_says_so(name, examples, parameters):
    plan = lay_out(load(examples / f"{name}.yaml"), parameters)
    assert plan.unscored is not None
    assert "yet" in plan.unscored
    assert plan.model is None


def test_a_crossover_puts_everybody_in_both_arms(examples, parameters):
    plan = lay_out(load(examples / "mushroom_crossover.yaml"), parameters)
    assert [arm.n for arm in plan.arms] == [34, 34]
    assert plan.arms[plan.active].mean_dose == pytest.approx(850)
