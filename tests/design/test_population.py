"""`simulate` looks at the people of the trial, whatever is streamed, and writes whole stores or none."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from limen.design.operate import draw_parameters, enrol
from limen.design.population import BINS, Crowd, _bin, _look, hours, simulate, write_trajectories
from limen.protocol import load
from limen.protocol.allocation import Allocation
from limen.trial.curves import over, sample
from limen.trial.plan import lay_out
from limen.trial.roll import Seats


@pytest.fixture(scope="module")
def plan(examples, parameters):
    return lay_out(load(examples / "lsddep2.yaml"), parameters)


def test_simulate_and_the_trial_have_the_same_exposure(plan, parameters):
    """Superposition for the page, dose to dose for `simulate`: one law, to rounding, on the same people."""
    who = np.arange(128)
    met = sample(draw_parameters(parameters, 20, 1), plan, 1, 0, Seats(who % 20, who, np.zeros(128, int)))
    truth = over(met, plan, hours(plan))
    found = _look(met, plan, hours(plan), binned=False)
    for name, value in found.items():
        assert np.allclose(value[0], getattr(truth, name), rtol=1e-9, atol=1e-12), name


def test_people_put_in_arms_by_blocks_are_those_of_the_trial(plan, parameters):
    """Whoever sits first in an arm came to the trial at some number; `simulate` meets that person, from any trial on."""
    blocks = Allocation.model_validate({"by": "blocks", "blocks": [4], "strata": ["site"]})
    stratified = replace(plan, allocation=blocks, sites=3)
    trial = enrol(stratified, parameters, 20, plan.people, 1)
    assert trial.placed is not None
    place = plan.arms[0].n
    for first in (0, 8):
        met = Crowd(stratified, trial.draws, 1, 20, 1).number(np.arange(first, 20), place)
        assert np.array_equal(met, trial.placed.number[first:, place])
    assert Crowd(plan, trial.draws, 1, 20, 1).number(np.arange(20), place) is None


def test_missed_doses_are_missed(plan, parameters):
    every, some = (
        simulate(replace(plan, adherence=adherence), parameters, 256, 1).summary for adherence in (1.0, 0.3)
    )
    at = (every["series"] == "plasma") & (every["hour"] % 24 == 4)
    assert some.filter(at)["q50"].sum() < 0.5 * every.filter(at)["q50"].sum()


def test_a_value_falls_into_its_bin():
    value = np.geomspace(2e-6, 900.0, 4001)
    edges, where = BINS["plasma"], np.asarray(_bin(jnp.asarray(value), fraction=False))
    assert ((edges[where] <= value * (1 + 1e-6)) & (value <= edges[where + 1] * (1 + 1e-6))).all()
    assert np.asarray(_bin(jnp.zeros(1), fraction=False)) == 0


def test_two_stores_at_once_and_an_interrupted_one_leave_nothing_behind(plan, parameters, tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_trajectories(plan, parameters, 8, 1, tmp_path / "a.zarr", stop)
    assert list(tmp_path.iterdir()) == []
    write_trajectories(plan, parameters, 8, 1, tmp_path / "a.zarr")
    write_trajectories(plan, parameters, 8, 2, tmp_path / "a.zarr")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zarr"]
