"""A test with one side is one of a benefit, at its whole level."""

from __future__ import annotations

import numpy as np
import pytest

import limen
from limen.design.looked import looks_bounds
from limen.design.operate import operate
from limen.design.report import dose_day, weekly
from limen.parameters import load
from limen.protocol import loads
from limen.trial.plan import lay_out
from support.looked import TWO, written


def planned(alpha: float, sided: int, looks: str = ""):
    return loads(written(TWO, f"analysis: {{alpha: {alpha}, sided: {sided}{looks}}}"))


def test_one_side_at_a_level_finds_the_benefits_of_two_sides_at_twice_the_level():
    one, two = (
        dict(limen.design(planned(alpha, sided), ["n=30"], trials=60).designs[0].found)
        for alpha, sided in ((0.1, 1), (0.2, 2))
    )
    for measure in ("power", "power_0.4", "false", "false_unseen", "bias", "enrolled"):
        assert one[measure] == two[measure]


def test_without_belief_and_drug_the_level_is_kept_and_harm_is_never_significant():
    parameters = load()
    run = operate(lay_out(planned(0.2, 1), parameters), parameters, draws=200, people=180, seed=4)
    for reports in (weekly(run)["course"], dose_day(run)["neither"]):
        said = reports.significant(0.2)
        assert not (said & (reports.estimate <= 0)).any()
        error = np.sqrt(0.2 * 0.8 / len(said))
        assert abs(said.mean() - 0.2) < 3.5 * error
        assert reports.critical(0.2) == pytest.approx(np.median(0.8423 * reports.se), rel=0.02)


def test_looks_of_one_side_have_the_bounds_for_benefit_of_two_at_twice_the_level():
    looks = planned(0.05, 1, ", looks: {at: [0.5, 1]}").analysis.looks
    assert looks_bounds(looks, 0.05, 1) == looks_bounds(looks, 0.1, 2)
