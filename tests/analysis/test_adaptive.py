"""Sizes decided on the way, and the best of several arms: the level, and what published tables and draws of z say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from limen.analysis.power.adaptive import Sizes, best_of, combine, for_variance, right_arm, variance_sizes

CRITICAL = -float(ndtri(0.025))
STEPS = (0.5, 0.625, 0.75, 0.875, 1.0)


def zone(**changed):
    said = {"at": 0.25, "sizes": STEPS, "power": 0.9, "above": 0.5, "critical": CRITICAL}
    return Sizes(**(said | changed))


@pytest.mark.parametrize("above", [0.05, 0.3, 0.5])
def test_two_stages_combined_keep_the_level_wherever_the_zone_begins(above):
    assert zone(above=above).operating(0.0)[0] == pytest.approx(0.025, abs=1e-6)


def test_the_usual_test_keeps_the_level_from_one_half_and_loses_it_below():
    assert zone(combined=False).operating(0.0)[0] <= 0.025
    lower = zone(combined=False, above=0.001, power=0.4, at=0.45, sizes=(0.5, 1.0))
    assert lower.operating(0.0)[0] > 0.0255


def test_a_zone_that_holds_nothing_is_the_planned_trial():
    drift = 3.0
    planned = float(ndtr(drift * np.sqrt(STEPS[0]) - CRITICAL))
    for combined in (True, False):
        power, sizes = zone(above=0.8999999, combined=combined).operating(drift)
        assert power == pytest.approx(planned, abs=1e-3)
        assert sizes[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("drift", [0.0, 2.5])
@pytest.mark.parametrize("combined", [True, False])
def test_draws_of_both_stages_show_what_the_closed_form_says(drift, combined):
    asked, rng, trials = zone(above=0.3, combined=combined), np.random.default_rng(7), 400_000
    z1 = drift * np.sqrt(asked.at) + rng.standard_normal(trials)
    size = np.array(asked.sizes)[asked.chosen(z1)]
    later = size - asked.at
    z2 = drift * np.sqrt(later) + rng.standard_normal(trials)
    z = combine(z1, z2, asked.weight)
    if not combined:
        z = (z1 * np.sqrt(asked.at) + z2 * np.sqrt(later)) / np.sqrt(size)
    power, sizes = asked.operating(drift)
    assert (z > CRITICAL).mean() == pytest.approx(power, abs=4 * np.sqrt(power * (1 - power) / trials))
    shown = np.bincount(asked.chosen(z1), minlength=len(STEPS)) / trials
    assert shown == pytest.approx(sizes, abs=0.004)


def test_a_larger_variance_calls_for_a_larger_size_and_never_for_less_than_planned():
    assert list(for_variance(np.array([0.2, 1.0, 1.01, 1.5, 9.0]), 1.0, STEPS)) == [0, 0, 1, 2, 4]
    rng, df = np.random.default_rng(3), 28
    drawn = for_variance(1.3 * rng.chisquare(df, 200_000) / df, 1.0, STEPS)
    assert np.bincount(drawn, minlength=5) / 200_000 == pytest.approx(
        variance_sizes(1.3, df, STEPS), abs=0.005
    )


def test_the_best_of_several_arms_has_dunnetts_p_value():
    """Dunnett 1955: one-sided 5% points of k arms against a control, infinite degrees of freedom."""
    for arms, point in ((1, 1.645), (2, 1.916), (3, 2.062), (4, 2.160), (5, 2.234)):
        assert best_of(np.array([point]), arms)[0] == pytest.approx(0.05, abs=6e-5)
    rho = 1 / (1 + 1.5)
    together = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    assert best_of(np.array([1.2]), 2, 1.5)[0] == pytest.approx(1 - together.cdf([1.2, 1.2]), abs=1e-5)


def test_the_right_arm_is_kept_by_chance_alone_where_none_leads():
    assert right_arm(3, 0.0) == pytest.approx(1 / 3)
    assert right_arm(2, 1.0) == pytest.approx(float(ndtr(1 / np.sqrt(2))))
