"""Estimands differ by what is made of intercurrent events, and by nothing else."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from limen.design.estimands import truths
from limen.design.tables import trial_table


def test_who_had_no_event_has_one_score_and_who_left_has_one_too(adhd) -> None:
    r = adhd.records
    seen, whole, untouched = (np.asarray(x)[:, 0] for x in (r.primary, r.whole, r.before_leaving))
    there = np.isfinite(seen)
    assert np.array_equal(seen[there], whole[there])
    assert np.isfinite(whole).all()
    spared = there & (np.asarray(r.stopped) == 0) & (np.asarray(r.rescued) == 0)
    assert np.allclose(whole[spared], untouched[spared])
    # Nobody on placebo has an effect of the drug to lose: a rescue, after leaving too, is all that can change a score.
    placebo = adhd.arm == adhd.plan.control
    assert (whole[placebo] <= untouched[placebo] + 1e-9).all()
    assert np.isclose(whole[placebo], untouched[placebo]).mean() > 0.95
    assert not np.allclose(whole[adhd.arm == adhd.plan.active], untouched[adhd.arm == adhd.plan.active])


def test_each_estimand_has_its_value_its_error_and_its_events(adhd) -> None:
    found = truths(adhd)
    by_name = {one.estimand: one for one in found.truths}
    assert set(by_name) == {"treatment policy", "hypothetical", "composite", "as analysed"}
    r, active = adhd.records, adhd.arm == adhd.plan.active
    hand = [
        np.mean(np.asarray(r.before_leaving)[side, 0] - np.asarray(r.baseline)[side])
        for side in (active, ~active)
    ]
    assert by_name["hypothetical"].mean == pytest.approx(hand[0] - hand[1], abs=1e-9)
    # A share of those who were never off the drug, on a rescue or away is at most the share of those.
    for arm, had in found.events.items():
        side = adhd.arm == list(a.name for a in adhd.plan.arms).index(arm)
        assert 1 - sum(had.values()) <= np.isfinite(np.asarray(r.primary)[side, 0]).mean() <= 1
    # The error of a mean over draws is what the people of each draw leave of it.
    spread = by_name["treatment policy"]
    assert spread.mean_error == pytest.approx(np.sqrt(np.mean(spread.error**2) / len(spread.error)))


def test_what_an_analysis_is_about_hangs_on_its_estimand_and_its_method(adhd) -> None:
    r, active = adhd.records, adhd.arm == adhd.plan.active

    def gained(record) -> float:
        change = np.asarray(record)[:, 0] - np.asarray(r.baseline)
        return change[active].mean() - change[~active].mean()

    def analysed(**plan) -> float:
        found = truths(replace(adhd, plan=replace(adhd.plan, **plan)))
        return {one.estimand: one.mean for one in found.truths}["as analysed"]

    assert analysed() == pytest.approx(gained(r.stayed), abs=1e-9)
    assert analysed(estimand="hypothetical") == pytest.approx(gained(r.before_leaving), abs=1e-9)
    assert analysed(method="responders", estimand="composite") == pytest.approx(
        next(one.mean for one in truths(adhd).truths if one.estimand == "composite")
    )
    # Had everybody stayed, the drug would have been lost to whoever left with it, and to nobody else.
    there = np.isfinite(np.asarray(r.primary)[:, 0])
    whole, stayed = (np.asarray(x)[:, 0] for x in (r.whole, r.stayed))
    assert np.array_equal(whole[there], stayed[there])
    assert np.array_equal(whole[~active], stayed[~active])
    assert not np.array_equal(whole[active], stayed[active])


def test_a_row_says_whether_its_score_is_of_somebody_off_the_drug(adhd) -> None:
    table = trial_table(adhd, 20).sort("trial", "participant", "visit")
    for flag, row in (("stopped", "off_drug"), ("rescued", "on_rescue")):
        by_person = table.group_by("trial", "participant", maintain_order=True).agg(pl.col(flag, row))
        assert table[row].any()
        for ever, now in zip(by_person[flag], by_person[row], strict=True):
            assert now.to_list() == sorted(now.to_list())  # it does not end
            assert ever[0] or not now.any()
