"""Simulation-based calibration: parameters drawn from the prior, trials from the walk, ranks from the fit (Talts et al. 2018).

What 100 trials can see, by 400 runs of both tests on ranks of normal posteriors, drawn independently for each of the 25
parameters: a fit that is right fails in 2% (ranks are discrete). One parameter is caught by its ranks in 99% where its
intervals are half as wide as they should be, in 79% at 0.6, 32% at 0.7 and 3% at 0.8; in 56% where it is off by half a
posterior SD, 98% by 0.7. All of them too narrow at once are caught in 7% at 0.9, 68% at 0.8, 95% at 0.75; too wide by 1.3
in 56%; off by 0.3 SD in 79%. So a parameter whose intervals are a fifth too narrow passes.
"""

import numpy as np
import pytest
from scipy import stats

from limen.calibration.block import participant_sets
from limen.calibration.emulate import Emulated, coordinates, emulate, features, informed, summaries
from limen.calibration.sampling import Sampler
from limen.parameters import load

DESIGN, HELD_OUT = 1100, 100
BINS = 10


@pytest.fixture(scope="module")
def ranks():
    """Rank of each true coordinate among 99 thinned draws, for trials that no quadratic was fitted to."""
    known, sets = load(), participant_sets()
    z = coordinates(known, DESIGN, 7)
    seen = summaries(sets, known, z, 7)
    whole = np.all([np.isfinite(y).all(1) for y in seen.values()], axis=0)
    held = np.flatnonzero(whole)[-HELD_OUT:]
    rest = np.setdiff1d(np.arange(DESIGN), held)
    emulated = emulate(sets, z[rest], {name: y[rest] for name, y in seen.items()}, informed(sets, known))
    y = np.concatenate([e.whitened(seen[e.of.name][held]) for e in emulated], 1)
    draws, divergences = Sampler(emulated, kept=400, warmup=400).each(y, "sbc", 1)
    assert divergences.mean() < 1  # of 400
    thinned = draws[:, np.linspace(0, draws.shape[1] - 1, 99).astype(int)]
    return (thinned < z[held][:, None]).sum(1)


def test_ranks_are_uniform(ranks):
    """Each parameter's by a chi-square over ten bins, all of them together by Holm's rule at 1%."""
    counts = [np.bincount(np.minimum(r // 10, BINS - 1), minlength=BINS) for r in ranks.T]
    p = np.sort([stats.chisquare(c).pvalue for c in counts])
    assert (p > 0.01 / np.arange(len(p), 0, -1)).all()


def test_intervals_hold_as_often_as_they_say(ranks):
    """Over all parameters, 90% intervals hold in 90% of trials, within three binomial errors of the trials alone."""
    share = ((ranks >= 5) & (ranks < 95)).mean()
    assert abs(share - 0.9) < 3 * np.sqrt(0.9 * 0.1 / HELD_OUT)


def test_ranks_of_the_truth_are_uniform_where_the_quadratic_is_the_truth():
    """Two parameters, one through a square; 200 trials see intervals half as wide as they should be in nearly every run."""
    (of, *_) = (s for s in participant_sets() if len(s.targets) == 1)
    weights = np.array([[0.5, 1.5, 0, 0.3, 0, 0], [0, 0, 1.0, 0, 0.4, 0]])
    random = np.random.default_rng(5)
    z = random.standard_normal((200, 2))
    y = features(z) @ weights.T + random.standard_normal((200, 2))
    quadratic = Emulated(of, weights, np.eye(2), np.ones(2), np.zeros(2))
    draws, divergences = Sampler([quadratic], kept=300, warmup=300).each(y, "ranks", 1)
    assert divergences.mean() < 1
    ranks = (draws[:, np.linspace(0, 299, 99).astype(int)] < z[:, None]).sum(1)
    for r in ranks.T:
        assert stats.chisquare(np.bincount(r // 10, minlength=10)).pvalue > 0.001
    assert draws.std(1).mean(0) == pytest.approx([0.55, 0.66], abs=0.12)
