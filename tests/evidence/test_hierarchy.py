"""The hierarchical posterior against closed forms, brute force, and what its words would mean in known worlds."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from scipy.stats import norm

from limen.evidence.hierarchy import SCALE_NODES, Contribution, PoolPrior, pool_effects
from support.pooling import sbc_ranks, world

PRIOR = PoolPrior(0.0, 0.2, 0.1, 0.15, 0.05, 0.15)
FIXED = PoolPrior(0.05, 0.2, 1e-9, 1e-9, 1e-9, 1e-9)
LSD, MDD = ("LSD", "MDD"), ("LSD", "ADHD")
ONE = np.ones((1, 1))


def study(name: str = "s", cell=LSD, y: float | None = 0.3, se: float = 0.2, **more) -> Contribution:
    return Contribution(name, cell, y, se, **more)


SEVERAL = (
    study("one", LSD, 0.3, 0.2, bias=0.1, bias_sd=0.1),
    study("two", MDD, -0.2, 0.25),
    study("three", ("psilocybin", "MDD"), 0.1, 0.3, weight=0.5),
    study("four", ("LSD", "healthy"), None, 0.21, weight=0.5, between=(-np.inf, 0.0)),
)
RATIO = np.array([[0.6, 0.9, 0.3, 1.1], [0.2, 0.5, 0.8, 0.4]])


def test_without_studies_the_posterior_is_the_prior():
    found = pool_effects((), np.ones((3, 0)), LSD, PRIOR)
    assert found.mean == pytest.approx(0.0)
    assert found.sd == pytest.approx(np.sqrt(0.2**2 + 0.1**2 + 0.15**2 + 0.05**2))


def test_with_one_effect_for_all_it_is_the_conjugate_step():
    r, y, bias, se, bias_sd = 0.6, 0.3, 0.1, 0.2, 0.1
    found = pool_effects((study(y=y, se=se, bias=bias, bias_sd=bias_sd),), np.array([[r]]), MDD, FIXED)
    precision = 1 / 0.2**2 + r**2 / (se**2 + bias_sd**2)
    mean = (0.05 / 0.2**2 + r * (y - bias) / (se**2 + bias_sd**2)) / precision
    assert found.mean == pytest.approx(mean)
    assert found.sd == pytest.approx(precision**-0.5)
    assert found.above(0.1) == pytest.approx(norm.sf(0.1, mean, precision**-0.5))


def test_half_the_weight_is_twice_the_variance():
    half = pool_effects((study(weight=0.5),), ONE, LSD, FIXED)
    wide = pool_effects((study(se=0.2 * 2**0.5),), ONE, LSD, FIXED)
    assert half.mean == pytest.approx(wide.mean)
    assert half.sd == pytest.approx(wide.sd)
    none = pool_effects((study(weight=1e-9),), ONE, LSD, PRIOR)
    alone = pool_effects((), np.ones((1, 0)), LSD, PRIOR)
    assert none.sd == pytest.approx(alone.sd, rel=1e-4)


@pytest.mark.parametrize(
    ("between", "target"),
    [((-np.inf, 0.0), LSD), ((-0.4, 0.4), MDD), ((0.1, np.inf), ("psilocybin", "healthy"))],
)
def test_everything_at_once_agrees_with_brute_force(between, target):
    """Prior draws weighted by the likelihood, written out anew: 300,000 of them."""
    studies = (*SEVERAL[:3], replace(SEVERAL[3], between=between))
    random = np.random.default_rng(3)
    weight, effect = world(random, 300_000, PRIOR, studies, RATIO[0], target)
    mean = np.average(effect, weights=weight)
    sd = np.sqrt(np.average((effect - mean) ** 2, weights=weight))
    found = pool_effects(studies, RATIO[:1], target, PRIOR)
    enough = sd / np.sqrt(weight.sum() ** 2 / (weight**2).sum())
    assert found.mean[0] == pytest.approx(mean, abs=5 * enough + 2e-4)
    assert found.sd[0] == pytest.approx(sd, abs=5 * enough + 2e-4)
    assert found.above(0.0)[0] == pytest.approx(np.average(effect > 0, weights=weight), abs=3 * enough / sd)


def test_more_nodes_change_nothing_that_is_printed():
    few, many = (pool_effects(SEVERAL, RATIO, LSD, PRIOR, n) for n in (SCALE_NODES, (5, 6, 3, 7)))
    assert np.allclose(few.mean, many.mean, atol=2e-4)
    assert np.allclose(few.sd, many.sd, atol=2e-4)
    assert np.allclose(few.above(0.0), many.above(0.0), atol=1e-3)


def test_the_order_of_studies_and_draws_moves_nothing():
    found = pool_effects(SEVERAL, RATIO, LSD, PRIOR)
    turned = pool_effects(SEVERAL[::-1], RATIO[::-1, ::-1], LSD, PRIOR)
    assert np.array_equal(found.mean, turned.mean[::-1])
    assert np.array_equal(found.sd, turned.sd[::-1])


def test_a_study_of_no_weight_or_no_share_says_nothing():
    without = pool_effects(SEVERAL[:1], RATIO[:, :1], LSD, PRIOR)
    ratio = np.column_stack([RATIO[:, 0], np.zeros(2)])
    silent = pool_effects((SEVERAL[0], replace(SEVERAL[3], weight=0.0)), ratio, LSD, PRIOR)
    assert silent.mean == pytest.approx(without.mean)
    assert silent.sd == pytest.approx(without.sd)


def test_the_nearer_the_trial_the_more_is_borrowed():
    near = [LSD, ("LSD", "GAD"), ("psilocybin", "GAD")]
    same, compound, neither = (
        pool_effects((study(y=0.5, se=0.1),), ONE, target, PRIOR).mean[0] for target in near
    )
    assert same > compound > neither > 0


def test_a_null_world_promises_nothing_and_a_strong_one_leaves_no_doubt():
    cells = [LSD, MDD, ("LSD", "healthy"), ("psilocybin", "healthy"), ("LSD", "MDD")]
    null = [study(f"s{i}", cell, 0.0, 0.08) for i, cell in enumerate(cells)]
    strong = [replace(s, y=0.6) for s in null]
    ratio = np.ones((1, 5))
    for target in (LSD, ("psilocybin", "GAD")):
        assert pool_effects(null, ratio, target, PRIOR).above(0.0)[0] == pytest.approx(0.5)
        assert pool_effects(null, ratio, target, PRIOR).above(0.3)[0] < 0.1
        assert pool_effects(strong, ratio, target, PRIOR).above(0.0)[0] > 0.9
    assert pool_effects(strong, ratio, LSD, PRIOR).above(0.0)[0] > 0.99


def test_quantiles_are_those_of_the_mixture():
    found = pool_effects(SEVERAL, RATIO, LSD, PRIOR)
    at = found.quantile(np.array([0.1, 0.9]))
    assert found.above(at) == pytest.approx([0.9, 0.1])


def test_ranks_of_the_truth_are_uniform():
    """Simulation-based calibration on few replicates; `validation/` has many."""
    u = sbc_ranks(PRIOR, SEVERAL, RATIO[0], LSD, replicates=120, seed=5)
    counts = np.histogram(u, bins=6, range=(0, 1))[0]
    assert ((counts - 20) ** 2 / 20).sum() < 20.5  # chi-square with 5 df, 0.1% point


def test_two_hundred_draws_take_less_than_a_third_of_a_second():
    ratio = np.tile(RATIO, (100, 1))
    pool_effects(SEVERAL, ratio, LSD, PRIOR)
    began = process_time()
    pool_effects(SEVERAL, ratio, LSD, PRIOR)
    assert process_time() - began < 0.3
