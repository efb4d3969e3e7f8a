"""ANCOVA is least squares, holds its level, and does not care how a trial is written down."""

import jax
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from limen.analysis.ancova import adjusted_means, ancova, change_from_baseline, paired_difference


def trial(seed: int, n: int = 40, missing: float = 0.2, effect: float = -3.0):
    rng = np.random.default_rng(seed)
    baseline = rng.normal(30, 5, n)
    arm = rng.permutation(np.arange(n) % 2)
    outcome = 10 + 0.6 * baseline + effect * arm + rng.normal(0, 6, n)
    outcome[rng.random(n) < missing] = np.nan
    return outcome, baseline, arm


@pytest.mark.parametrize("seed", range(5))
def test_equals_ordinary_least_squares(seed: int) -> None:
    y, x, a = trial(seed)
    x[3] = np.nan
    seen = np.isfinite(y) & np.isfinite(x)
    reference = sm.OLS(y[seen], np.column_stack([np.ones(seen.sum()), a[seen], x[seen]])).fit()
    e = ancova(y, x, a)
    np.testing.assert_allclose(e.estimate, reference.params[1], rtol=1e-10)
    np.testing.assert_allclose(e.se, reference.bse[1], rtol=1e-10)
    np.testing.assert_allclose(e.p, reference.pvalues[1], rtol=1e-9)
    np.testing.assert_allclose([e.ci_low, e.ci_high], reference.conf_int()[1], rtol=1e-9)
    assert (e.df, e.n) == (reference.df_resid, seen.sum())
    means = adjusted_means(y, x, a)
    at = np.array([[1, 0, x[seen].mean()], [1, 1, x[seen].mean()]])
    prediction = reference.get_prediction(at)
    np.testing.assert_allclose(means.estimate, prediction.predicted_mean, rtol=1e-10)
    np.testing.assert_allclose(means.se, prediction.se_mean, rtol=1e-10)


def test_many_trials_at_once_equal_each_alone() -> None:
    trials = [trial(seed) for seed in range(20)]
    y, x, a = (np.stack(part) for part in zip(*trials, strict=True))
    together = jax.jit(jax.vmap(ancova))(y, x, a)
    direct = ancova(y, x, a)
    for i, one in enumerate(trials):
        alone = ancova(*one)
        np.testing.assert_allclose(together.estimate[i], alone.estimate, rtol=1e-12)
        np.testing.assert_allclose(direct.p[i], alone.p, rtol=1e-10)


def test_type_one_error_is_nominal() -> None:
    rng = np.random.default_rng(20_230)
    trials, n = 20_000, 30
    baseline = rng.normal(size=(trials, n))
    outcome = 0.5 * baseline + rng.normal(size=(trials, n))
    outcome[rng.random((trials, n)) < 0.15] = np.nan
    e = jax.jit(ancova)(outcome, baseline, np.arange(n) % 2)
    for alpha in (0.01, 0.05, 0.2):
        share = float((e.p < alpha).mean())
        assert abs(share - alpha) < 4 * np.sqrt(alpha * (1 - alpha) / trials)
    covered = float(((e.ci_low <= 0) & (e.ci_high >= 0)).mean())
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / trials)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.1, 20))
def test_order_shift_scale_and_swapped_arms(seed: int, shift: float, scale: float) -> None:
    y, x, a = trial(seed)
    e = ancova(y, x, a)
    order = np.random.default_rng(seed).permutation(len(y))
    shuffled = ancova(y[order], x[order], a[order])
    np.testing.assert_allclose(shuffled.estimate, e.estimate, rtol=1e-9)
    moved = ancova(scale * y + shift, scale * x + shift, a)
    np.testing.assert_allclose([moved.estimate, moved.se], [scale * e.estimate, scale * e.se], rtol=1e-7)
    np.testing.assert_allclose(moved.p, e.p, rtol=1e-6)
    swapped = ancova(y, x, 1 - a)
    np.testing.assert_allclose(swapped.estimate, -e.estimate, rtol=1e-9)
    np.testing.assert_allclose(swapped.p, e.p, rtol=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_change_and_final_score_give_one_difference(seed: int) -> None:
    y, x, a = trial(seed)
    final, change = ancova(y, x, a), ancova(y - x, x, a)
    np.testing.assert_allclose([final.estimate, final.se], [change.estimate, change.se], rtol=1e-9)


def test_masked_people_do_not_count() -> None:
    y, x, a = trial(3, missing=0)
    keep = np.arange(len(y)) % 3 != 0
    masked, dropped = ancova(y, x, a, keep), ancova(y[keep], x[keep], a[keep])
    np.testing.assert_allclose([masked.estimate, masked.se], [dropped.estimate, dropped.se], rtol=1e-12)


def test_equal_baselines_give_the_t_test() -> None:
    y, _, a = trial(4, missing=0)
    e = ancova(y, 30.1, a)
    t = stats.ttest_ind(y[a == 1], y[a == 0])
    np.testing.assert_allclose(e.p, t.pvalue, rtol=1e-9)
    assert e.df == len(y) - 2


def test_an_empty_arm_gives_no_estimate() -> None:
    y, x, _ = trial(5)
    e = ancova(y, x, np.ones_like(y))
    assert np.isnan(e.estimate)
    assert np.isnan(e.p)


def test_open_label_change_is_the_one_sample_t_test() -> None:
    y, x, _ = trial(6)
    seen = np.isfinite(y)
    e = change_from_baseline(y, x)
    t = stats.ttest_rel(y[seen], x[seen])
    np.testing.assert_allclose([e.p, e.df], [t.pvalue, t.df], rtol=1e-9)
    np.testing.assert_allclose([e.ci_low, e.ci_high], t.confidence_interval(), rtol=1e-9)


def test_crossover_difference() -> None:
    rng = np.random.default_rng(7)
    first = np.arange(24) % 3 == 0
    person, period = rng.normal(0, 5, 24), 2.0
    active = person + 1.5 + period * ~first + rng.normal(size=24)
    control = person + period * first + rng.normal(size=24)
    plain = paired_difference(active, control)
    np.testing.assert_allclose(plain.p, stats.ttest_rel(active, control).pvalue, rtol=1e-9)
    # Without the period term an unbalanced crossover is biased by the period effect; with it, the classical
    # two-sample comparison of period differences.
    d = active - control
    period_difference = np.where(first, d, -d)
    t = stats.ttest_ind(period_difference[first], period_difference[~first])
    e = paired_difference(active, control, first)
    np.testing.assert_allclose([e.p, e.df], [t.pvalue, t.df], rtol=1e-9)
    assert abs(float(e.estimate) - 1.5) < 3 * float(e.se)
