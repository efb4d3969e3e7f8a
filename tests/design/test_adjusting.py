"""What adjustments for guesses are worth: a small version of the study, and the paper that is written of the stored table."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from validation import report_blinding

import limen
from limen.design import adjusting
from limen.design.adjusting import MEASURED_AS, SOURCES, SUPPOSED, WAYS, Worlds, adjusted
from limen.design.operate import draw_parameters
from limen.figures.marks import of
from limen.parameters import load

PLAIN, REFERENCE = "unadjusted", "belief switched off (reference)"


@pytest.fixture(scope="module")
def small():
    return Worlds(limen.load("adhd_20ug"), ("20 ug",), ("inert",), people=60, draws=12, each=1, seed=1)


@pytest.fixture(scope="module")
def rows(small):
    return adjusted(small, load(), workers=1)


def test_every_world_outcome_and_way_has_a_row(rows):
    assert len(rows) == len(SOURCES) * len(SUPPOSED) * len(MEASURED_AS) * len(WAYS)
    for row in rows:
        assert row["trials"] == round(row["analysed"] * 12)
        assert row["bias"] is None or row["bias_se"] > 0


def test_what_is_subtracted_moves_every_trial_alike(rows):
    """It is said beforehand, so it takes bias off and leaves the spread as it was."""
    for row in of(rows, way="predicted belief subtracted"):
        same = {name: row[name] for name in ("guesses_from", "drug", "outcome")}
        assert row["error"] == pytest.approx(of(rows, way=PLAIN, **same)[0]["error"], rel=1e-9)
    shifts = {
        outcome: {round(of(rows, way=PLAIN, drug=r["drug"], outcome=outcome, guesses_from=r["guesses_from"])[0]["bias"] - r["bias"], 9)
                  for r in of(rows, way="predicted belief subtracted", outcome=outcome)}
        for outcome in MEASURED_AS
    }  # fmt: skip
    assert all(len(each) == 1 and each.pop() > 0 for each in shifts.values())


def test_a_rating_does_not_hang_on_where_weekly_guesses_come_from(rows):
    """Its belief is the guess about the capsule, which comes from what was noticed."""
    for drug in SUPPOSED:
        found = of(rows, outcome=MEASURED_AS[1], way=PLAIN, drug=drug)
        assert len({row["bias"] for row in found}) == 1


def test_with_belief_off_the_source_of_guesses_changes_no_rating(rows):
    found = of(rows, outcome=MEASURED_AS[1], way=REFERENCE, drug="does nothing")
    assert len({row["bias"] for row in found}) == 1


def test_the_sources_are_parameters_that_are_drawn():
    names = {name for silenced in SOURCES.values() for name in silenced}
    assert names <= set(draw_parameters(load(), 2, 1))


def test_many_regressions_are_those_of_other_software(small):
    parameters = load()
    plan = adjusting._plan(small, "20 ug", "inert", parameters)
    run = adjusting._run(plan, draw_parameters(parameters, 12, 1), parameters, small, 0.4)
    data = adjusting._data(run, MEASURED_AS[1], True)
    said = np.nan_to_num(adjusting._last_guess(run), nan=0.5)
    value, se, df = adjusting._least_squares(data, said[:, None])
    here = (data.trial == 3) & np.isfinite(data.primary)
    x = np.column_stack([data.arm == data.active, np.ones(len(said)), data.baseline, said])[here].astype(
        float
    )
    fitted = sm.OLS(data.primary[here], x).fit()
    assert value[3] == pytest.approx(data.benefit(fitted.params)[0], rel=1e-9)
    assert se[3] == pytest.approx(fitted.bse[0], rel=1e-9)
    assert df[3] == fitted.df_resid


def test_the_paper_is_written_of_the_stored_table():
    asked, stored = report_blinding.study(), report_blinding.stored()
    assert report_blinding.paper(asked, stored) == (report_blinding.HERE / "adjustments.md").read_text()
    assert len(stored) == len(asked.plans) * len(SOURCES) * len(SUPPOSED) * len(MEASURED_AS) * len(WAYS)


def test_the_paper_says_nothing_within_twice_its_error():
    """Every way with a bias that is named as left or turned round is beyond it; the others are named as not told from zero."""
    row = {"way": "one", "bias": 0.3, "bias_se": 0.2, "coverage": 0.95, "coverage_se": 0.01, "analysed": 1.0}
    plain = {**row, "way": PLAIN, "bias": 0.5, "bias_se": 0.1}
    said = " ".join(report_blinding._one([plain, row, {**row, "way": "two", "bias": -0.5}]))
    assert "Not told from zero: one +0.30 ± 0.20." in said
    assert "Bias turned round: two -0.50 ± 0.20." in said
