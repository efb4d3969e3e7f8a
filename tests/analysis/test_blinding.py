"""Laws of the blinding indices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from limen.analysis.blinding import bang, correct_guess_rate, count_guesses, detection, james

counts = st.lists(st.integers(0, 60), min_size=6, max_size=6).map(
    lambda c: np.reshape(c, (3, 2)).astype(float)
)
answering = counts.filter(lambda c: (c[:2].sum(0) > 0).all())


@settings(max_examples=60, deadline=None)
@given(answering)
def test_correct_guesses_follow_from_bang(c: np.ndarray) -> None:
    c[2] = 0
    n = c.sum(0)
    index = np.asarray(bang(c).estimate)
    rate = (n * (1 + index)).sum() / (2 * n.sum())
    np.testing.assert_allclose(correct_guess_rate(c).estimate, rate, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(answering)
def test_indices_stay_in_their_range_and_mirror(c: np.ndarray) -> None:
    index = np.asarray(bang(c).estimate)
    assert (np.abs(index) <= 1).all()
    assert (np.asarray(bang(c).se) >= 0).all()
    # If every guess were reversed, Bang changes sign and d' too; "do not know" stays.
    reversed_guesses = c[[1, 0, 2]]
    np.testing.assert_allclose(bang(reversed_guesses).estimate, -index, atol=1e-12)
    one, other = detection(c), detection(reversed_guesses)
    np.testing.assert_allclose(other.d_prime.estimate, -one.d_prime.estimate, atol=1e-9)
    np.testing.assert_allclose(other.criterion.estimate, -one.criterion.estimate, atol=1e-9)
    # Renaming the two arms, and the guesses with them, changes nothing about the blind.
    renamed = c[[1, 0, 2]][:, ::-1]
    np.testing.assert_allclose(james(renamed).estimate, james(c).estimate, atol=1e-12)
    np.testing.assert_allclose(james(renamed).se, james(c).se, atol=1e-12)
    np.testing.assert_allclose(bang(renamed).estimate, index[::-1], atol=1e-12)


def test_james_anchors() -> None:
    right = [[30, 0], [0, 30], [0, 0]]
    random = [[30, 30], [30, 30], [0, 0]]
    wrong = [[0, 30], [30, 0], [0, 0]]
    silent = [[0, 0], [0, 0], [30, 30]]
    e = james(np.array([right, random, wrong, silent], float))
    np.testing.assert_allclose(e.estimate, [0, 0.5, 1, 1], atol=1e-12)
    assert e.se[3] == 0


def test_everyone_guessing_active_is_blind_though_bang_is_extreme() -> None:
    wishful = np.array([[50, 50], [0, 0], [0, 0]], float)
    np.testing.assert_allclose(bang(wishful).estimate, [1, -1])
    np.testing.assert_allclose(correct_guess_rate(wishful).estimate, 0.5)
    np.testing.assert_allclose(james(wishful).estimate, 0.5)
    np.testing.assert_allclose(detection(wishful).d_prime.estimate, 0, atol=1e-12)
    assert detection(wishful).criterion.estimate < -2


@pytest.mark.parametrize(("d_prime", "criterion"), [(0.0, 0.0), (0.8, 0.3), (1.5, -0.5)])
def test_detection_recovers_what_generated_the_guesses(d_prime: float, criterion: float) -> None:
    n, trials = 400, 4000
    rng = np.random.default_rng(1)
    hit = stats.norm.cdf(d_prime / 2 - criterion)
    false_alarm = stats.norm.cdf(-d_prime / 2 - criterion)
    hits, alarms = rng.binomial(n, hit, trials), rng.binomial(n, false_alarm, trials)
    zero = np.zeros(trials)
    c = np.stack(
        [np.stack([hits, alarms], -1), np.stack([n - hits, n - alarms], -1), np.stack([zero, zero], -1)], 1
    )
    e = detection(c)
    for estimate, truth in ((e.d_prime, d_prime), (e.criterion, criterion)):
        found = np.asarray(estimate.estimate)
        assert abs(found.mean() - truth) < 0.01
        assert abs(np.asarray(estimate.se).mean() / found.std() - 1) < 0.05
        covered = ((np.asarray(estimate.ci_low) < truth) & (np.asarray(estimate.ci_high) > truth)).mean()
        assert 0.93 < covered < 0.97


def test_james_standard_error_is_its_scatter_under_random_guessing() -> None:
    rng = np.random.default_rng(2)
    n, trials = 200, 4000
    columns = [rng.multinomial(n, [0.45, 0.35, 0.2], trials) for _ in range(2)]
    e = james(np.stack(columns, -1))
    assert abs(np.asarray(e.se).mean() / np.asarray(e.estimate).std() - 1) < 0.05


def test_bang_standard_error_is_its_scatter() -> None:
    rng = np.random.default_rng(3)
    n, trials = 150, 4000
    columns = [rng.multinomial(n, p, trials) for p in ([0.5, 0.2, 0.3], [0.3, 0.3, 0.4])]
    e = bang(np.stack(columns, -1))
    np.testing.assert_allclose(np.asarray(e.estimate).mean(0), [0.3, 0.0], atol=0.01)
    np.testing.assert_allclose(np.asarray(e.se).mean(0), np.asarray(e.estimate).std(0), rtol=0.05)


def test_counting_guesses_leaves_out_those_never_asked() -> None:
    guess = np.array([1, 0, np.nan, 1, 1, 0, np.nan, np.nan])
    arm = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    asked = np.array([1, 1, 1, 0, 1, 1, 1, 0], bool)
    np.testing.assert_array_equal(count_guesses(guess, arm, asked), [[1, 1], [1, 1], [1, 1]])
    assert count_guesses(np.stack([guess] * 3), arm).shape == (3, 3, 2)
