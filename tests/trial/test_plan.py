"""A protocol laid out: doses in base units, arms, weeks, and what cannot be simulated."""

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
