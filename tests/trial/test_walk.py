"""The walk: sameness of draws, exact nesting, order-free channels, and what placebo participants do."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from limen.design import decompose
from limen.design.operate import Given, draw_parameters, operate
from limen.design.whatifs import ALL, CHANNELS, SUBSETS, WHAT_IFS, Variant, subset_name
from limen.dossier.compose import result_digest
from limen.protocol import load
from limen.trial.plan import lay_out


def run_with(examples, parameters, what_ifs=WHAT_IFS, workers=2, fixed=None, seed=3):
    plan = lay_out(load(examples / "adhd_20ug.yaml"), parameters)
    return operate(plan, parameters, 20, 106, seed, workers, given=Given(fixed, None, what_ifs))


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_switched_off_leaves_every_draw_exposure_and_percept_bit_identical(
    channel, examples, parameters
):
    on, off = Variant("on", ALL, 0.4), Variant("off", ALL - {channel}, 0.4)
    first = run_with(examples, parameters, (on, *WHAT_IFS[1:])).records
    second = run_with(examples, parameters, (off, *WHAT_IFS[1:])).records
    for name in (
        "peak",
        "signal",
        "fold",
        "p_notice",
        "noticed",
        "capsule",
        "signal_ratio",
        "dose",
        "baseline",
    ):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    for name in vars(first.day):
        assert np.array_equal(getattr(first.day, name), getattr(second.day, name)), name
    assert not np.array_equal(first.before_leaving[:, 0], second.before_leaving[:, 0])


def test_one_or_two_workers_and_a_second_run_give_the_same_digest(examples, parameters):
    digests = {result_digest(run_with(examples, parameters, workers=workers)) for workers in (1, 2, 2)}
    assert len(digests) == 1


def test_another_seed_is_another_result(examples, parameters):
    one, other = (run_with(examples, parameters, seed=seed) for seed in (3, 4))
    assert result_digest(one) != result_digest(other)


def test_nested_differences_sum_to_the_total_for_every_participant(adhd):
    nested = [
        decompose.improvement(adhd, frozenset(on)) for on in ((), ("course",), ("course", "belief"), CHANNELS)
    ]
    parts = np.diff(np.stack(nested), axis=0)
    assert np.array_equal(nested[0] + parts.sum(0), nested[-1])
    assert np.array_equal(nested, np.round(nested))  # observed scores: whole points, so the sum is exact


def test_without_the_improvement_to_belief_route_latent_channels_are_order_free(examples, parameters):
    fixed = draw_parameters(parameters, 20, 3)
    fixed = dataclasses.replace(fixed, columns=dict(fixed.columns) | {"belief.update.lambda_s": np.zeros(20)})
    run = run_with(examples, parameters, fixed=fixed)
    at = {subset: run.under(subset_name(subset), run.records.latent) for subset in SUBSETS}
    for channel in CHANNELS:
        effects = [at[s | {channel}] - value for s, value in at.items() if channel not in s]
        assert np.ptp(np.stack(effects), axis=0).max() < 1e-12


def test_with_the_route_on_the_split_depends_on_the_order_for_some(adhd):
    split = decompose.of_arm(adhd, adhd.plan.active)
    low, high = split.by_order["belief"]
    assert low < high


def test_a_participant_on_placebo_notices_at_the_false_alarm_rate(adhd):
    control = adhd.arm == adhd.plan.control
    noticed = adhd.records.p_notice[control][:, : len(adhd.plan.days)]
    assert (noticed == noticed[:, :1]).all()
    rate = adhd.draws["perception.detection.false_alarm"].mean()
    assert noticed.mean() == pytest.approx(rate, abs=0.03)


def test_observed_baselines_meet_the_entry_threshold(adhd):
    assert adhd.records.baseline.min() >= 26
    assert np.array_equal(adhd.records.baseline, np.round(adhd.records.baseline))


def test_scores_stay_on_the_scale_and_end_when_a_person_leaves(adhd):
    scores = adhd.records.scores
    seen = np.isfinite(scores)
    assert scores[seen].min() >= 0
    assert scores[seen].max() <= 54
    assert (np.diff(seen.astype(int), axis=1) <= 0).all()
    assert np.array_equal(seen, adhd.records.present > 0)


def test_correct_guesses_stay_between_the_observed_bounds(adhd):
    """Overall correct guesses at microdoses are 0.55 to 0.75 to week 8 (observed 0.60 to 0.65 and flat)."""
    plan, r = adhd.plan, adhd.records
    truth = (adhd.arm == plan.active).astype(float)
    for week in range(1, plan.weeks + 1):
        guess = r.guess[:, week - 1]
        made = np.isfinite(guess)
        correct = (guess == truth)[made].mean()
        assert 0.5 < correct < 0.75
    assert correct > 0.55


def test_selection_gives_regression_to_the_mean_of_the_size_the_variances_say():
    """E[m | Y(0)] - mu is the trait's share of the variance: the fall of the mean after selection."""
    from limen.trial.follow import Severity, select

    n = 200_000
    one = jnp.ones(n)
    s = Severity(
        28.8 * one,
        3.4 * one,
        3.4 * one,
        1.8 * one,
        one,
        one,
        one,
        one,
        one,
        jnp.asarray(0.0),
        jnp.asarray(60.0),
    )
    key = jax.random.key(1)
    u = jax.random.uniform(key, (n,))
    z = jax.random.normal(jax.random.key(2), (3, n))
    start = select(s, (jnp.asarray(26.0), jnp.asarray(1e6)), u, z)
    share = 3.4**2 / (2 * 3.4**2 + 1.8**2)
    above = float(start.observed.mean() - 28.8)
    assert float(start.observed.min()) >= 26
    assert float(start.trait.mean() - 28.8) == pytest.approx(share * above, abs=0.03)
    free = select(s, (jnp.asarray(-1e6), jnp.asarray(1e6)), u, z)
    assert float(free.trait.std()) == pytest.approx(3.4, rel=0.01)
    assert float(free.state.std()) == pytest.approx(3.4, rel=0.01)
    assert float(free.error.std()) == pytest.approx(1.8, rel=0.01)
