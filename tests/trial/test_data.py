"""What a trial records: the table an estimator takes, from simulated trials."""

import numpy as np
import pytest

from limen.design.whatifs import NAMES


def test_rows_are_people_and_scores_end_when_a_person_leaves(adhd):
    data = adhd.data()
    assert data.trials == adhd.trials
    assert data.score.shape == (adhd.trials * 53, len(adhd.plan.visit_weeks))
    assert np.array_equal(data.score[:, 0], data.baseline)
    assert np.array_equal(np.isfinite(data.score), data.present)
    assert (np.diff(data.present.astype(int), axis=1) <= 0).all()
    assert np.isnan(data.guess[:, 0]).all()
    assert data.left_for_effects.any()
    assert not data.present[data.left_for_effects, -1].any()
    assert data.stopped.any()
    assert data.rescued.any()


@pytest.mark.parametrize("scenario", NAMES)
def test_the_primary_of_every_scenario_is_the_score_at_its_visit(scenario, adhd):
    data = adhd.data(scenario)
    recorded = adhd.under(scenario, adhd.records.primary)
    assert np.array_equal(data.primary, recorded, equal_nan=True)


def test_one_trial_alone_is_that_trial(adhd):
    whole, third = adhd.data(), adhd.data().of_trial(2)
    assert third.trials == 1
    assert np.array_equal(third.score, whole.by_trial(whole.score)[2], equal_nan=True)
    assert third.arms == whole.arms
    assert third.kinds == ("active", "inert placebo")


def test_benefit_is_positive_where_a_scale_of_severity_falls(adhd):
    data = adhd.data("drug")
    assert not data.higher_is_better
    assert (data.benefit(data.score[:, 0]) <= 0).all()
