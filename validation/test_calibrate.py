"""Simulation-based calibration: parameters drawn from the prior, trials from the walk, ranks from the fit (Talts et al. 2018)."""

import numpy as np
import pytest
from scipy import stats

from limen.calibration.block import participant_sets
from limen.calibration.emulate import coordinates, emulate, informed, summaries
from limen.calibration.sampling import CHAINS, Sampler
from limen.parameters import load

DESIGN, HELD_OUT, KEPT = 1100, 100, 250
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
    sampler = Sampler(emulated, kept=KEPT, warmup=400)
    found = []
    for at in held:
        y = np.concatenate([e.whitened(seen[e.of.name][[at]])[0] for e in emulated])
        chains = sampler.run(y, np.ones(len(y), bool), f"sbc {at}", 1)
        thinned = chains.z[np.linspace(0, CHAINS * KEPT - 1, 99).astype(int)]
        found.append((thinned < z[at]).sum(0))
    return np.array(found)


def test_ranks_are_uniform(ranks):
    """Each parameter's by a chi-square over ten bins, all of them together by Holm's rule at 1%."""
    counts = [np.bincount(np.minimum(r // 10, BINS - 1), minlength=BINS) for r in ranks.T]
    p = np.sort([stats.chisquare(c).pvalue for c in counts])
    assert (p > 0.01 / np.arange(len(p), 0, -1)).all()


def test_intervals_hold_as_often_as_they_say(ranks):
    """Over all parameters, 90% intervals hold in 90% of trials, within three binomial errors of the trials alone."""
    share = ((ranks >= 5) & (ranks < 95)).mean()
    assert abs(share - 0.9) < 3 * np.sqrt(0.9 * 0.1 / HELD_OUT)
