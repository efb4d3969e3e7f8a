"""The scores of forecasts against closed forms and printed tables."""

import numpy as np
import pytest
from scipy.stats import norm

from limen.calibration.scores import Coverage, coverage, crps, off, percentile


@pytest.mark.parametrize("seen", [-1.0, 0.0, 2.5])
def test_crps_of_a_normal_forecast_is_the_closed_form(seen):
    """Gneiting and Raftery 2007: sd (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi))."""
    mean, sd = 0.5, 2.0
    z = (seen - mean) / sd
    closed = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    members = norm.ppf((np.arange(20_000) + 0.5) / 20_000, mean, sd)
    assert crps(members, seen) == pytest.approx(closed, abs=2e-3)


def test_crps_of_few_members_by_hand():
    # E|X - y| = 2, E|X - X'| = 2
    assert crps(np.array([0.0, 4.0]), 2.0) == pytest.approx(1.0)
    assert crps(np.array([3.0]), 5.0) == pytest.approx(2.0)


def test_coverage_has_clopper_and_pearsons_interval():
    """Printed tables: none of 10 gives 0 to 0.3085; 8 of 10 gives 0.4439 to 0.9748."""
    assert Coverage(0, 10).interval == pytest.approx((0.0, 0.3085), abs=5e-5)
    assert Coverage(8, 10).interval == pytest.approx((0.4439, 0.9748), abs=5e-5)
    assert coverage([]) is None
    assert not Coverage(9, 10).remarkable
    assert Coverage(10, 10).remarkable
    assert Coverage(7, 10).remarkable


def test_a_value_at_the_end_of_the_interval_is_one_half_width_off():
    members = np.linspace(0.0, 100.0, 1001)
    assert off(members, 95.0) == pytest.approx(1.0)
    assert off(members, 50.0) == 0.0
    assert off(np.zeros(10), 1.0) == float("inf")
    assert percentile(np.array([1.0, 2.0, 2.0, 3.0]), 2.0) == 0.5
