"""Operating characteristics: simulated power against the closed form, type I error, and what settles a question."""

import dataclasses

import numpy as np
import pytest

from limen.analysis.power import ancova_power
from limen.calibration.pk import typical_draws
from limen.design import operate, settle
from limen.design.influence import influences
from limen.design.report import weekly_scenario
from limen.parameters import Draws
from limen.protocol import load
from limen.trial import lay_out
from limen.trial.theta import theta

QUIET = {
    "outcomes.shared.course_trial_sd": 0.0, "belief.guess.bias_trial_sd": 0.0, "drug_effect.prior.person_cv": 1e-9,
    "leaving.dropout.d0": -50.0, "leaving.intercurrent.stop_drug": 0.0, "leaving.intercurrent.rescue": 0.0,
    "leaving.adverse_exit.lsd": 0.0, "leaving.adverse_exit.placebo": 0.0, "pharmacology.lsd_people.cv_f": 1e-9,
    "pharmacology.lsd_people.cv_cl": 1e-9, "pharmacology.lsd_people.cv_v": 1e-9, "pharmacology.lsd_people.cv_ka": 1e-9,
    "pharmacology.genotype.poor_metaboliser_share": 0.0, "receptor.occupancy.density_sd": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def quiet(parameters, examples):
    """Thousands of trials of a plan without belief, leaving or spread in the drug effect: ANCOVA's own assumptions."""
    plan = lay_out(load(examples / "claimed_lsd_trd.yaml"), parameters)
    typical = typical_draws(parameters, 1)
    draws = Draws(dict(typical.columns) | {name: np.full(1, value) for name, value in QUIET.items()}, 1)
    return operate.operate(
        plan, parameters, people=60 * 3000, seed=11, given=operate.Given(draws, np.array([0.5]))
    )


def test_simulated_power_with_belief_off_agrees_with_the_closed_form(quiet):
    reports = weekly_scenario(quiet, "course + drug")
    simulated = reports.significant(0.05)
    r, plan = quiet.records, quiet.plan
    after, before = quiet.under("course + drug", r.before_leaving), r.baseline
    active = quiet.arm == plan.active
    effect = after[~active].mean() - after[active].mean()
    within = [np.cov(before[a], after[a]) for a in (active, ~active)]
    covariance = np.mean(within, axis=0)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    closed = float(ancova_power(effect, np.sqrt(covariance[1, 1]), correlation, 30, 30))
    error = np.sqrt(closed * (1 - closed) / len(simulated))
    assert simulated.mean() == pytest.approx(closed, abs=3 * error)


def test_type_one_error_is_nominal_when_nobody_can_tell(quiet):
    reports = weekly_scenario(quiet, "course")
    rate = reports.significant(0.05).mean()
    assert rate == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / quiet.trials))


def test_estimates_are_unbiased_for_the_drug_effect_when_belief_is_off(quiet):
    reports = weekly_scenario(quiet, "course + drug")
    after, without = (quiet.under(n, quiet.records.before_leaving) for n in ("course + drug", "course"))
    active = quiet.arm == quiet.plan.active
    truth = (without[active] - after[active]).mean()
    assert reports.estimate.mean() == pytest.approx(
        truth, abs=4 * reports.estimate.std() / np.sqrt(quiet.trials)
    )


def test_belief_inflates_the_dose_day_rating_more_than_the_weekly_scale(adhd):
    from limen.design.report import dose_day

    assert dose_day(adhd)["belief only"].significant(0.05).mean() > 0.1


def test_larger_trials_settle_more_and_the_smallest_that_does_is_found():
    difference, se = np.linspace(-1, 1.5, 50), np.full(50, 2.0)
    chances = [settle.chance_of_settling(difference, se, 3.0, 60, n) for n in (20, 60, 200, 1000)]
    assert chances == sorted(chances)
    smallest = settle.participants(difference, se, 3.0, 60)
    assert smallest is not None
    assert settle.chance_of_settling(difference, se, 3.0, 60, smallest) >= 0.8
    assert settle.chance_of_settling(difference, se, 3.0, 60, smallest - 2) < 0.8
    assert settle.participants(np.full(5, 3.0), np.full(5, 1.0), 3.0, 60) is not None
    assert settle.participants(np.full(5, 0.0), np.full(5, 1e3), 1e-3, 60) is None


def test_the_most_influential_parameter_is_found_among_many():
    random = np.random.default_rng(0)
    columns = {f"p{i}": random.standard_normal(200) for i in range(40)}
    headline = 2.0 * columns["p7"] - 1.0 * columns["p3"] + 0.1 * random.standard_normal(200)
    first, second = influences(headline, columns)[:2]
    assert (first.name, second.name) == ("p7", "p3")
    assert first.high > first.low
    assert second.high < second.low


def test_the_posterior_is_the_conjugate_one(parameters, examples):
    from limen.design.believe import update

    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    draws = operate.draw_parameters(parameters, 400, 2)
    b = update(draws, theta(draws, plan), parameters, 2)
    evidence = b.evidence[0]
    weight = evidence.scale**2 / evidence.se**2
    assert np.allclose(b.mean_given, weight * (evidence.estimate / evidence.scale) / (weight + 25))
    assert b.sd < b.prior_sd
    assert b.mean < 0
    z = (b.delta - b.mean_given) / b.sd_given
    assert abs(z.mean()) < 0.01
    assert abs(z.std() - 1) < 0.01
    assert dataclasses.is_dataclass(b)


def test_a_run_that_would_not_fit_in_memory_is_refused_with_a_size_that_would(parameters, examples):
    from limen.errors import LimenError

    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    with pytest.raises(LimenError, match="--people"):
        operate.operate(plan, parameters, draws=200, people=100_000)
