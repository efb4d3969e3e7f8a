"""Power in closed form against simulation, against itself, and against limits of the designs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import limen
from limen.analysis.ancova import ancova
from limen.analysis.power.aims import Aim
from limen.analysis.power.ask import DESIGNS, typed_numbers
from limen.analysis.power.means import Ancova, Crossover, OneSample, Paired, TwoSample
from limen.analysis.power.mixed import Mixed
from limen.analysis.power.shares import METHODS, Shares
from limen.errors import LimenError

SOME = {
    "two-sample": dict(sd=2.0), "ancova": dict(sd=2.0, correlation=0.5), "one-sample": dict(sd=2.0),
    "paired": dict(sd=2.0, correlation=0.5), "crossover": dict(sd=2.0, correlation=0.5), "responders": dict(control=0.4),
    "mmrm": dict(sd=2.0, visits=3, correlation=0.5, dropout=0.2),
}  # fmt: skip


def test_no_effect_has_the_power_of_the_level() -> None:
    for design in (TwoSample(sd=1), Ancova(sd=1, correlation=0.5), Mixed(sd=1, visits=2, correlation=(0.5,))):
        np.testing.assert_allclose(design.power(0, (20, 30), Aim(alpha=0.01)), 0.01, rtol=1e-10)
    # Welch's level is only close to what it is meant to be.
    assert 0.045 < TwoSample(sd=1, sd_control=3).power(0, (8, 20), Aim()) < 0.055


@settings(max_examples=8, deadline=None)
@given(st.floats(0.1, 2), st.floats(0, 0.9), st.integers(5, 100), st.integers(5, 100))
def test_laws_of_power(effect: float, r: float, n1: int, n0: int) -> None:
    def power(e: float, sd: float, r: float, *arms: int) -> float:
        return Ancova(sd=sd, correlation=r).power(e, arms, Aim())

    one = power(effect, 1, r, n1, n0)
    assert power(-effect, 1, r, n1, n0) == pytest.approx(one, rel=1e-9)
    assert power(effect, 1, -r, n1, n0) == pytest.approx(one, rel=1e-9)
    assert power(2 * effect, 2, r, n1, n0) == pytest.approx(one, rel=1e-9)
    assert power(effect, 1, r, n1 + 10, n0 + 10) >= one - 1e-12
    # A baseline that predicts nothing costs one degree of freedom and some chance imbalance, never a gain.
    assert power(effect, 1, 0, n1, n0) <= TwoSample(sd=1).power(effect, (n1, n0), Aim()) + 1e-12


@pytest.mark.parametrize(("effect", "r", "n1", "n0"), [(1.0, 0.6, 6, 6), (0.8, 0.5, 30, 15)])
def test_simulated_trials_reject_as_often_as_the_closed_form_says(
    effect: float, r: float, n1: int, n0: int
) -> None:
    trials = 40_000
    rng = np.random.default_rng(11)
    arm = np.r_[np.ones(n1), np.zeros(n0)]
    baseline = rng.normal(size=(trials, n1 + n0))
    outcome = r * baseline + np.sqrt(1 - r**2) * rng.normal(size=baseline.shape) + effect * arm
    rejected = float((ancova(outcome, baseline, arm).p < 0.05).mean())
    power = Ancova(sd=1, correlation=r).power(effect, (n1, n0), Aim())
    assert abs(rejected - power) < 3 * np.sqrt(power * (1 - power) / trials)


def test_designs_that_are_one_another() -> None:
    """A crossover is a two-sample test of half the differences; a mixed model of one visit a t test of those who stay;
    Welch's test of equal variances costs a little; a paired test one of differences."""
    aim, both = Aim(), Crossover(sd=2, correlation=0.6)
    halves = TwoSample(sd=2 * math.sqrt(2 * 0.4) / 2)
    assert both.power(1, (12, 12), aim) == pytest.approx(halves.power(1, (12, 12), aim), rel=1e-12)
    one = Mixed(sd=2, visits=1, correlation=(0.5,), retention=(0.8,))
    assert one.power(1, (50, 50), aim) == pytest.approx(TwoSample(sd=2).power(1, (40, 40), aim), rel=1e-12)
    equal = TwoSample(sd=2, sd_control=2).power(1, (40, 40), aim)
    assert 0 < TwoSample(sd=2).power(1, (40, 40), aim) - equal < 1e-3
    paired = Paired(sd=2, correlation=0.5).power(1, (20,), aim)
    assert paired == pytest.approx(OneSample(sd=2).power(1, (20,), aim), rel=1e-12)


def test_unstructured_correlations_are_what_they_spell() -> None:
    ar1 = Mixed(sd=1, visits=3, correlation=(0.6,), structure="ar1", dropout=0.3)
    spelled = Mixed(sd=1, visits=3, correlation=(0.6, 0.36, 0.6), structure="unstructured", dropout=0.3)
    assert spelled.se((50, 40)) == pytest.approx(ar1.se((50, 40)), rel=1e-12)
    with_baseline = Mixed(sd=1, visits=1, correlation=(0.6,), baseline=True)
    assert with_baseline.se((50, 50)) == pytest.approx(0.8 * math.sqrt(2 / 50), rel=1e-12)


@pytest.mark.parametrize("design", SOME)
def test_the_three_questions_answer_one_another(design: str) -> None:
    effect = 0.2 if design == "responders" else 1.0
    size = limen.power(design, effect, power=0.8, **SOME[design])
    assert size.power >= 0.8
    less = size.assumed.arms(min(size.arms) - 1)
    assert size.assumed.power(effect, less, size.aim) < 0.8
    assert limen.power(design, effect, n=size.n, **SOME[design]).power == size.power
    smallest = limen.power(design, n=size.n, power=0.8, **SOME[design])
    assert 0.9 * effect < smallest.effect <= effect
    assert smallest.power == pytest.approx(0.8, abs=1e-9)
    assert str(size.n) in size.sentence()


def test_margins() -> None:
    inferior = limen.power("two-sample", 0.0, n=100, sd=1.0, aim="non-inferiority", margin=0.5)
    shifted = limen.power("two-sample", 0.5, n=100, sd=1.0, sides=1, alpha=0.025)
    assert inferior.power == pytest.approx(shifted.power, rel=1e-12)
    widest = limen.power("two-sample", n=100, power=0.8, sd=1.0, aim="equivalence", margin=0.7)
    assert 0 < widest.effect < 0.7
    assert widest.power == pytest.approx(0.8, abs=1e-9)


def test_methods_for_shares_agree_in_large_trials() -> None:
    found = {name: Shares(control=0.4, method=name).power(0.1, (400, 400), Aim()) for name in METHODS}
    conservative = found.pop("fisher")
    assert max(found.values()) - min(found.values()) < 0.005
    assert conservative < min(found.values())


def test_an_exact_size_holds_from_there_on() -> None:
    found = limen.power("responders", 0.4, power=0.8, control=0.2, method="fisher")
    later = [
        found.assumed.power(0.4, found.assumed.arms(n), found.aim)
        for n in range(min(found.arms), min(found.arms) + 8)
    ]
    assert min(later) >= 0.8


def test_curves_hold_the_answer() -> None:
    found = limen.power("ancova", 3.0, power=0.9, sd=8.0, correlation=0.5, dropout=0.1)
    for over in ("n", "effect"):
        curve = found.curve(over, points=5)
        assert [row["power"] for row in curve if row["answer"]] == [found.power]
        assert [row["power"] for row in curve] == sorted(row["power"] for row in curve)
    assert found.randomised == (127, 127)
    assert found.figure(over="effect").table[0]["over"] == "effect"


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("no design", dict(design="cluster", effect=1, n=20)),
        ("takes no visits", dict(design="paired", effect=1, n=20, sd=1, correlation=0.5, visits=3)),
        ("needs sd", dict(design="ancova", effect=1, n=20)),
        ("two are given", dict(effect=1, sd=1)),
        ("standard deviation", dict(effect=1, n=20, sd=0)),
        ("at least 2", dict(effect=1, n=3, sd=1)),
        ("alpha", dict(effect=1, n=20, sd=1, alpha=5)),
        ("correlation", dict(design="ancova", effect=1, n=20, sd=1, correlation=1.0)),
        ("effect of zero", dict(effect=0, power=0.8, sd=1)),
        ("power of 1.2", dict(effect=1, power=1.2, sd=1)),
        ("is the unit right", dict(effect=1e-6, power=0.8, sd=1)),
        ("margin", dict(effect=1, n=20, sd=1, aim="equivalence")),
        ("beyond the margin", dict(effect=1, n=20, sd=1, aim="equivalence", margin=0.5)),
        ("as a positive number", dict(effect=-1, n=20, sd=1, sides=1)),
        ("between 0 and 1", dict(design="responders", effect=0.7, n=20, control=0.5)),
        ("fisher with a margin", dict(design="responders", effect=0.0, n=20, control=0.5, method="fisher", aim="non-inferiority", margin=0.1)),
        ("never rise", dict(design="mmrm", effect=1, n=40, sd=1, visits=2, correlation=0.5, retention=(0.8, 0.9))),
        ("cannot all hold", dict(design="mmrm", effect=1, n=40, sd=1, visits=3, correlation=(0.9, -0.9, 0.9), structure="unstructured")),
        ("give 3", dict(design="mmrm", effect=1, n=40, sd=1, visits=3, correlation=0.5, structure="unstructured")),
    ],
)  # fmt: skip
def test_impossible_designs_are_refused(words: str, call: dict) -> None:
    with pytest.raises(LimenError, match=words):
        limen.power(**call)


def test_numbers_as_they_are_typed() -> None:
    assert typed_numbers("1, 0.9;0.8") == (1.0, 0.9, 0.8)
    with pytest.raises(LimenError, match="no list of numbers"):
        typed_numbers("1, x")
    assert set(SOME) == set(DESIGNS)
