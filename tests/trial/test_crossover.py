"""A crossover in the walk."""

import numpy as np


def test_a_crossover_has_the_same_people_in_both_periods_with_new_luck(parameters, examples):
    from limen.design.operate import operate
    from limen.protocol import load
    from limen.trial.plan import lay_out

    plan = lay_out(load(examples / "mushroom_crossover.yaml"), parameters)
    run = operate(plan, parameters, draws=20, people=136)
    half = plan.people // 2
    before = run.by_trial(run.records.day.before)
    assert np.array_equal(before[:, :half], before[:, half:])
    noticed = run.by_trial(run.records.noticed)
    assert not np.array_equal(noticed[:, :half], noticed[:, half:])
