"""The trial that would settle the question: what the page says of it and what a search says are one thing."""

from __future__ import annotations

import numpy as np
import pytest

import limen
from limen.design.operate import operate
from limen.design.report import weekly_scenario
from limen.design.search import search
from limen.design.settling import people_compared, question
from limen.dossier.sections.verdict import build
from limen.errors import LimenError
from limen.parameters import load as numbers
from limen.protocol import loads
from limen.trial.plan import lay_out
from support.looked import TWO, written

TRIALS = 60
MCID = ", mcid: 1.5, mcid_source: assumed"
PLAIN = "analysis: {method: ancova}"
LOOKED = "analysis: {looks: {at: [0.5, 1], spending: pocock, futility: [0]}}"
CROSSED = "design: crossover\nanalysis: {method: ancova}"


def answered(protocol):
    """The run behind a page, with as many draws and people as a search has trials and people."""
    plan = lay_out(protocol, numbers())
    return operate(plan, numbers(), TRIALS, plan.people, 1)


@pytest.mark.parametrize("rest", [PLAIN, LOOKED, CROSSED])
def test_the_page_and_the_search_ask_one_question(rest):
    protocol = loads(written(TWO, rest, MCID))
    (cell,) = search(protocol, (), numbers(), TRIALS, 1)
    page = build._settled(answered(protocol), np.zeros(TRIALS))
    shown = {name: page.get(key) for name, key in (
        ("settles", "settled_here"), ("wrong", "wrong_here"), ("to_settle", "participants_to_settle"),
        ("to_settle_low", "settle_low"), ("to_settle_high", "settle_high"))}  # fmt: skip
    found = {name: cell.found[name][0] for name in shown}
    assert {name: None if value != value else value for name, value in found.items()} == shown
    assert cell.found["settles"][1] == page["settled_here_error"]
    assert cell.found["wrong"][1] == page["wrong_here_error"]
    assert page["people_here"] == cell.people == 60


def test_what_is_not_known_of_belief_is_not_the_luck_of_a_trial():
    """Each draw has one trial of sixty people, and the parts are counted in the same people."""
    run = answered(loads(written(TWO, PLAIN, MCID)))
    asked = question(run, weekly_scenario(run, "as believed"))
    assert asked is not None
    assert asked.belief.std() < 0.5 * asked.se.mean()


def test_a_size_is_that_of_trials_which_nothing_stops_early():
    plain, looked = (answered(loads(written(TWO, rest, MCID))) for rest in (PLAIN, LOOKED))
    whole, end = (question(run, weekly_scenario(run, "as believed")) for run in (plain, looked))
    assert whole is not None
    assert end is not None
    assert np.array_equal(whole.se, end.se)
    assert np.array_equal(whole.drug, end.drug)


def test_people_of_a_crossover_are_counted_once():
    plan = lay_out(loads(written(TWO, CROSSED, MCID)), numbers())
    assert people_compared(plan) == 60
    assert sum(arm.n for arm in plan.arms) == 120


def test_nothing_is_asked_where_no_difference_is_known_to_matter(adhd):
    assert question(adhd, weekly_scenario(adhd, "as believed")) is None


def test_a_goal_that_nothing_can_reach_is_refused_with_what_would_be_right(adhd):
    with pytest.raises(LimenError, match="known to matter"):
        limen.design(limen.load("adhd_20ug"), [], ["settle"], trials=50)


def test_a_search_says_which_design_needs_the_fewest_people():
    found = limen.design(loads(written(TWO, PLAIN, MCID)), ["dose=10,20"], ["settle"], trials=60)
    sizes = {d.said["dose"]: d.found["to_settle"][0] for d in found.designs}
    text = str(found)
    fewest = min(sizes, key=sizes.get)
    assert (
        f"dose {fewest} would settle it with {sizes[fewest]:.0f} people (the simulation tells it to" in text
    )
