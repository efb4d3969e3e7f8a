"""A crossover of four doses: everybody takes each once, in their own order, and every pair of arms is compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limen import parameters
from limen.design.comparisons import every_comparison, pairs
from limen.design.operate import Run, operate
from limen.design.tables import trial_table
from limen.protocol import load
from limen.trial.plan import lay_out
from limen.trial.roll import enrolled

REGISTERED = Path(__file__).parents[1] / "protocol" / "registered"


@pytest.fixture(scope="module")
def crossed() -> Run:
    numbers = parameters.load()
    plan = lay_out(load(REGISTERED / "bershad2019_crossover.yaml"), numbers)
    return operate(plan, numbers, draws=20, people=80, seed=2)


def test_everybody_takes_every_arm_once_in_an_order_that_begins_with_their_own(crossed: Run) -> None:
    data = crossed.data()
    people = enrolled(crossed.plan)
    arms, period = (data.by_trial(x).reshape(data.trials, 4, people) for x in (data.arm, data.period))
    assert (np.sort(arms, axis=1) == np.arange(4)[:, None]).all()
    assert (np.sort(period, axis=1) == np.arange(4)[:, None]).all()
    began = np.argmin(period[0], axis=0)
    assert np.bincount(began).tolist() == [5, 5, 5, 5]
    assert ((arms - period) % 4 == (arms - period)[:, :1] % 4).all()


def test_what_is_taken_and_felt_is_that_of_the_arm(crossed: Run) -> None:
    """Nothing on placebo, and a higher dose is noticed on more days and reaches a higher peak in the same people."""
    data, plan = crossed.data(), crossed.plan
    given = [data.dose[data.arm == arm] for arm in range(4)]
    assert not given[0].any()
    assert [float(np.unique(x)[0]) for x in given[1:]] == pytest.approx([a.levels[0] for a in plan.arms[1:]])
    peak = [np.asarray(crossed.records.peak)[data.arm == arm, 0] for arm in range(4)]
    assert (peak[1] < peak[2]).all()
    assert (peak[2] < peak[3]).all()
    assert peak[3].mean() / peak[1].mean() == pytest.approx(4.0, rel=0.02)


def test_the_table_of_data_names_the_order_of_every_participant(crossed: Run) -> None:
    table = trial_table(crossed, 1)
    found = table.sort("period").group_by("participant", maintain_order=True).agg("sequence", "arm")
    for sequence, arms in found.select("sequence", "arm").iter_rows():
        assert sequence[0] == ", then ".join(dict.fromkeys(arms))
    assert found.height == enrolled(crossed.plan)
    assert table["sequence"].n_unique() == 4


def test_every_pair_of_arms_is_compared_and_more_drug_is_rated_higher(crossed: Run) -> None:
    found = {(c.arm, c.control): c for c in every_comparison(crossed)}
    assert len(found) == len(pairs(crossed)) == 6
    assert [key for key, c in found.items() if c.primary] == [("LSD 6.5", "placebo")]
    high, low = found["LSD 26", "placebo"], found["LSD 6.5", "placebo"]
    assert high.difference.mean() > low.difference.mean()
    between = found["LSD 26", "LSD 6.5"].difference.mean()
    assert between == pytest.approx(high.difference.mean() - low.difference.mean(), abs=1.5)
