"""Trials that decide their size or their arms on the way, simulated whole, beside what the closed forms say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import limen
from limen.analysis.power.adaptive import variance_sizes
from limen.design.adaptive import blinded, contenders, ends_of, rule
from limen.design.measures import DEAD, JUDGED, looks_of, of_design
from limen.design.report import weekly_scenario
from limen.design.smaller import fewer
from limen.design.vary import people_asked
from limen.errors import LimenError, ProtocolErrors
from limen.protocol import loads
from limen.protocol.adaptive import Drop, Resize
from limen.trial.plan import lay_out
from support.looked import TWO, written
from support.quiet import quiet_trials

TRIALS = 600
UNSEEN, WORTH = "course", "course + drug"
ARMS = """
  - {name: LSD 20, kind: active, n: 30, form: LSD base, dose: 20 ug}
  - {name: LSD 10, kind: active, n: 30, form: LSD base, dose: 10 ug}
  - {name: placebo, kind: inert placebo, n: 30}"""
PROMISING = "resize: {by: promising zone, at: 0.25, sizes: [0.5, 0.75, 1], above: 0.3}"


def analysed(arms: str, how: str):
    return loads(written(arms, f"analysis: {{{how}}}"))


@pytest.fixture(scope="module")
def quiet(parameters):
    """Trials in which nobody can tell, of two doses and placebo."""
    return quiet_trials(lay_out(analysed(ARMS, "drop: {at: 0.5}"), parameters), parameters, TRIALS)


def with_(run, **changes):
    return dataclasses.replace(run, plan=dataclasses.replace(run.plan, **({"drop": None} | changes)))


@pytest.fixture(scope="module")
def two(quiet):
    """The same trials without the lower dose."""
    return fewer(with_(quiet), {0: 30, 2: 30}, (0, 2))


def near(shown, expected, trials=TRIALS):
    assert shown == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / trials) + 1e-9)


@pytest.mark.parametrize(("what", "worth"), [(UNSEEN, False), (WORTH, True)])
def test_a_promising_zone_shows_what_its_closed_form_says_when_nobody_can_tell(two, what, worth):
    how = Resize(by="promising zone", at=0.25, sizes=(0.5, 0.75, 1.0), above=0.3)
    found = weekly_scenario(with_(two, resize=how), what)
    fixed = weekly_scenario(two, what)
    drift = float(fixed.z.mean()) if worth else 0.0
    power, sizes = rule(how, two.plan).operating(drift)
    near(found.favourable(0.05).mean(), power)
    for k, share in enumerate(sizes):
        near((found.stops.look == k).mean(), share)
    assert set(found.stops.people) == {30, 44, 60}


def test_a_trial_at_its_largest_size_reports_what_the_fixed_one_does(two):
    how = Resize(by="promising zone", at=0.25, sizes=(0.5, 1.0), above=0.5, test="conventional")
    found, fixed = (weekly_scenario(run, WORTH) for run in (with_(two, resize=how), two))
    largest = found.stops.look == 1
    assert 0.05 < largest.mean() < 0.95
    assert np.array_equal(found.estimate[largest], fixed.estimate[largest])
    assert found.p[largest] == pytest.approx(fixed.p[largest], abs=1e-12)
    assert np.array_equal(found.stops.end, fixed.estimate)


def test_a_size_by_variance_grows_as_chi_squared_says_and_keeps_the_level(two):
    seen = {0: 9, 1: 9}
    true = float(blinded(two.data(UNSEEN)).mean())
    sd = np.sqrt(true / 1.25)
    how = Resize(by="variance", at=0.3, sizes=(0.5, 0.75, 1.0), sd=sd)
    found = weekly_scenario(with_(two, resize=how), UNSEEN)
    assert blinded(fewer(two, seen).data(UNSEEN)).mean() == pytest.approx(true, rel=0.03)
    for k, share in enumerate(variance_sizes(1.25, 16, how.sizes)):
        assert (found.stops.look == k).mean() == pytest.approx(
            share, abs=0.05
        )  # scores are bounded and rounded
    near(found.significant(0.05).mean(), 0.05)


def test_dropping_arms_keeps_the_level_over_all_of_them_when_nobody_can_tell(quiet):
    found = weekly_scenario(with_(quiet, drop=Drop(at=0.5)), UNSEEN)
    assert contenders(with_(quiet, drop=Drop(at=0.5)).plan) == (0, 1)
    near(found.favourable(0.05).mean(), 0.025)
    near((found.stops.look == 0).mean(), 0.5)
    assert set(found.stops.people) == {75}
    assert found.estimate.mean() > 0.1 * found.se.mean()  # the best of two by chance


def test_no_stage_shares_a_person_with_another(two):
    first, after = fewer(two, {0: 8, 1: 8}), fewer(two, {0: 30, 1: 30}, after={0: 8, 1: 8})
    assert [arm.n for arm in after.plan.arms] == [22, 22]
    together = np.concatenate(
        [first.by_trial(first.records.baseline), after.by_trial(after.records.baseline)], 1
    )
    assert np.array_equal(np.sort(together, 1), np.sort(two.by_trial(two.records.baseline), 1))


@pytest.mark.parametrize(
    ("arms", "how", "said"),
    [
        (TWO, "resize: {by: promising zone, at: 0.5, sizes: [0.5, 1]}", "do not rise"),
        (TWO, "resize: {by: promising zone, at: 0.25, sizes: [0.5, 0.9]}", "do not rise"),
        (TWO, "resize: {by: promising zone, at: 0.25, sizes: [0.5, 1], above: 0.3, test: conventional}", "costs level"),
        (TWO, "resize: {by: promising zone, at: 0.25, sizes: [0.5, 1], above: 0.9}", "nothing is promising"),
        (TWO, "resize: {by: promising zone, at: 0.25, sizes: [0.5, 1], sd: 3}", "plans for no SD"),
        (TWO, "resize: {by: variance, at: 0.25, sizes: [0.5, 1]}", "no SD was planned"),
        (TWO, "resize: {by: variance, at: 0.25, sizes: [0.5, 1], sd: 8, above: 0.6}", "has no above"),
        (TWO, f"{PROMISING}, looks: {{at: [0.5, 1]}}", "looks and resize together"),
        (TWO, "drop: {at: 0.5}", "none to drop"),
        (ARMS, f"{PROMISING}, drop: {{at: 0.5}}", "resize and drop together"),
        (ARMS, "drop: {at: 0.5}, arm: LSD 20", "decided on the way"),
        (ARMS.replace("n: 30, form: LSD base, dose: 10", "n: 20, form: LSD base, dose: 10"), "drop: {at: 0.5}", "different sizes"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_by_name(arms, how, said):
    with pytest.raises(ProtocolErrors, match=said):
        analysed(arms, how)


def measured(run, people):
    """The measures of a design by name, and the shares of its ends with a drug that does nothing."""
    ends = ends_of(run.plan)
    values = of_design(run, people, len(ends))
    dead = [look for look in looks_of(ends, values[len(JUDGED) :]) if look.under == DEAD]
    return dict(zip(JUDGED, values[:, 0], strict=False)), {
        one.look: [end[0] for end in one.ends] for one in dead
    }


def test_where_trials_end_and_with_how_many_people_when_an_arm_is_dropped(quiet):
    found, dead = measured(with_(quiet, drop=Drop(at=0.5)), 90)
    assert found["enrolled"] == 75
    assert list(dead) == ["LSD 20", "LSD 10"]
    assert sum(map(sum, dead.values())) == pytest.approx(1)
    assert np.isnan([found["coverage"], found["settles"], found["to_settle"]]).all()


def test_where_trials_end_and_with_how_many_people_when_a_size_is_raised(two):
    how = Resize(by="variance", at=0.3, sizes=(0.5, 0.75, 1.0), sd=8)
    found, dead = measured(with_(two, resize=how), 60)
    shares = [sum(ends) for ends in dead.values()]
    assert sum(shares) == pytest.approx(1)
    assert found["enrolled"] == pytest.approx(np.dot(shares, [30, 44, 60]))


def test_every_arm_that_may_be_kept_is_counted_and_what_cannot_be_is_no_goal():
    protocol = analysed(ARMS, "drop: {at: 0.5}")
    assert people_asked(protocol, ()) == (90,)
    with pytest.raises(LimenError, match="dropped on the way"):
        limen.design(protocol, [], ["settle"], trials=60)
