"""A marker takes one declaration and one TOML, in a notebook as in limen itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limen.calibration.pk import single_dose_plan
from limen.errors import ParameterError
from limen.parameters import draw, load
from limen.response import MARKERS, Look, register, respond, summary
from limen.response.markers import in_order, registered
from limen.trial.marked import first_of_each_draw
from support.courses import course, followed
from support.own_marker import NUMBERS, OWN

PAGE = Path(__file__).parents[2] / "docs" / "own_marker.md"


@pytest.fixture(scope="module")
def draws():
    return draw(load().joined("response_own", NUMBERS), 16, seed=1)


def test_the_page_declares_and_runs_a_marker_in_under_thirty_lines():
    cells = re.findall(r"```\{code-cell\} python\n(.*?)```", PAGE.read_text(), re.S)
    cell = next(c for c in cells if "Marker(" in c)
    assert "respond(" in cell
    assert len([line for line in cell.splitlines() if line.strip()]) < 30


def test_an_own_marker_stands_beside_the_shipped_ones_and_changes_none_of_them(draws):
    without = followed(draws, "psilocybin", 3.0)
    with register(OWN):
        with_own = followed(draws, "psilocybin", 3.0)
        with pytest.raises(ParameterError, match="own"), register(OWN):
            pass
    assert "own" not in {m.id for m in registered()}
    assert {row["id"] for row in summary(with_own)} == {m.id for m in MARKERS} | {"own"}
    for marker in without.values:
        assert np.allclose(without.values[marker], with_own.values[marker], rtol=1e-6, atol=1e-9)
    top = with_own.values["own"][1].max(axis=1)
    assert ((top > 0) & (top < draws["response_own.top"])).all()


def test_a_number_that_differs_between_the_drugs_is_read_without_its_ending(draws):
    """LSD at half of 2 ug/L and psilocin at half of 12: the same marker file serves both."""
    for compound, dose in (("LSD", 10.0), ("psilocybin", 3.0)):
        assert np.isfinite(followed(draws, compound, dose, markers=(OWN,)).values["own"][1]).all()


def test_a_marker_alone_is_run_alone(draws):
    alone = followed(draws, "psilocybin", 3.0, markers=(OWN,))
    assert list(alone.values) == ["own"]


def test_markers_stand_below_those_they_read_and_a_missing_one_is_named():
    ids = [m.id for m in MARKERS]
    assert ids.index("il6") < ids.index("crp")
    crp = next(m for m in MARKERS if m.id == "crp")
    with pytest.raises(ParameterError, match="il6"):
        in_order((crp,))


@pytest.mark.parametrize(
    ("toml", "what"), [("top = ", "not TOML"), ("top = {value = 1.0, text = 't', unit = 'h'}", "needs exactly one spread")]
)  # fmt: skip
def test_numbers_without_provenance_are_refused(toml, what):
    with pytest.raises(ParameterError, match=what):
        load().joined("response_own", toml)


def test_a_name_already_taken_is_refused():
    row = '{ value = 1.0, gsd = 1.1, unit = "h", text = "t", status = "assumption" }'
    with pytest.raises(ParameterError, match="already"):
        load().joined("response_il6", f"tau = {row}")


def test_the_people_of_a_trial_are_followed_as_they_are(draws):
    """The same people have the same course whichever doses they miss; who misses every dose has no change."""
    plan = single_dose_plan("psilocybin", "psilocin_oral", 3000.0)
    met = first_of_each_draw(draws, plan, 1, 0)
    given, look = course("psilocybin", 3.0), Look((OWN,), totals=True)
    plain = respond(given, draws, who=met.people, look=look)
    some = replace(given, amount=np.where(np.arange(16) % 2, 3000.0, 0.0)[:, None])
    missed = respond(some, draws, who=met.people, look=look)
    assert np.allclose(missed.totals["own"][1::2], plain.totals["own"][1::2], rtol=1e-9)
    assert np.abs(missed.totals["own"][::2]).max() < 1e-100  # a concentration of nothing stands at 1e-300
    typical = respond(given, draws, look=look)
    assert not np.allclose(plain.totals["own"], typical.totals["own"], rtol=0.05)
