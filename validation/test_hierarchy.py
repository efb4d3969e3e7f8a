"""Simulation-based calibration of the hierarchical posterior of drug effects, in the shape of limen's own studies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from limen.evidence.hierarchy import Contribution, PoolPrior
from support.pooling import sbc_ranks

PRIOR = PoolPrior(0.0, 0.2, 0.1, 0.15, 0.05, 0.15)
STUDIES = (
    Contribution("adhd", ("LSD", "ADHD"), 0.0, 0.29, 0.03, 0.03),
    Contribution("well-being", ("LSD", "healthy"), 0.0, 0.2, 0.1, 0.15),
    Contribution("truffle", ("psilocybin", "healthy"), 0.0, 0.35, 0.1, 0.15),
    Contribution("depression", ("LSD", "MDD"), None, 0.21, 0.02, 0.03, between=(-np.inf, 0.0)),
)


@pytest.mark.parametrize("target", [("LSD", "ADHD"), ("LSD", "MDD"), ("LSD", "TRD"), ("psilocybin", "GAD")])
def test_ranks_of_the_truth_are_uniform_over_many_worlds(target):
    u = sbc_ranks(PRIOR, STUDIES, np.array([0.6, 0.8, 0.1, 0.9]), target, replicates=2000, seed=11)
    assert kstest(u, "uniform").pvalue > 0.001
    assert abs(np.mean((u > 0.05) & (u < 0.95)) - 0.9) < 3.3 * np.sqrt(0.09 / 2000)
