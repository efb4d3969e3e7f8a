"""Laws of group-sequential bounds; published tables and rpact are in validation."""

import math

import numpy as np
import pytest
from scipy import stats

import limen
from limen.analysis.power.sequential import Futility, bounds
from limen.errors import LimenError

FUNCTIONS = [
    "lan-demets-obrien-fleming", "lan-demets-pocock", "hwang-shih-decani(-4)", "hwang-shih-decani(0)", "kim-demets(2)",
    "obrien-fleming", "pocock", "wang-tsiatis(0.3)",
]  # fmt: skip


@pytest.mark.parametrize("spending", FUNCTIONS)
@pytest.mark.parametrize("sided", [1, 2])
def test_the_whole_error_is_spent_whatever_the_times(spending: str, sided: int) -> None:
    found = bounds([20, 31, 90, 100], 0.05, spending, sided)
    assert found.spent[-1] == pytest.approx(0.05 / sided, abs=1e-11)
    assert sum(found.exits(0.0).upper) == pytest.approx(0.05 / sided, abs=1e-11)
    assert found.information == (0.2, 0.31, 0.9, 1.0)


def test_one_look_is_the_fixed_test() -> None:
    found = bounds([1], 0.05, "kim-demets(3)")
    assert found.efficacy[0] == pytest.approx(stats.norm.isf(0.025), abs=1e-10)
    assert found.inflation(0.9) == pytest.approx(1, abs=1e-10)
    assert found.power(found.fixed_drift(0.8)) == pytest.approx(0.8, abs=1e-10)


def test_named_families_meet() -> None:
    shape = bounds([1, 2, 3], 0.05, "wang-tsiatis(0.5)").efficacy
    assert shape == pytest.approx(bounds([1, 2, 3], 0.05, "pocock").efficacy)
    nearly = bounds([1, 2], 0.05, "hwang-shih-decani(0.000001)").efficacy
    assert nearly == pytest.approx(bounds([1, 2], 0.05, "kim-demets(1)").efficacy, abs=1e-5)


def test_simulated_trials_stop_where_the_integral_says() -> None:
    found = bounds([0.3, 0.5, 1], 0.025, "lan-demets-pocock", 1, Futility(z=(0.0, 0.8)))
    drift, trials = 2.5, 200_000
    rng = np.random.default_rng(4)
    steps = np.diff([0, *found.information])
    score = (drift * steps + np.sqrt(steps) * rng.normal(size=(trials, 3))).cumsum(1)
    z, going, stops = score / np.sqrt(found.information), np.ones(trials, bool), found.exits(drift)
    for k in range(3):
        for out, expected in (
            (z[:, k] > found.efficacy[k], stops.upper[k]),
            (z[:, k] < found.lower[k], stops.lower[k]),
        ):
            share = float((going & out).mean())
            assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / trials)
        going &= (z[:, k] <= found.efficacy[k]) & (z[:, k] >= found.lower[k])


def test_futility_that_binds_lowers_the_bounds_and_one_that_does_not_leaves_them() -> None:
    plain = bounds([1, 2, 3], 0.025, sided=1)
    free = bounds([1, 2, 3], 0.025, sided=1, futility=Futility(z=(0.0, 0.5)))
    bound = bounds([1, 2, 3], 0.025, sided=1, futility=Futility(z=(0.0, 0.5), binding=True))
    assert free.efficacy == plain.efficacy
    assert bound.efficacy[-1] < plain.efficacy[-1]
    assert sum(bound.exits(0.0).upper) == pytest.approx(0.025, abs=1e-11)
    assert sum(free.exits(0.0).upper) < 0.025


@pytest.mark.parametrize("binding", [False, True])
def test_spent_beta_reaches_the_power(binding: bool) -> None:
    found = bounds(
        [0.4, 0.7, 1],
        0.025,
        "kim-demets(3)",
        1,
        Futility(beta=0.1, spending="kim-demets(2)", binding=binding),
    )
    assert found.drift is not None
    stops = found.exits(found.drift)
    assert np.cumsum(stops.lower) == pytest.approx([0.1 * t**2 for t in found.information], abs=1e-9)
    assert found.power(found.drift) == pytest.approx(0.9, abs=1e-9)
    assert found.drift_for(0.9) == pytest.approx(found.drift, abs=1e-9)
    assert found.futility[-1] == found.efficacy[-1]


def test_a_staged_trial_says_its_sizes() -> None:
    plan = limen.staged(limen.bounds([1, 2], 0.05, "obrien-fleming"), 0.9, fixed_n=228)
    assert plan.n == (115, 230)
    assert plan.expected[2] < plan.expected[1] < plan.expected[0] < plan.inflation
    assert "at most 230 people" in plan.sentence()
    assert plan.to_polars().height == 2
    assert plan.document()["expected_information"]["with_the_effect"] == plan.expected[2]
    assert len(plan.figure().table) == 4


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("does not grow", dict(information=[0.5, 0.5])),
        ("does not grow", dict(information=[])),
        ("no bounds are called", dict(information=[1, 2], spending="triangular")),
        ("has no number", dict(information=[1, 2], spending="kim-demets")),
        ("has a number", dict(information=[1, 2], spending="pocock(2)")),
        ("two-sided", dict(information=[1, 2], futility=Futility(z=(0.0,)))),
        ("one for each look", dict(information=[1, 2, 3], sided=1, futility=Futility(z=(0.0,)))),
        ("spends no beta", dict(information=[1, 2], sided=1, futility=Futility(beta=0.1, spending="pocock"))),
        ("bounds for z, or a beta", dict(information=[1, 2], sided=1, futility=Futility())),
        ("3 sides", dict(information=[1, 2], sided=3)),
    ],
)
def test_impossible_bounds_are_refused(words: str, call: dict) -> None:
    with pytest.raises(LimenError, match=words):
        bounds(**call)
