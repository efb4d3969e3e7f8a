"""The shipped table of belief parts is the one that was computed, from the parameters that are shipped with it."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from limen.errors import FactsError
from limen.evidence.base import evidence_base
from limen.evidence.belief_part import FILE, belief_parts, belief_table, checked, fingerprint
from limen.parameters import parameters_for


def shipped() -> dict:
    return tomllib.loads(files("limen.evidence").joinpath(FILE).read_text(encoding="utf-8"))


def test_it_was_computed_from_the_parameters_of_today():
    """Where this fails: `make belief-part`, and say in the changelog what moved."""
    assert belief_parts()[0]["parameters"] == fingerprint(parameters_for())


def test_every_trial_of_the_base_has_a_regimen_at_its_own_week():
    parts = belief_parts()[1]
    assert {r.study.study_id: (r.indication, r.week) for r in evidence_base()[0]} == {
        name: (part.indication, part.week) for name, part in parts.items()
    }
    assert all(part.days[0] == 0 and part.dose > 0 for part in parts.values())


def test_belief_does_not_work_against_the_drug_and_is_worth_less_than_an_antidepressant():
    # Antidepressants against placebo: about 0.3 SD. Noticing at microdoses cannot be worth as much.
    for part in belief_parts()[1].values():
        if part.mean is not None:
            assert -2 * part.error < part.mean < 0.3
            assert part.error < part.sd


def test_what_is_written_is_read_back():
    made, parts = belief_parts()
    assert checked(tomllib.loads(belief_table(made, parts.values()))) == (made, parts)


@pytest.mark.parametrize("alter", ["mean", "dose", "seed", "digest"])
def test_an_altered_number_is_an_error(alter):
    found = shipped()
    place = found if alter in found else next(row for row in found["trial"] if alter in row)
    place[alter] = "0" if alter == "digest" else place[alter] + 1
    with pytest.raises(FactsError, match="altered") as error:
        checked(found)
    assert "make belief-part" in error.value.remedy


def test_a_trial_that_was_taken_out_is_an_error():
    found = shipped()
    found["trial"].pop()
    with pytest.raises(FactsError, match="altered"):
        checked(found)


def test_a_missing_file_is_an_error(monkeypatch):
    monkeypatch.setattr("limen.evidence.belief_part.FILE", "gone.toml")
    with pytest.raises(FactsError, match="cannot be read"):
        belief_parts.__wrapped__()
