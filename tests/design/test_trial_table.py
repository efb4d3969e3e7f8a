"""What limen simulates passes through limen: every example's table is analysed as it is."""

import dataclasses
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import polars as pl
import pytest

from limen.analysis.analyse import analyse
from limen.design.judge import last_guesses
from limen.design.tables import doses_taken, trial_table
from limen.design.trials import Trials
from support.recorded import passes_through, recorded
from support.terminal import at_width, fits

EXAMPLES = Path(__file__).parents[2] / "examples"
REGISTERED = Path(__file__).parents[1] / "protocol" / "registered"


@pytest.mark.parametrize("name", ["lsddep1", "mushroom_crossover"])
def test_simulated_data_pass_through(name: str, parameters, tmp_path: Path) -> None:
    """One arm and no control, and a crossover without a weekly score; validation holds every example."""
    passes_through(EXAMPLES / f"{name}.yaml", parameters, tmp_path / "trials.parquet")


def test_a_crossover_is_one_person_in_two_periods(parameters) -> None:
    run = recorded(EXAMPLES / "mushroom_crossover.yaml", parameters, trials=1)
    shown = Trials.of_run(run, 1)
    assert fits(shown)
    assert "1 trial of 34 people" in " ".join(at_width(shown, 80))
    people = trial_table(run).group_by("participant").agg(pl.col("period", "arm", "sequence").n_unique())
    assert people.height == 34
    assert (people["period"] == 2).all()
    assert (people["arm"] == 2).all()
    assert (people["sequence"] == 1).all()


def test_guesses_and_exits_are_those_of_the_arms_that_are_compared(parameters) -> None:
    """Of a crossover with three doses, what is said and who is away under the two that are not compared is no part of them."""
    run = recorded(REGISTERED / "bershad2019_crossover.yaml", parameters, trials=2)
    other = ~np.isin(run.arm, run.plan.compared)
    assert other.sum() == len(other) / 2
    weeks = run.plan.weeks
    active = (run.arm == run.plan.active).astype(float)
    r = dataclasses.replace(
        run.records,
        guess=jnp.asarray(
            np.where(other, 0.0, active)[:, None].repeat(np.asarray(run.records.guess).shape[1], 1)
        ),
        present=jnp.asarray(np.where(other, 0.0, 1.0)[:, None].repeat(weeks + 1, 1)),
    )
    right, away = last_guesses(dataclasses.replace(run, records=r))
    assert right.tolist() == [1.0, 1.0]
    assert away.tolist() == [0.0, 0.0]
    wrong = dataclasses.replace(r, guess=1.0 - r.guess)
    assert last_guesses(dataclasses.replace(run, records=wrong))[0].tolist() == [0.0, 0.0]


def test_doses_of_the_visits_add_up_to_those_of_the_person(adhd) -> None:
    table = trial_table(adhd, 1)
    whole = table.group_by("participant", maintain_order=True).agg(pl.col("dose_taken").sum())
    assert np.allclose(np.sort(whole["dose_taken"]), np.sort(doses_taken(adhd, np.arange(53)).sum(1)))
    # A missed dose leaves no peak: the same doses were met by the walk.
    met = np.asarray(adhd.records.signal)[:53, : len(adhd.plan.days)] > 0
    assert np.array_equal(doses_taken(adhd, np.arange(53))[adhd.arm[:53] == 0] > 0, met[adhd.arm[:53] == 0])


def test_the_table_of_a_simulated_run_is_analysed(adhd, tmp_path: Path) -> None:
    file = tmp_path / "trials.csv"
    trial_table(adhd, 1).write_csv(file)
    found = analyse(file)
    assert found.result.method == "mmrm"
    assert found.result.arms[0] == "placebo"
    assert found.data.people == 53
    assert found.result.people + found.result.left_out == 53
