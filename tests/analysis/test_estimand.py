"""The estimand decides which scores an estimator is given, and nothing else does (ICH E9 R1)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.estimand import ESTIMANDS, as_asked
from limen.analysis.estimator import estimate
from limen.analysis.registry import estimator, methods
from limen.errors import LimenError, ProtocolErrors
from limen.protocol import loads
from limen.protocol.model import Analysis
from limen.trial.data import TrialData
from support.trials import made

WEEKS = np.array([0, 2, 4])
# In turn: nobody changed; stopped from week 2 on; rescued from week 4 on; left after week 2.
CHANGED = np.array([0, 2, 4, 0])
SEEN = np.array([[20.0, 12, 10], [22, 14, 12], [24, 16, 9], [26, 15, np.nan]])


def trials(count: int = 1, better: bool = False) -> TrialData:
    """Trials of two arms, in each five times the four kinds above, with some noise."""
    data = made(trials=count, arms=("low", "placebo"))
    kind, rng = np.arange(len(data.arm)) % 4, np.random.default_rng(3)
    score = SEEN[kind] + rng.integers(0, 3, (len(kind), 1))
    return replace(
        data, weeks=WEEKS, baseline=score[:, 0], score=score, present=np.isfinite(score), guess=np.full(score.shape, np.nan),
        stopped=kind == 1, rescued=kind == 2, changed=CHANGED[kind], higher_is_better=better, primary_week=4,
    )  # fmt: skip


def test_the_names_are_those_that_protocols_know() -> None:
    known = Analysis.model_json_schema()["properties"]["estimand"]["enum"]
    assert list(ESTIMANDS) == known
    with pytest.raises(LimenError, match="no estimand"):
        as_asked(replace(trials(), estimand="per protocol"))


def test_treatment_policy_uses_every_score_seen() -> None:
    data = trials()
    assert np.array_equal(as_asked(data).score, data.score, equal_nan=True)


def test_hypothetical_sets_missing_what_was_seen_off_the_drug_or_on_a_rescue() -> None:
    found = as_asked(replace(trials(), estimand="hypothetical"))
    gone = np.array([[False, False, False], [False, True, True], [False, False, True], [False, False, True]])
    assert np.array_equal(~np.isfinite(found.score), np.tile(gone, (10, 1)))
    assert np.array_equal(found.present, np.isfinite(found.score))


@pytest.mark.parametrize("better", [False, True])
def test_composite_gives_the_worst_score_and_nobody_is_missing(better: bool) -> None:
    found = as_asked(replace(trials(better=better), estimand="composite"))
    worst = 0.0 if better else 60.0
    had = np.array([[False, False, False], [False, True, True], [False, False, True], [False, False, True]])
    assert np.array_equal(found.score == worst, np.tile(had, (10, 1)))
    assert found.present.all()


@pytest.mark.parametrize("name", ESTIMANDS)
def test_asked_twice_it_does_nothing_more(name: str) -> None:
    once = as_asked(replace(trials(), estimand=name))
    assert np.array_equal(as_asked(once).score, once.score, equal_nan=True)


def test_a_rating_of_dosing_days_has_no_other_estimand() -> None:
    base = (Path(__file__).parents[1] / "protocol" / "registered" / "stratified_blocks.yaml").read_text()
    told = base.replace("adjust: strata", "estimand: hypothetical").replace("{id: madrs, primary: true, at: 6 wk}", "{id: panas_positive, primary: true, at: dose day}")  # fmt: skip
    with pytest.raises(ProtocolErrors, match="no hypothetical estimand"):
        loads(told)


@pytest.mark.parametrize("method", methods())
def test_every_estimator_is_given_the_scores_of_the_estimand(method: str) -> None:
    """The estimate is that of the same trials with those scores, and the three differ where the events differ by arm."""
    data = trials(3)
    changed = np.where(
        (data.arm == 0) & (data.participant % 8 < 4), 0, data.changed
    )  # half the drug arm had no event
    data = replace(data, changed=changed)
    found = {}
    for name in ESTIMANDS:
        asked = replace(data, estimand=name)
        one = np.asarray(estimate(asked, estimator(method)).each.estimate)
        same = estimate(replace(as_asked(asked), estimand="treatment policy"), estimator(method))
        assert np.array_equal(one, np.asarray(same.each.estimate), equal_nan=True)
        found[name] = one[0, 0]
    assert len(set(found.values())) == 3
