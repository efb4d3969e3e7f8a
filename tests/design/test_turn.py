"""The grid of the front door: its stops are the trials that everything else is simulated with."""

from dataclasses import replace

import numpy as np
import pytest

from limen.design.dial import Dial, dial
from limen.design.operate import Given, draw_parameters, operate
from limen.design.report import dose_day, weekly_scenario
from limen.design.turn import turn_grid
from limen.design.whatifs import DEAD, JUDGED_BY
from limen.engine.kept import resumable
from limen.errors import ProtocolError
from limen.protocol import load
from limen.trial.plan import lay_out

TRIALS = 20


def only_own(turned: Dial, people: tuple[tuple[int, int], ...] | None = None) -> Dial:
    """A dial with the protocol's own dose and what it tells people alone."""
    own = turned.own
    return replace(
        turned,
        doses=(turned.doses[own["dose"]],),
        told=(turned.told[own["told"]],),
        people=people or (turned.people[own["people"]],),
    )


@pytest.fixture(scope="module")
def lsddep2(examples):
    return load(examples / "lsddep2.yaml")


@pytest.fixture(scope="module")
def grid(lsddep2, parameters):
    """LSDDEP2 as written, among larger trials, against both comparators."""
    return turn_grid(only_own(dial(lsddep2), ((45, 44), (61, 59))), parameters, TRIALS, seed=5)


def test_a_stop_is_the_trial_that_the_protocol_itself_has(grid, lsddep2, parameters):
    """To the last trial: the dial adds no law of its own, and a small trial is the beginning of a large one."""
    plan = lay_out(lsddep2, parameters)
    drawn = draw_parameters(parameters, TRIALS, 5)
    run = operate(
        plan, parameters, people=plan.people, seed=5, given=Given(drawn, grid.belief.delta, JUDGED_BY)
    )
    found = grid.at(0, 0, 1, 0)
    assert grid.dial.against[1].name == "caffeine"
    day, scale = dose_day(run)["belief only"], weekly_scenario(run, DEAD)
    for reports, name in ((day, "day"), (scale, "scale")):
        assert found[f"works, {name}"][0] == reports.favourable(0.05).mean()
        assert found[f"significant, {name}"][0] == reports.significant(0.05).mean()
    noticed = np.asarray(run.records.p_notice)[:, : len(plan.days)]
    for arm, name in ((plan.active, "drug"), (plan.control, "comparator")):
        few = noticed[run.arm == arm].mean()
        value, error, _ = found[f"notices, {name}"]
        assert value == pytest.approx(
            few, abs=4 * error
        )  # the dial counts in all people of its largest trial


def test_both_comparators_meet_the_same_people_on_the_drug(grid):
    inert, caffeine = (grid.at(0, 0, against, 0) for against in (0, 1))
    assert inert["notices, drug"] == caffeine["notices, drug"]
    assert inert["notices, comparator"] != caffeine["notices, comparator"]


def test_a_stop_agrees_with_the_dossier_within_their_errors(adhd, parameters, examples):
    """What `limen answer` counts on 200 trials, and the dial on 100 others."""
    own = only_own(dial(load(examples / "adhd_20ug.yaml")))
    found = turn_grid(own, parameters, 100, seed=2).at(0, 0, 0, 0)
    day = dose_day(adhd)["belief only"].significant(0.05)
    chance = np.asarray(adhd.records.p_notice)[adhd.arm == adhd.plan.active][:, : len(adhd.plan.days)]
    by_draw = adhd.by_trial(adhd.records.p_notice)[:, :27, : len(adhd.plan.days)].mean((1, 2)).reshape(-1, 20)
    pairs = [
        (found["significant, day"], day.mean(), np.sqrt(day.mean() * (1 - day.mean()) / day.size)),
        (found["notices, drug"], chance.mean(), by_draw.mean(0).std(ddof=1) / np.sqrt(20)),
    ]
    for (value, error, trials), theirs, other in pairs:
        assert trials == 100
        assert value == pytest.approx(theirs, abs=3 * np.hypot(error, other))


def test_an_ended_turn_goes_on_where_it_stood(lsddep2, parameters, tmp_path, monkeypatch):
    """The second of two doses was never run: the first is taken from the disk, after its bits were found the same."""
    turned = dial(lsddep2)
    two = replace(only_own(turned), doses=(turned.doses[1], turned.doses[turned.own["dose"]]))
    monkeypatch.setattr("limen.engine.kept.EVERY", 0.0)
    ran: list[int] = []

    def run(tick=None):
        with resumable(tmp_path):
            return turn_grid(two, parameters, TRIALS, seed=5, tick=tick)

    def ends(_):
        ran.append(1)
        if len(ran) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(ends)
    again = run()
    assert np.array_equal(again.found, turn_grid(two, parameters, TRIALS, seed=5).found, equal_nan=True)


def test_the_dial_holds_what_the_protocol_says(lsddep2):
    turned = dial(lsddep2)
    own = turned.own
    assert turned.doses[own["dose"]].dose is None  # its levels are drawn
    assert turned.people[own["people"]] == (45, 44)
    assert turned.told[own["told"]] == pytest.approx(45 / 89)
    assert [arm.agent for arm in turned.against] == [None, "caffeine"]
    assert [stop.base for stop in turned.doses] == sorted(stop.base for stop in turned.doses)
    (beyond,) = (stop for stop in turned.doses if stop.beyond)
    assert beyond is turned.doses[-1]
    assert not beyond.measured


def test_a_dose_outside_the_measured_range_is_known(examples):
    doses = {stop.label: stop for stop in dial(load(examples / "adhd_20ug.yaml")).doses}
    assert doses["20 ug"].measured
    assert doses["20 ug"].own
    assert not doses["2.5 ug"].measured
    assert not doses["25 ug"].measured  # kinetics were measured to 20 ug


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lsddep1", "no blind to be broken"),
        ("gad_3mg_responder_gate", "cannot be turned"),
        ("self_blinding", "cannot be turned"),
    ],
)
def test_what_cannot_be_turned_is_refused_with_the_reason(name, why, examples):
    with pytest.raises(ProtocolError, match=why):
        dial(load(examples / f"{name}.yaml"))
