"""Tolerance draws reproduce the two classic human findings."""

import numpy as np

from limen.design.operate import draw_parameters
from limen.pharmacology.classic import satisfies_both


def test_kept_draws_satisfy_both_findings(parameters):
    assert satisfies_both(draw_parameters(parameters, 60, 5)).all()


def test_the_marginal_priors_satisfy_both_in_few_draws(parameters):
    from limen.parameters import draw

    share = np.mean(satisfies_both(draw(parameters, 1500, 5)))
    assert 0.05 < share < 0.5
