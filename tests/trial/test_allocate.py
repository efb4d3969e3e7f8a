"""How people are put in arms: the same people whatever the scheme, arms that hold what the protocol says, and what a scheme
balances."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.analysis.ancova import comparisons, within_strata
from limen.design.operate import Run, operate
from limen.design.smaller import fewer
from limen.errors import ProtocolErrors
from limen.protocol import loads
from limen.protocol.allocation import Allocation
from limen.protocol.understood import told
from limen.trial.allocate import assign
from limen.trial.plan import lay_out
from support.looked import TWO, written

BLOCKS = "allocation: {by: blocks, blocks: [4], strata: [baseline], cut: 30}"
MINIMISED = "allocation: {by: minimisation, strata: [baseline, antidepressant, site], cut: 30}\nsites: 3"


def run_of(rest: str, parameters) -> Run:
    plan = lay_out(loads(written(TWO, rest)), parameters)
    return operate(plan, parameters, draws=40, people=plan.people, seed=4)


@pytest.fixture(scope="module")
def runs(parameters) -> dict[str, Run]:
    return {name: run_of(rest, parameters) for name, rest in (("", ""), ("b", BLOCKS), ("m", MINIMISED))}


def drawn(how: Allocation, sizes: list[int], levels: np.ndarray, seed: int) -> np.ndarray:
    trials, people = levels.shape[1:]
    return assign(how, np.array(sizes), levels, np.random.default_rng(seed).uniform(size=(2, trials, people)))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=4),
    st.sampled_from(["blocks", "minimisation"]),
    st.integers(0, 99),
)
def test_arms_hold_whom_the_protocol_says_whatever_the_scheme(sizes, by, seed):
    levels = np.random.default_rng(seed).integers(0, 3, (2, 5, sum(sizes)))
    arm = drawn(Allocation(by=by, strata=("site", "sex")), sizes, levels, seed)
    assert all((np.bincount(one, minlength=len(sizes)) == sizes).all() for one in arm)


def test_every_block_of_every_stratum_holds_the_ratio():
    levels = np.random.default_rng(1).integers(0, 2, (1, 50, 60))
    arm = drawn(Allocation(by="blocks", blocks=(6,), strata=("sex",)), [40, 20], levels, 2)
    for trial in range(50):
        for level in (0, 1):
            there = arm[trial][levels[0, trial] == level]
            for first in range(0, min(len(there), 24) - 5, 6):
                assert (there[first : first + 6] == 1).sum() == 2


def test_the_next_arm_in_a_block_is_foreseen_as_often_as_the_closed_form_says():
    arm = drawn(Allocation(by="blocks", blocks=(4,)), [400, 400], np.zeros((0, 100, 800), int), 3)
    before = np.concatenate(
        [np.zeros((100, 200, 1)), np.cumsum(2 * arm.reshape(100, 200, 4) - 1, 2)[:, :, :-1]], 2
    )
    right = np.where(before == 0, 0.5, (before < 0) == (arm.reshape(100, 200, 4) == 1)).mean()
    assert right == pytest.approx((2 + (16 / comb(4, 2) - 1) / 2) / 4, abs=0.005)


def test_minimisation_leaves_margins_nearer_than_blocks_and_those_nearer_than_chance():
    levels = np.random.default_rng(5).integers(0, 3, (3, 200, 60))
    apart = []
    for how in (
        Allocation(by="blocks", blocks=(60,)),
        Allocation(by="minimisation", strata=("site", "sex", "age")),
    ):
        arm = drawn(how, [30, 30], levels, 6)
        sides = [(levels == 0) & (arm == one) for one in (0, 1)]
        apart.append(np.abs(sides[0].sum(2) - sides[1].sum(2)).mean())
    assert apart[1] < apart[0] / 2


def test_people_are_the_same_whatever_the_scheme_and_nobody_stands_twice(runs):
    blocks, minimised = (
        np.sort(run.by_trial(np.asarray(run.records.baseline)), axis=1) for run in (runs["b"], runs["m"])
    )
    assert np.array_equal(blocks, minimised)
    for run in (runs["b"], runs["m"]):
        assert run.placed is not None
        assert (np.sort(run.placed.number, 1) == np.arange(run.plan.people)).all()


def test_a_stratum_of_baseline_is_that_of_the_walk_and_is_balanced(runs):
    run = runs["b"]
    above = run.by_trial(np.asarray(run.records.baseline)) >= 30
    assert run.placed is not None
    assert np.array_equal(above, run.placed.levels[0] == 1)
    takes = runs["m"].by_trial(np.asarray(runs["m"].records.takes))
    assert runs["m"].placed is not None
    assert (takes.any(2) >= (runs["m"].placed.levels[1] == 1)).all()

    def apart(of: Run) -> float:
        score = of.by_trial(np.asarray(of.records.baseline)) >= 30
        return float(np.abs(score[:, :30].sum(1) - score[:, 30:].sum(1)).mean())

    assert apart(run) < apart(runs[""]) / 2


def test_simple_is_what_is_done_where_nothing_is_said(runs, parameters):
    said = run_of("allocation: {by: simple}", parameters)
    assert runs[""].placed is None
    assert said.placed is None
    assert np.array_equal(said.records.scores, runs[""].records.scores, equal_nan=True)


def test_the_page_meets_the_people_of_the_trial(runs):
    run = runs["m"]
    met = run.met(0, np.arange(5), np.arange(5))
    assert np.allclose(
        met.doses.amount[0][:5], np.asarray(run.records.dose).reshape(run.trials, -1)[range(5), range(5)]
    )
    small = fewer(run, {0: 20, 1: 20})
    assert small.placed is not None
    assert small.placed.number.shape == (run.trials, 40)


def test_adjusting_for_strata_is_least_squares_with_a_constant_for_each():
    rng = np.random.default_rng(0)
    arm, stratum, baseline = (
        rng.integers(0, 3, (4, 50)),
        rng.integers(0, 4, (4, 50)),
        rng.normal(30, 5, (4, 50)),
    )
    outcome = baseline + 2.0 * stratum + arm + rng.normal(0, 3, (4, 50))
    outcome[:, :3] = np.nan
    found = within_strata(outcome, baseline, arm, 3, stratum)
    for trial in range(4):
        dummies = [
            arm[trial] == 1,
            arm[trial] == 2,
            *(stratum[trial] == k for k in range(4)),
            baseline[trial],
        ]
        fit = sm.OLS(outcome[trial], np.stack(dummies, 1).astype(float), missing="drop").fit()
        assert np.allclose(found[0][trial], fit.params[:2])
        assert np.allclose(found[1][trial], fit.bse[:2])
        assert found[2][trial, 0] == fit.df_resid
    one = within_strata(outcome, baseline, arm, 3, np.zeros_like(arm))
    plain = comparisons(outcome, baseline, arm, 3)
    assert np.allclose(one[0], plain.estimate)
    assert np.allclose(one[1], plain.se)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("allocation: {by: blocks, blocks: [3]}", "does not hold the ratio"),
        ("allocation: {by: minimisation}", "balances nothing"),
        ("allocation: {by: minimisation, strata: [sex], blocks: [4]}", "has no blocks"),
        ("allocation: {by: blocks, strata: [site]}", "one site"),
        ("allocation: {by: blocks, strata: [baseline]}", "no cut"),
        ("allocation: {by: blocks, strata: [baseline], cut: 90}", "divides nobody"),
        ("allocation: {strata: [sex]}", "has no strata"),
        ("allocation: {by: blocks, strata: [star sign]}", "not one of the choices"),
        ("allocation: {by: blocks}\ndesign: crossover", "cannot be simulated"),
        ("analysis: {adjust: strata}", "stratified by nothing"),
        (
            "allocation: {by: blocks, strata: [sex]}\nanalysis: {adjust: strata, method: mmrm}",
            "baseline alone",
        ),
    ],
)
def test_a_scheme_that_cannot_be_is_refused_with_what_to_write(rest, said):
    with pytest.raises(ProtocolErrors, match=said):
        loads(written(TWO, rest))


def test_what_is_given_away_and_what_nothing_hangs_on_is_said(parameters):
    protocol = loads(written(TWO, "allocation: {by: blocks, blocks: [4], strata: [sex]}"))
    assert "blocks of 4 by sex" in "\n".join(told(protocol))
    notes = " ".join(lay_out(protocol, parameters).warnings)
    assert "guesses 71%" in notes
    assert "sex are spread evenly" in notes
    assert protocol.allocation.told == 0.5


def test_adjusted_trials_have_their_level_where_nothing_works(runs):
    """A smoke check of the level; `validation` holds it to its Monte Carlo error."""
    run = replace(runs["b"], plan=replace(runs["b"].plan, adjust="strata"))
    stratum = run.data("course").stratum
    assert stratum is not None
    assert set(stratum) == {0, 1}
