"""Published trials replayed: everything that may be claimed is listed, and what was calibrated to stands apart."""

import numpy as np
import pytest
from scipy.stats import binomtest

from limen.calibration.replay import capsule_guesses, replay
from limen.design.operate import draw_parameters


@pytest.fixture(scope="module")
def draws(parameters):
    return draw_parameters(parameters, 200, 1)


@pytest.mark.parametrize(("active", "right", "n"), [(True, 48, 91), (False, 102, 141)])
def test_first_week_capsule_guesses_lie_inside_the_published_binomial_interval(active, right, n, draws):
    interval = binomtest(right, n).proportion_ci(0.95)
    assert interval.low <= capsule_guesses(draws, active, n, 1).mean() / n <= interval.high


def test_every_prediction_has_a_delta_where_the_drug_matters(parameters, examples):
    rows = replay(parameters, examples, draws=20, people=60)
    predicted = [row for row in rows if row.kind == "predicted"]
    assert {row.delta for row in predicted if "improvement" in row.what or "MADRS" in row.what} == {
        0.0,
        0.2,
        0.4,
    }
    assert {row.kind for row in rows} == {"predicted", "calibrated to"}
    assert all("week 1" not in row.what for row in predicted)
    # A larger effect moves the prediction towards benefit, so the published null result moves into the lower tail.
    adhd = [row.percentile for row in predicted if row.what.startswith("ADHD: AISRS")]
    assert adhd == sorted(adhd, reverse=True)


def test_a_crossover_has_the_same_people_in_both_periods_with_new_luck(parameters, examples):
    from limen.design.operate import operate
    from limen.protocol import load
    from limen.trial import lay_out

    plan = lay_out(load(examples / "mushroom_crossover.yaml"), parameters)
    run = operate(plan, parameters, draws=20, people=136)
    half = plan.people // 2
    before = run.by_trial(run.records.day.before)
    assert np.array_equal(before[:, :half], before[:, half:])
    noticed = run.by_trial(run.records.noticed)
    assert not np.array_equal(noticed[:, :half], noticed[:, half:])
