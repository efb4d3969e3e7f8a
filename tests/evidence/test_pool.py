"""Pooling obeys its laws, and agrees with the likelihood it is said to maximise."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from limen.errors import DataError
from limen.evidence import asymmetry, effects, few
from limen.evidence.pool import METHODS, Method, cumulative, leave_one_out, pool, subgroups

trials = st.lists(
    st.tuples(st.floats(-2, 2), st.floats(0.01, 1.0)), min_size=3, max_size=12
).map(lambda rows: (np.array([y for y, _ in rows]), np.array([v for _, v in rows])))  # fmt: skip


@given(trials, st.sampled_from(METHODS), st.floats(-3, 3), st.floats(0.1, 10))
@settings(deadline=None, max_examples=60)
def test_moving_and_stretching_the_scale_moves_and_stretches_the_answer(
    data: Any, method: Method, by: float, k: float
) -> None:
    y, v = data
    here, there = pool(y, v, method=method), pool(k * y + by, k * k * v, method=method)
    assert there.estimate == pytest.approx(k * here.estimate + by, abs=1e-5 * max(1, k))
    assert there.tau2 == pytest.approx(k * k * here.tau2, rel=1e-4, abs=1e-6 * k * k)
    assert there.i2 == pytest.approx(here.i2, abs=1e-2)


@given(trials, st.sampled_from(METHODS), st.floats(-1e4, 1e4), st.integers(-8, 8))
@settings(deadline=None, max_examples=60)
def test_no_unit_is_too_small_or_too_large(data: Any, method: Method, by: float, power: int) -> None:
    """Every tolerance is a share of what is sought: effects of 1e-6 have the heterogeneity of effects of 1."""
    (y, v), k = data, 10.0**power
    here, there = pool(y, v, method=method), pool(k * (y + by), k * k * v, method=method)
    assert there.estimate / k == pytest.approx(here.estimate + by, rel=1e-9, abs=1e-6)
    assert there.tau2 / k**2 == pytest.approx(here.tau2, rel=1e-5, abs=1e-6)
    if here.tau2_interval is not None and there.tau2_interval is not None:
        assert there.tau2_interval.high / k**2 == pytest.approx(here.tau2_interval.high, rel=1e-5, abs=1e-6)
    assert there.i2 == pytest.approx(here.i2, abs=1e-2)


@pytest.mark.parametrize("apart", [0.1, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("heterogeneity", ["half_normal", "half_cauchy"])
def test_trials_in_conflict_have_the_posterior_of_the_integral(apart: float, heterogeneity: Any) -> None:
    """The mixture over τ against a sum over four hundred thousand values of it."""
    v, s0, scale = 0.01, 0.5, 0.15
    tau = np.concatenate([np.linspace(1e-6, 8, 400_001), np.linspace(8, 4e3, 400_001)[1:]])
    step = np.gradient(tau)
    precision = 1 / (v + tau**2)
    total = 2 * precision + 1 / s0**2
    quadratic = 2 * (apart / 2) ** 2 * precision + 2 * precision * 0.1**2 - (0.2 * precision) ** 2 / total
    spread = -((tau / scale) ** 2) / 2 if heterogeneity == "half_normal" else -np.log1p((tau / scale) ** 2)
    log = np.log(precision) - np.log(total) / 2 - quadratic / 2 + spread
    w = step * np.exp(log - log.max())
    w /= w.sum()
    mean = 0.2 * precision / total
    sd = np.sqrt(w @ (1 / total + mean**2) - (w @ mean) ** 2)
    found = few.posterior(
        [0.1 - apart / 2, 0.1 + apart / 2], [v, v], few.Prior(0.0, s0, heterogeneity, scale)
    )
    assert found.mean == pytest.approx(w @ mean, rel=1e-4)
    assert found.sd == pytest.approx(sd, rel=1e-4)
    assert found.tau_median == pytest.approx(tau[np.searchsorted(np.cumsum(w), 0.5)], rel=5e-3)


def test_trials_that_are_all_alike_have_no_asymmetry_to_test() -> None:
    for test in (asymmetry.egger, asymmetry.rank_test):
        with pytest.raises(DataError, match="same effect"):
            test([0.3, 0.3, 0.3], [0.1, 0.2, 0.3])
        with pytest.raises(DataError, match="same standard error"):
            test([0.1, 0.2, 0.3], [0.1, 0.1 + 1e-17, 0.1 - 2e-17])


@given(trials, st.sampled_from(METHODS))
@settings(deadline=None, max_examples=60)
def test_the_pool_lies_among_the_trials_and_order_does_not_matter(data: Any, method: Method) -> None:
    y, v = data
    fit = pool(y, v, method=method)
    assert min(y) - 1e-9 <= fit.estimate <= max(y) + 1e-9
    assert fit.weights.sum() == pytest.approx(1)
    turned = pool(y[::-1], v[::-1], method=method)
    assert turned.estimate == pytest.approx(fit.estimate, abs=1e-6)
    assert fit.tau2 >= 0


@given(trials)
@settings(deadline=None, max_examples=60)
def test_hartung_knapp_with_its_guard_is_never_narrower(data: Any) -> None:
    y, v = data
    plain, guarded = pool(y, v, hartung_knapp=False), pool(y, v, hartung_knapp=True)
    assert guarded.se[0] >= plain.se[0] - 1e-12
    assert (
        guarded.interval[0].high - guarded.interval[0].low >= plain.interval[0].high - plain.interval[0].low
    )


@given(trials)
@settings(deadline=None, max_examples=60)
def test_the_q_profile_meets_its_two_quantiles(data: Any) -> None:
    y, v = data
    found = pool(y, v).tau2_interval
    assert found is not None

    def q(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float(w @ (y - w @ y / w.sum()) ** 2)

    for end, tail in ((found.low, 0.975), (found.high, 0.025)):
        target = stats.chi2.ppf(tail, len(y) - 1)
        assert q(end) == pytest.approx(target, rel=1e-6) or (end == 0 and q(0) <= target)


@given(trials, st.booleans())
@settings(deadline=None, max_examples=40)
def test_likelihood_estimates_are_at_the_top_of_the_likelihood(data: Any, restricted: bool) -> None:
    y, v = data

    def minus_log(tau2: float) -> float:
        w = 1 / (v + tau2)
        mu = w @ y / w.sum()
        value = 0.5 * np.sum(np.log(v + tau2)) + 0.5 * w @ (y - mu) ** 2
        return float(value + (0.5 * math.log(w.sum()) if restricted else 0.0))

    tau2 = pool(y, v, method="REML" if restricted else "ML").tau2
    # The likelihood may have two peaks: look everywhere, not only where a search would end.
    elsewhere = min(minus_log(t) for t in (0.0, *np.geomspace(1e-6, 60, 400)))
    assert minus_log(tau2) <= elsewhere + 1e-9


def test_two_peaks_and_the_higher_one_is_taken() -> None:
    """Three trials whose likelihood has a peak near 0.058 and a higher one at zero; scoring steps end at the
    first."""
    assert pool([0.0, 0.5625, -0.625], [0.25, 0.015625, 0.3125], method="ML").tau2 == 0


def test_a_likelihood_on_which_scoring_steps_never_settle() -> None:
    fit = pool([0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0, 0.125], method="REML")
    assert 0 <= fit.tau2 < 1


def test_one_effect_pooled_is_itself() -> None:
    fit = pool([0.4], [0.04], method="EE")
    assert (fit.estimate, float(fit.se[0])) == (0.4, pytest.approx(0.2))


def test_leaving_one_out_and_adding_one_by_one() -> None:
    y, v = [0.1, 0.5, 0.9], [0.04, 0.05, 0.06]
    assert leave_one_out(y, v)[0].estimate == pytest.approx(pool(y[1:], v[1:]).estimate)
    assert cumulative(y, v)[-1].estimate == pytest.approx(pool(y, v).estimate)
    assert [fit.k for fit in cumulative(y, v)] == [1, 2, 3]


def test_subgroups_that_are_alike_do_not_differ() -> None:
    alike = subgroups([0.2, 0.4, 0.2, 0.4], [0.1] * 4, ["a", "a", "b", "b"], method="DL", hartung_knapp=False)
    assert alike.q_between == pytest.approx(0)
    apart = subgroups(
        [0.2, 0.4, 2.2, 2.4], [0.01] * 4, ["a", "a", "b", "b"], method="DL", hartung_knapp=False
    )
    assert apart.p < 0.001


def test_variances_that_are_none_are_refused() -> None:
    with pytest.raises(DataError):
        pool([0.1, 0.2], [0.1, 0.0])
    with pytest.raises(DataError):
        pool([], [])


def test_an_effect_on_two_scales() -> None:
    """Ten points with an SD of 10 in both arms of 50 is g = J(98) and its variance."""
    g = effects.hedges_g(20, 10, 50, 10, 10, 50)
    assert g.y == pytest.approx(1 - 3 / (4 * 98 - 1), abs=1e-4)
    assert g.v == pytest.approx(0.04 + g.y**2 / 200)
    md = effects.mean_difference(20, 10, 50, 10, 10, 50)
    assert (md.y, md.v) == (10, pytest.approx(4))


def test_an_arm_interval_gives_back_the_derived_difference_of_the_adhd_trial() -> None:
    """-7.1 (-10.1 to -4.0) against -8.9 (-12.0 to -5.8): difference 1.8 with SE 2.22, as the facts derive
    it."""
    spread = [
        effects.sd_from_interval(low, high, n) for low, high, n in ((-10.1, -4.0, 27), (-12.0, -5.8, 26))
    ]
    size = effects.mean_difference(-7.1, spread[0], 27, -8.9, spread[1], 26)
    assert (round(size.y, 1), round(size.se, 2)) == (1.8, 2.22)


@given(st.integers(1, 40), st.integers(1, 40))
def test_odds_and_risks_turn_around_with_the_arms(a: int, c: int) -> None:
    for make in (effects.log_odds_ratio, effects.log_risk_ratio):
        one, other = make(a, 50, c, 50), make(c, 50, a, 50)
        assert one.y == pytest.approx(-other.y)
        assert one.v == pytest.approx(other.v)


def test_asymmetry_against_scipy() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.02, 0.4, 15)
    y = 0.8 * np.sqrt(v) + rng.normal(0, np.sqrt(v))
    line = stats.linregress(1 / np.sqrt(v), y / np.sqrt(v))
    assert line.intercept_stderr is not None
    assert asymmetry.egger(y, v).statistic == pytest.approx(line.intercept / line.intercept_stderr)
    assert 0 <= asymmetry.rank_test(y, v).p <= 1
    with pytest.raises(DataError):
        asymmetry.egger(y[:2], v[:2])


@pytest.fixture
def reference() -> Path:
    folder = Path(os.environ.get("LIMEN_REALDATA", "")) / "02_meta_analysis"
    if not os.environ.get("LIMEN_REALDATA") or not folder.is_dir():
        pytest.skip(
            "LIMEN_REALDATA is not set or has no 02_meta_analysis: the published data are not at hand"
        )
    return folder


def test_raudenbush_and_bryk_to_the_printed_digit(reference: Path) -> None:
    import csv

    with (reference / "dat_raudenbush1985.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    expected = json.loads((reference / "expected.json").read_text())["raudenbush1985"]["RE_REML"]
    fit = pool([float(r["yi"]) for r in rows], [float(r["vi"]) for r in rows], hartung_knapp=False)
    assert round(fit.estimate, 4) == expected["est"]
    assert round(fit.tau2, 4) == expected["tau2"]
    assert round(fit.q, 4) == expected["Q"]
