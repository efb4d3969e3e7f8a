"""Many designs of one protocol: what is varied, that a cell is the trial that is answered, and what is called smallest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import limen
from limen.design import search
from limen.design.measures import ASKED, DEAD, JUDGED
from limen.design.operate import Given, draw_parameters, operate
from limen.design.report import weekly_scenario
from limen.design.search import Design, Goal, goals, smallest_design
from limen.design.vary import axis, combinations, people_asked
from limen.errors import LimenError
from limen.parameters import parameters_for
from limen.trial.plan import lay_out
from support.terminal import fits

TRIALS = 50


@pytest.fixture(scope="module")
def adhd():
    return limen.load("adhd_20ug")


@pytest.fixture(scope="module")
def found(adhd):
    return limen.design(
        adhd, ["dose=10,20", f"n=24,{adhd.participants}", "method=ancova"], ["false=0.5"], TRIALS
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("dose=5:20:5", ("5 ug", "10 ug", "15 ug", "20 ug")),
        ("dose=2.5:7.5:2.5", ("2.5 ug", "5 ug", "7.5 ug")),
        ("dose=0.01 mg,20 ug", ("0.01 mg", "20 ug")),
        ("interval=2,3", ("2", "3")),
        ("n=20:60:20", ("20", "40", "60")),
        ("told=0.5,0.5", ("0.5",)),
    ],
)
def test_an_axis_is_read_as_written(text, values, adhd):
    assert axis(text, adhd).values == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("doze=5", "dose"),
        ("dose=", "no values"),
        ("dose=5:1:1", "upwards"),
        ("dose=1:5:0", "upwards"),
        ("dose=1:5:nan", "upwards"),
        ("dose=1:5", "first:last:step"),
        ("n=3", "8"),
        ("n=12.5", "n=12.5"),
        ("n=0:100000:1", "2000"),
    ],
)
def test_an_axis_nobody_can_vary_is_refused_with_what_would_be_right(text, said, adhd):
    with pytest.raises(LimenError, match=said):
        axis(text, adhd)


@pytest.mark.parametrize("text", ["dose=5 apples", "interval=-2", "told=2", "adherence=0", "against=sugar"])
def test_a_value_that_is_no_protocol_is_refused_by_its_name(text, adhd):
    with pytest.raises(LimenError, match=text.split("=")[0]):
        combinations(adhd, (axis(text, adhd),))


def test_only_what_is_varied_changes(adhd):
    (one,) = combinations(adhd, (axis("interval=3", adhd), axis("n=20,40", adhd)))
    assert one.said == {"interval": "3"}
    changed = one.protocol.model_copy(update={"schedule": adhd.schedule})
    assert changed == adhd
    assert one.protocol.schedule.dosing_days()[:3] == (0, 3, 6)
    assert people_asked(adhd, (axis("n=40,20", adhd),)) == (20, 40)


@pytest.mark.parametrize("text", ["power", "power=", "power=high", "strength=1", "power=nan"])
def test_a_goal_without_a_name_or_a_value_is_refused(text):
    with pytest.raises(LimenError):
        goals([text])


def test_the_protocols_own_design_is_the_trial_that_is_answered(adhd, found):
    """A cell of the search and the run that stands behind a dossier: the same trials, to the bit."""
    parameters = parameters_for(adhd)
    plan = replace(lay_out(adhd, parameters), method="ancova")
    drawn = draw_parameters(parameters, TRIALS, 1)
    belief = search.update(drawn, search.theta(drawn, plan), plan, parameters, 1)
    run = operate(plan, parameters, TRIALS, plan.people, 1, given=Given(drawn, belief.delta, ASKED))
    dead = weekly_scenario(run, DEAD)
    own = next(d for d in found.designs if d.said["dose"] == "20 ug" and d.people == adhd.participants)
    assert own.found["bias"][0] == pytest.approx(float(dead.estimate.mean()), abs=1e-12)
    assert own.found["false"][0] == dead.favourable(plan.alpha).mean()


def test_without_belief_nothing_is_added_and_every_share_is_one(found):
    for design in found.designs:
        m = {name: value for name, (value, _, _) in design.found.items()}
        assert m["belief_adds"] == pytest.approx(m["false"] - m["false_unseen"], abs=1e-12)
        for name in ("power", "false", "coverage", "guesses", "exits"):
            assert 0 <= m[name] <= 1
        assert m["coverage"] > 0.8


def test_the_table_the_report_and_the_sentences_say_one_thing(found):
    table = found.to_polars()
    assert table.height == 4
    assert {"dose", "people", "power", "power_se", "meets"} <= set(table.columns)
    assert all(f"{row['power']:.4g}" in found.report() for row in found.rows())
    assert str(found).count("assurance") == 1
    assert found.figure().svg().startswith("<svg")


def _design(people, power, error):
    silent = {name: (0.0, 0.0, 1000) for name in JUDGED}
    return Design({}, people, 10, 6.0, {**silent, "power": (power, error, 1000)})


def test_the_smallest_is_named_only_beyond_twice_its_error():
    designs = [_design(n, p, 0.02) for n, p in ((40, 0.5), (60, 0.79), (80, 0.82), (100, 0.9), (120, 0.95))]
    sure, open_ = smallest_design(designs, [Goal("power", 0.8)])
    assert sure is not None
    assert sure.people == 100
    assert [d.people for d in open_] == [60, 80]
    assert smallest_design(designs[:1], [Goal("power", 0.8)]) == (None, [])


def test_no_hit_among_few_trials_is_not_zero():
    assert Goal("false", 0.01).met((0.0, 0.0, 60)) is None
    assert Goal("false", 0.06).met((0.0, 0.0, 2000)) is True
    assert Goal("false", 0.06).met((float("nan"), float("nan"), 0)) is False


def test_a_dose_beyond_the_domain_is_said_and_not_simulated(adhd):
    beyond = limen.design(adhd, ["dose=100"], trials=TRIALS)
    (only,) = beyond.designs
    assert only.beyond
    assert np.isnan(only.found["power"][0])
    assert "Not simulated" in str(beyond)


def test_at_a_terminal_it_is_read_in_whole_words(found):
    assert fits(found)
