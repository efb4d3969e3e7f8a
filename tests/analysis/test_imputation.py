"""Multiple imputation: what its draws, its strategies and Rubin's rules must be, and what a shift of them does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.analysis.ancova import ancova
from limen.analysis.imputation import STRATEGIES, impute
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.posterior import Observed, posterior
from limen.engine.generator import generator
from limen.errors import DataError


def trial(leaving: float = 0.12, people: int = 120, effect: float = 2.0, seed: int = 0) -> Longitudinal:
    """Scores fall, by `effect` more a visit under the drug; people leave for good after the first visit."""
    rng = np.random.default_rng(seed)
    arm, baseline = np.arange(people) % 2, rng.normal(25, 5, people)
    outcome = 0.5 * baseline[:, None] + rng.normal(0, 3, (people, 1)) + rng.normal(0, 3, (people, 4))
    outcome -= effect * arm[:, None] * np.arange(1, 5)
    gone = rng.random((people, 4)) < leaving
    gone[:, 0] = False
    outcome[np.cumsum(gone, 1) > 0] = np.nan
    names = tuple(map(str, range(people)))
    return Longitudinal(
        names, ("1", "2", "3", "4"), ("placebo", "drug"), outcome, arm, baseline, np.zeros((people, 0))
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_with_nothing_missing_it_is_the_analysis_of_covariance(strategy: str) -> None:
    data = trial(leaving=0)
    done = impute(data, strategy, 3)
    found = done.pooled(done.differences)
    for visit in range(4):
        closed = ancova(data.outcome[:, visit], data.baseline, data.arm)
        np.testing.assert_allclose(
            [found.estimate[0, visit], found.se[0, visit]], [closed.estimate, closed.se], rtol=1e-9
        )
        # Barnard and Rubin (1999): (v + 1) / (v + 3) v with nothing missing.
        assert found.df[0, visit] == pytest.approx(118 / 120 * 117)
    assert np.abs(found.monte_carlo).max() < 1e-9


def test_the_mean_of_those_who_left_is_the_strategys() -> None:
    """Two people of three visits: one seen once, one never."""
    own, reference = (np.array([[row, row]], float) for row in ([1, 2, 4], [0, 10, 30]))
    last = np.array([0, -1])
    expected = {
        "missing-at-random": [[1, 2, 4], [1, 2, 4]],
        "jump-to-reference": [[1, 10, 30], [0, 10, 30]],
        "copy-reference": [[0, 10, 30], [0, 10, 30]],
        "copy-increments": [[1, 11, 31], [0, 10, 30]],
    }
    assert {name: chosen(own, reference, last)[0].tolist() for name, chosen in STRATEGIES.items()} == expected


def test_complete_data_give_the_known_posterior() -> None:
    """B about least squares; Sigma inverse Wishart, whose mean is S / (n - p - V - 1)."""
    rng = np.random.default_rng(1)
    q = np.linalg.qr(rng.normal(size=(40, 3)))[0]
    y = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))
    draws = posterior(Observed(y, q), 4000, generator("posterior", 1), steps=1)
    residual = y - q @ q.T @ y
    for found, mean in ((draws.b, q.T @ y), (draws.sigma, residual.T @ residual / (40 - 3 - 4 - 1))):
        error = found.std(0) / np.sqrt(4000)
        assert (np.abs(found.mean(0) - mean) < 4.5 * error).all()


def test_a_jump_to_reference_loses_most_of_what_had_been_gained() -> None:
    done = {name: impute(trial(), name, 200) for name in STRATEGIES}
    last = {name: float(x.pooled(x.differences).estimate[0, 3]) for name, x in done.items()}
    assert last["missing-at-random"] < last["copy-increments"] < last["jump-to-reference"] < 0
    assert last["copy-reference"] < last["jump-to-reference"]


def test_visits_missed_by_those_who_came_back_are_missing_at_random() -> None:
    data = trial(leaving=0)
    outcome = data.outcome.copy()
    outcome[3, 1] = np.nan
    found = [
        impute(replace(data, outcome=outcome), name, 50) for name in STRATEGIES if name != "copy-reference"
    ]
    estimates = [x.pooled(x.differences).estimate for x in found]
    np.testing.assert_array_equal(estimates[0], estimates[1])
    np.testing.assert_array_equal(estimates[0], estimates[2])


def test_a_shift_moves_the_estimate_by_the_share_it_applies_to() -> None:
    data = trial()
    done = impute(data, "missing-at-random", 50)
    left = np.isnan(data.outcome[:, 3]) & (data.arm == 1)
    shares = ancova(left.astype(float), data.baseline, data.arm).estimate
    moved = done.pooled(done.differences, delta=3.0).estimate - done.pooled(done.differences).estimate
    assert moved[0, 3] == pytest.approx(3 * float(shares), rel=1e-9)
    assert moved[0, 0] == 0


def test_the_tipping_point_is_where_significance_ends() -> None:
    done = impute(trial(effect=0.5), "missing-at-random", 100)
    found = done.tipping(0, 3)
    assert found is not None
    p = [float(done.pooled(done.differences, delta=x * found).p[0, 3]) for x in (0.0, 0.98, 1.0, 1.02)]
    assert found > 0  # a lower score is better: a shift upwards is to the drug's disadvantage
    assert p[0] < p[1] < 0.05 < p[3]
    assert p[2] == pytest.approx(0.05, abs=1e-6)
    assert done.tipping(0, 3, alpha=p[0] / 2) == 0.0
    assert impute(trial(leaving=0), imputations=5).tipping(0, 3) is None  # nothing was imputed


def test_zero_unit_and_order_of_people_matter_to_nothing_but_the_draws() -> None:
    data = trial()
    done, moved = (
        impute(data, imputations=20),
        impute(replace(data, outcome=0.01 * data.outcome + 50), imputations=20),
    )
    np.testing.assert_allclose(
        moved.pooled(moved.differences).estimate, 0.01 * done.pooled(done.differences).estimate, rtol=1e-8
    )
    means = moved.pooled(moved.means).estimate
    np.testing.assert_allclose(means, 0.01 * done.pooled(done.means).estimate + 50, rtol=1e-8)
    again = impute(data, imputations=20)
    np.testing.assert_array_equal(again.fitted, done.fitted)


def test_what_cannot_be_imputed_is_refused() -> None:
    data = trial()
    with pytest.raises(DataError, match="choose one of missing-at-random"):
        impute(data, "jump")
    with pytest.raises(DataError, match="at least two"):
        impute(data, imputations=1)
    outcome = data.outcome.copy()
    outcome[data.arm == 1, 3] = np.nan
    with pytest.raises(DataError, match="nobody of arm 'drug'"):
        impute(replace(data, outcome=outcome), imputations=5)
