"""Operating characteristics: simulated power against the closed form, type I error, and what settles a question."""

import dataclasses
import re

import jax
import numpy as np
import pytest

from limen.analysis.power.aims import Aim
from limen.analysis.power.means import Ancova
from limen.calibration.pk import typical_draws
from limen.design import noise, operate, search, settle
from limen.design.decompose import of_arm, of_difference
from limen.design.influence import influences
from limen.design.looked import looks_bounds
from limen.design.report import weekly_scenario
from limen.dossier.summarise import averaged, paired, share
from limen.engine.runs import BLOCK
from limen.errors import LimenError
from limen.parameters import Draws
from limen.protocol import load
from limen.protocol.model import InterimLooks
from limen.trial.plan import lay_out
from limen.trial.theta import theta
from support.quiet import quiet_trials


@pytest.fixture(scope="module")
def quiet(parameters, examples):
    """Thousands of trials without belief, leaving or spread in the drug effect: ANCOVA's own assumptions."""
    return quiet_trials(lay_out(load(examples / "claimed_lsd_trd.yaml"), parameters), parameters, 3000)


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
    closed = Ancova(sd=np.sqrt(covariance[1, 1]), correlation=correlation).power(effect, (30, 30), Aim())
    error = np.sqrt(closed * (1 - closed) / len(simulated))
    assert simulated.mean() == pytest.approx(closed, abs=3 * error)


def test_type_one_error_is_nominal_when_nobody_can_tell(quiet):
    reports = weekly_scenario(quiet, "course")
    rate = reports.significant(0.05).mean()
    assert rate == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / quiet.trials))


def test_looks_stop_as_the_closed_form_says_when_nobody_can_tell(quiet):
    looks = InterimLooks(at=(0.5, 1.0), spending="pocock", futility=(0.0,))
    staged = weekly_scenario(
        dataclasses.replace(quiet, plan=dataclasses.replace(quiet.plan, looks=looks)), "course"
    )
    expected, trials = looks_bounds(looks, 0.05, 2).exits(0.0), quiet.trials
    first = staged.stops.look == 0
    for shown, p in (
        ((first & staged.stops.benefit).mean(), expected.upper[0]),
        ((~first & staged.stops.benefit).mean(), expected.upper[1]),
        (first.mean(), expected.upper[0] + expected.lower[0]),
    ):
        assert shown == pytest.approx(p, abs=3 * np.sqrt(p * (1 - p) / trials))
    assert set(staged.stops.people) == {30, 60}


def test_a_trial_that_no_look_stops_reports_what_it_would_without_looks(quiet):
    looks = InterimLooks(at=(0.4, 0.8, 1.0))
    staged = weekly_scenario(
        dataclasses.replace(quiet, plan=dataclasses.replace(quiet.plan, looks=looks)), "course + drug"
    )
    fixed = weekly_scenario(quiet, "course + drug")
    end = staged.stops.look == 2
    assert 0.2 < end.mean() < 0.95
    assert np.array_equal(staged.estimate[end], fixed.estimate[np.isin(fixed.trials, staged.trials[end])])
    assert (staged.estimate[~end] > 0).mean() > 0.9
    assert staged.estimate.mean() > fixed.estimate.mean()  # what stops early was lucky


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


def question(drug, belief, se=2.0, mcid=3.0):
    drug, belief = np.broadcast_arrays(np.asarray(drug, float), np.asarray(belief, float))
    return settle.Question(drug, belief, np.full(drug.shape, se), mcid, 60)


def test_larger_trials_settle_more_and_the_smallest_that_does_is_found():
    asked = question(np.linspace(-1, 1.5, 50), 0.0)
    chances = [settle.settled_by(asked, n).chance for n in (20, 60, 200, 1000)]
    assert chances == sorted(chances)
    found = settle.smallest(asked)
    assert found is not None
    assert found.found.chance >= 0.8 > settle.settled_by(asked, found.found.people - 2).chance
    assert settle.smallest(question(np.full(5, 0.0), 0.0, se=1e3, mcid=1e-3)) is None


def test_the_size_that_settles_has_the_interval_in_which_a_search_cannot_tell():
    """Those sizes are open whose chance is within twice its Monte Carlo error of the goal, as in `limen design`."""
    rng, goal = np.random.default_rng(2), search.Goal("settles", settle.ASSURANCE)
    widths = []
    for draws in (100, 10_000):
        asked = question(rng.normal(0.2, 1.0, draws), 0.0)
        found = settle.smallest(asked)
        assert found is not None
        assert found.high is not None
        assert found.low < found.found.people < found.high
        met = {}
        for size in (found.low - 2, found.low, found.high - 2, found.high):
            chance = settle.settled_by(asked, size)
            met[size] = goal.met((chance.chance, chance.chance_error, draws))
        assert list(met.values()) == [False, None, None, True]
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 3


@pytest.mark.parametrize("bias", [0.0, 0.8, -0.8])
@pytest.mark.parametrize("size", [20, 200, 2_000, 20_000, 2_000_000])
def test_no_trial_however_large_takes_bias_for_an_answer(bias, size):
    """Of a drug that does nothing a benefit is found in a fortieth of trials at most, whatever noticing adds."""
    z = (np.arange(4000) + 0.5) / 4000
    from scipy.special import ndtri

    belief = bias + 0.3 * ndtri(z)
    found = settle.settled_by(question(np.zeros(4000), belief), size)
    assert found.false_benefit <= 0.0255
    assert settle.settled_by(question(np.full(4000, 2.0), belief), size).false_benefit == pytest.approx(
        found.false_benefit
    )


def test_settlements_that_are_wrong_are_counted():
    drug = np.linspace(-3, 3, 401)
    found = settle.settled_by(question(drug, 0.0, mcid=1.0), 60)
    s, half = 2.0, 2.0 * 1.959963984540054
    rng = np.random.default_rng(1)
    estimate = drug[:, None] + s * rng.standard_normal((401, 4000))
    benefit, small = estimate - half > 0, estimate + half < 1.0
    wrong = (benefit & (drug <= 0)[:, None]) | (small & (drug >= 1.0)[:, None])
    assert found.chance == pytest.approx((benefit | small).mean(), abs=0.003)
    assert found.wrong == pytest.approx(wrong.mean() / (benefit | small).mean(), abs=0.003)


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_intervals_of_parameters_hold_nothing_of_the_simulation(spread):
    rng = np.random.default_rng(3)
    draw = np.repeat(np.arange(2000), 6)
    truth = 1.0 + spread * rng.standard_normal(2000)
    found = noise.quiet(truth[draw] + 3.0 * rng.standard_normal(len(draw)), draw, 2000)
    assert found.draws.std() == pytest.approx(spread, abs=0.25 if spread == 0 else 0.07)
    assert found.error == pytest.approx(np.sqrt((spread**2 + 9 / 6) / 2000), rel=0.1)
    assert abs(found.mean - 1.0) < 4 * found.error


def test_selection_and_course_of_a_randomised_difference_are_exactly_zero(adhd):
    split = of_difference(adhd)
    assert split is not None
    for name in split.ruled:
        assert not split.channels[name].draws.any()
    assert split.ruled == ("selection", "course")
    parts = sum(part.mean for part in split.channels.values())
    assert parts == pytest.approx(split.total.mean, abs=1e-12)
    arm = of_arm(adhd, adhd.plan.active)
    assert arm.channels["course"].mean > 0


def test_the_error_of_a_mean_of_exact_chances_is_that_of_the_mean(adhd):
    """Twenty draws of exact chances that hardly differ: not twenty tosses of a coin."""
    chances = adhd.belief.above(0.0)
    found = averaged(chances)
    assert found.value == pytest.approx(float(chances.mean()))
    assert found.monte_carlo_se == pytest.approx(chances.std(ddof=1) / np.sqrt(len(chances)))
    assert found.monte_carlo_se < 0.2 * np.sqrt(found.value * (1 - found.value) / len(chances))


def test_the_most_influential_parameter_is_found_among_many():
    random = np.random.default_rng(0)
    columns = {f"p{i}": random.standard_normal(200) for i in range(40)}
    headline = 2.0 * columns["p7"] - 1.0 * columns["p3"] + 0.1 * random.standard_normal(200)
    first, second = influences(headline, columns)[:2]
    assert (first.name, second.name) == ("p7", "p3")
    assert first.high > first.low
    assert second.high < second.low


def test_a_trial_is_predicted_without_its_own_result(parameters, examples):
    from limen.design.believe import update

    draws = operate.draw_parameters(parameters, 50, 2)

    def of(name):
        plan = lay_out(load(examples / f"{name}.yaml"), parameters)
        return update(draws, theta(draws, plan), plan, parameters, 2)

    for name, own in (("adhd_20ug", "mueller2025"), ("lsddep2", "lsddep2"), ("self_blinding", "szigeti2021")):
        found = of(name)
        assert found.left_out == (own,)
        assert own not in {e.adds.name for e in found.used}
        assert next(e for e in found.evidence if e.adds.name == own).moves is None
    assert of("lsddep1").left_out == ()  # open label: it never spoke of the drug
    assert of("claimed_lsd_trd").left_out == ()


def test_a_study_left_out_equals_the_posterior_without_it(parameters, examples):
    from limen.design.believe import update

    draws = operate.draw_parameters(parameters, 40, 2)
    plan = lay_out(load(examples / "claimed_lsd_trd.yaml"), parameters)
    t = theta(draws, plan)
    everything = update(draws, t, plan, parameters, 2)
    for study in ("mueller2025", "lsddep2_topline", "szigeti2021"):
        without = update(draws, t, dataclasses.replace(plan, sources=(study,)), parameters, 2)
        (name,) = without.left_out
        told = next(s for s in everything.sensitivity if s.name == f"without {name}")
        assert told.above_zero == pytest.approx(without.above(0.0).mean())
        moves = next(e.moves for e in everything.evidence if e.adds.name == name)
        assert moves == pytest.approx(everything.mean - without.mean)


def test_the_drawn_effects_follow_the_posterior(parameters, examples):
    from limen.design.believe import update

    draws = operate.draw_parameters(parameters, 400, 2)
    plan = lay_out(load(examples / "claimed_lsd_trd.yaml"), parameters)
    b = update(draws, theta(draws, plan), plan, parameters, 2)
    assert (b.delta > 0).mean() == pytest.approx(b.above(0.0).mean(), abs=0.02)
    assert b.delta.mean() == pytest.approx(b.mean, abs=0.01)
    assert b.sd < b.prior_sd


class Begun(Exception):
    """A run was let through beyond its first block."""


def test_a_run_that_would_not_fit_in_memory_is_refused_with_the_largest_that_would(
    parameters, examples, monkeypatch
):
    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    typical, draws = typical_draws(parameters, 1), 200
    repeated = Draws({name: np.resize(column, draws) for name, column in typical.columns.items()}, draws)

    def asked(people):
        operate.operate(plan, parameters, people=people, given=operate.Given(repeated))

    def begin(work, *_, allow, **__):
        allow(jax.tree.leaves(jax.tree.map(np.asarray, work(np.arange(BLOCK)))))
        raise Begun

    monkeypatch.setattr(operate, "in_blocks", begin)
    with pytest.raises(LimenError, match="memory") as refused:
        asked(100_000)
    found = re.search(r"--people (\d+)", str(refused.value))
    assert found is not None
    with pytest.raises(Begun):
        asked(int(found[1]))
    with pytest.raises(LimenError, match="memory"):
        asked(int(found[1]) + plan.people)


@pytest.mark.parametrize("hits", [np.zeros(40), np.ones(40)])
def test_what_no_trial_or_every_trial_shows_is_not_certain(hits):
    found = share(hits)
    assert 0.02 < found.monte_carlo_se < 0.03
    draws = np.arange(40)
    assert paired(hits, hits, draws).monte_carlo_se == pytest.approx(found.monte_carlo_se)
    assert not paired(hits, hits, draws).clear
