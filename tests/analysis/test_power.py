"""Closed-form power against simulation and against itself."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.analysis.ancova import ancova
from limen.analysis.power import ancova_power, participants_per_arm, t_test_power
from limen.errors import LimenError


def test_no_effect_has_the_power_of_the_level() -> None:
    np.testing.assert_allclose(t_test_power(0, 1, 20, 30, alpha=0.05), 0.05, rtol=1e-10)
    np.testing.assert_allclose(ancova_power(0, 1, 0.5, 20, 30, alpha=0.01), 0.01, rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 2), st.floats(0, 0.9), st.integers(5, 100), st.integers(5, 100))
def test_laws_of_power(effect: float, r: float, n1: int, n0: int) -> None:
    power = ancova_power(effect, 1, r, n1, n0)
    assert ancova_power(-effect, 1, r, n1, n0) == pytest.approx(power, rel=1e-9)
    assert ancova_power(effect, 1, -r, n1, n0) == pytest.approx(power, rel=1e-9)
    assert ancova_power(2 * effect, 2, r, n1, n0) == pytest.approx(power, rel=1e-9)
    assert ancova_power(effect, 1, r, n1 + 10, n0 + 10) >= power - 1e-12
    # A baseline that predicts nothing costs one degree of freedom and some chance imbalance, never a gain.
    assert ancova_power(effect, 1, 0, n1, n0) <= t_test_power(effect, 1, n1, n0) + 1e-12


@pytest.mark.parametrize(
    ("effect", "r", "n1", "n0"), [(1.0, 0.6, 6, 6), (0.8, 0.5, 30, 15), (0.0, 0.7, 8, 12)]
)
def test_simulated_trials_reject_as_often_as_the_closed_form_says(
    effect: float, r: float, n1: int, n0: int
) -> None:
    trials = 40_000
    rng = np.random.default_rng(11)
    arm = np.r_[np.ones(n1), np.zeros(n0)]
    baseline = rng.normal(size=(trials, n1 + n0))
    outcome = r * baseline + np.sqrt(1 - r**2) * rng.normal(size=baseline.shape) + effect * arm
    rejected = float((jax.jit(ancova)(outcome, baseline, arm).p < 0.05).mean())
    power = ancova_power(effect, 1, r, n1, n0)
    assert abs(rejected - power) < 3 * np.sqrt(power * (1 - power) / trials)


def test_sample_size_is_the_smallest_that_reaches_the_power() -> None:
    n = participants_per_arm(2, 8, 0.8, correlation=0.5)
    assert ancova_power(2, 8, 0.5, n, n) >= 0.8 > ancova_power(2, 8, 0.5, n - 1, n - 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: t_test_power(1, 0, 10, 10),
        lambda: t_test_power(1, 1, 1, 10),
        lambda: t_test_power(1, 1, 10, 10, alpha=5),
        lambda: ancova_power(1, 1, 1.0, 10, 10),
        lambda: participants_per_arm(0, 1, 0.8),
        lambda: participants_per_arm(1, 1, 1.2),
        lambda: participants_per_arm(1e-6, 1, 0.8),
    ],
)
def test_impossible_designs_are_refused(call) -> None:
    with pytest.raises(LimenError):
        call()
