"""Shares and their comparisons against statsmodels and published intervals."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from limen.analysis.responders import compare_shares, responders, wilson


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.data())
def test_wilson_interval(n: int, data) -> None:
    k = data.draw(st.integers(0, n))
    e = wilson(k, n)
    low, high = proportion_confint(k, n, method="wilson")
    np.testing.assert_allclose([e.ci_low, e.ci_high], [low, high], atol=1e-12)
    assert 0 <= e.ci_low <= e.estimate <= e.ci_high <= 1


def test_newcombe_published_example() -> None:
    # Newcombe 1998, Stat Med 17:873-890, table II, method 10: 56/70 against 48/80.
    e = compare_shares([48, 56], [80, 70]).risk_difference
    np.testing.assert_allclose([e.estimate, e.ci_low, e.ci_high], [0.2, 0.0524, 0.3339], atol=5e-5)
    # and 10/10 against 0/20
    e = compare_shares([0, 10], [20, 10]).risk_difference
    np.testing.assert_allclose([e.ci_low, e.ci_high], [0.6791, 1.0], atol=5e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 80), st.integers(2, 80), st.data())
def test_differences_and_ratios(n0: int, n1: int, data) -> None:
    k0, k1 = data.draw(st.integers(1, n0 - 1)), data.draw(st.integers(1, n1 - 1))
    r = compare_shares([k0, k1], [n0, n1])
    low, high = confint_proportions_2indep(k1, n1, k0, n0, method="newcomb", compare="diff")
    np.testing.assert_allclose([r.risk_difference.ci_low, r.risk_difference.ci_high], [low, high], atol=1e-10)
    table = Table2x2([[k1, n1 - k1], [k0, n0 - k0]])
    np.testing.assert_allclose(r.odds_ratio.estimate, table.oddsratio, rtol=1e-10)
    interval = [r.odds_ratio.ci_low, r.odds_ratio.ci_high]
    np.testing.assert_allclose(interval, table.oddsratio_confint(), rtol=1e-8)
    np.testing.assert_allclose(r.risk_ratio.estimate, table.riskratio, rtol=1e-10)
    interval = [r.risk_ratio.ci_low, r.risk_ratio.ci_high]
    np.testing.assert_allclose(interval, table.riskratio_confint(), rtol=1e-8)
    chi2 = stats.chi2_contingency([[k1, n1 - k1], [k0, n0 - k0]], correction=False)
    np.testing.assert_allclose(r.risk_difference.p, chi2.pvalue, rtol=1e-8)


def test_swapping_arms_mirrors_every_comparison() -> None:
    one, other = compare_shares([7, 15], [40, 38]), compare_shares([15, 7], [38, 40])
    mirrored = [-other.risk_difference.ci_high, -other.risk_difference.ci_low]
    np.testing.assert_allclose(
        [one.risk_difference.ci_low, one.risk_difference.ci_high], mirrored, rtol=1e-12
    )
    np.testing.assert_allclose(one.risk_ratio.ci_low * other.risk_ratio.ci_high, 1, rtol=1e-12)
    np.testing.assert_allclose(one.odds_ratio.p, other.odds_ratio.p, rtol=1e-12)


def test_people_without_an_outcome_do_not_count_unless_told() -> None:
    response = np.array([1, 0, np.nan, 1, 1, np.nan, 0, 0], float)
    arm = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    complete = responders(response, arm)
    np.testing.assert_allclose(complete.share.estimate, [1 / 3, 2 / 3])
    np.testing.assert_allclose(complete.share.n, [3, 3])
    imputed = responders(np.nan_to_num(response), arm)
    np.testing.assert_allclose(imputed.share.estimate, [1 / 4, 2 / 4])


def test_empty_cells_get_half_a_participant() -> None:
    r = compare_shares([0, 5], [20, 20])
    np.testing.assert_allclose(r.odds_ratio.estimate, (5.5 / 15.5) / (0.5 / 20.5), rtol=1e-12)
    assert np.isfinite(r.risk_ratio.ci_high)
