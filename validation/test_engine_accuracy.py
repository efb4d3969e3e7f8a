"""The panel integrator over a grid of models, schedules and parameter extremes.

Reference: Diffrax (Dopri8 / Kvaerno5) at 1e-11 in a variable that smooths the start of a Hill drive, per participant.
"""

from __future__ import annotations

import numpy as np
import pytest

# the grid is the one the fast tests sample from
from tests.engine.test_panels import EXTREMES, MODELS, PERSON, SCHEDULES, _error

from limen.engine.reference import by_ode
from limen.engine.solve import solve


@pytest.fixture(scope="module")
def grid():
    """(model, schedule, person, state) to errors at default and one more refinement, and estimate over true error."""
    found = {}
    for name, model in MODELS.items():
        for when, schedule in SCHEDULES.items():
            people = {k: np.array([(PERSON | change)[k] for change in EXTREMES.values()]) for k in PERSON}
            runs = [solve(model, people, schedule, refine=r, errors=r == 0) for r in (0, 1)]
            for i, (who, change) in enumerate(EXTREMES.items()):
                for state, truth in by_ode(model, PERSON | change, schedule).items():
                    true = np.abs(runs[0].values[state][i] - truth)
                    ratio = runs[0].errors[state][i] / np.maximum(true, 1e-300)
                    found[name, when, who, state] = (
                        *(_error(run.values[state][i], truth).max() for run in runs),
                        ratio.min(),
                    )
    return found


def _worst(grid, column, largest=True):
    rows = sorted(grid.items(), key=lambda item: item[1][column], reverse=largest)
    return "\n".join(f"{value[column]:.2e}  {' | '.join(key)}" for key, value in rows[:8])


def test_grid_has_not_shrunk(grid):
    assert len(grid) >= 200


def test_default_errs_by_a_millionth(grid):
    print("worst at default:\n" + _worst(grid, 0))
    assert max(value[0] for value in grid.values()) <= 1e-6, _worst(grid, 0)


def test_one_refinement_errs_by_a_billionth(grid):
    print("worst refined:\n" + _worst(grid, 1))
    assert max(value[1] for value in grid.values()) <= 1e-9, _worst(grid, 1)


def test_estimate_covers_the_error(grid):
    ratios = np.array([value[2] for value in grid.values()])
    assert (ratios >= 1).mean() >= 0.99, _worst(grid, 2, largest=False)
    assert ratios.min() >= 1 / 3, _worst(grid, 2, largest=False)
