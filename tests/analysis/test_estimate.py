"""The t and normal laws behind every interval."""

import numpy as np
import pytest
from scipy import stats

from limen.analysis.estimate import t_quantile, two_sided_p, with_interval


@pytest.mark.parametrize("df", [1, 1.5, 2, 7, 30, 150.3, 1e4])
def test_student_law_equals_scipy(df: float) -> None:
    t = np.array([0.0, 0.3, -2.1, 8.0])
    np.testing.assert_allclose(two_sided_p(t, df), 2 * stats.t.sf(np.abs(t), df), rtol=1e-10, atol=1e-300)
    for level in (0.5, 0.9, 0.95, 0.999):
        np.testing.assert_allclose(t_quantile(level, df), stats.t.ppf(0.5 + level / 2, df), rtol=1e-9)


def test_infinite_df_is_the_normal_law() -> None:
    np.testing.assert_allclose(t_quantile(0.95, np.inf), stats.norm.ppf(0.975), rtol=1e-12)
    np.testing.assert_allclose(two_sided_p(1.96, np.inf), 2 * stats.norm.sf(1.96), rtol=1e-12)


def test_interval_and_p_value_say_the_same_thing() -> None:
    estimate = np.linspace(-4, 4, 81)
    e = with_interval(estimate, 1.0, 12.0, 14.0)
    excludes_zero = (np.asarray(e.ci_low) > 0) | (np.asarray(e.ci_high) < 0)
    np.testing.assert_array_equal(excludes_zero, np.asarray(e.p) < 0.05)


def test_no_degree_of_freedom_means_no_estimate() -> None:
    e = with_interval(1.0, 1.0, 0.0, 2.0)
    assert np.isnan(e.p)
    assert np.isnan(e.estimate)
    assert e.n == 2
