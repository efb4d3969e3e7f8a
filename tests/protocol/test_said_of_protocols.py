"""What `check` says of a protocol in words: names it takes and refuses, doses it counts, and what no end of a scale means."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings

import limen
from limen import compounds
from limen.errors import ProtocolErrors
from limen.protocol import load, loads
from limen.protocol.outcomes import OUTCOMES
from limen.protocol.register import outcome_named
from limen.protocol.understood import told
from support.protocols import protocols

REGISTERED = Path(__file__).parent / "registered"
UNRECORDED = tomllib.loads(files("limen.protocol").joinpath("unrecorded.toml").read_text(encoding="utf-8"))
NAMES = [(name, word) for name, row in UNRECORDED.items() for word in (name, *row["words"])]


@pytest.mark.parametrize(("name", "word"), NAMES)
def test_a_drug_without_a_record_is_refused_by_name_and_for_nothing_else(base, name, word) -> None:
    """Its form and route are no second and third mistake: there is no right one."""
    arm = base["arms"][0] | {"form": f"{name} fumarate", "route": "intravenous"}
    with pytest.raises(ProtocolErrors) as refused:
        loads(json.dumps(base | {"compound": word, "arms": [arm, base["arms"][1]]}))
    (only,) = refused.value.errors
    assert only.where.field == "compound"
    assert f"no record of {name}: its tables hold" in only.what
    assert not {name, word} & {
        called for one in compounds.compound_names() for called in compounds.compound(one).called
    }


def test_a_form_goes_by_any_of_its_names_and_by_no_name_of_several(base) -> None:
    for compound in map(compounds.compound, compounds.compound_names()):
        for form in compound.forms:
            for word in (form.label, form.label.upper(), *form.called):
                dose = "1 g" if form.potency else "2 mg" if compound.unit == "mg" else "10 ug"
                arm = base["arms"][0] | {"form": word, "dose": dose}
                read = loads(json.dumps(base | {"compound": compound.name, "arms": [arm, base["arms"][1]]}))
                assert read.arms[0].form == form.label
    for word in ("psilocybin", "LSD tartrate", "synthetic psilocybin"):
        with pytest.raises(ProtocolErrors, match=r"may be any of [23] forms") as refused:
            loads(json.dumps(base | {"arms": [base["arms"][0] | {"form": word}, base["arms"][1]]}))
        assert "left_open" in (refused.value.errors[0].remedy or "")


@settings(deadline=None, max_examples=25)
@given(protocols())
def test_an_arm_names_what_it_gives_once(plain) -> None:
    protocol = loads(json.dumps(plain))
    for line in told(protocol):
        if line.startswith("  arm"):
            assert line.count(protocol.record.base) <= 1


@pytest.mark.parametrize("name", ["withdrawal_gate", "stage_sequential"])
def test_who_waits_or_is_taken_off_is_the_control_where_there_is_no_placebo(name) -> None:
    text = (REGISTERED / f"{name}.yaml").read_text()
    named, unnamed = (loads(one) for one in (text, text.split("\nanalysis:")[0] + "\n"))
    assert named.analysis.control is not None
    assert unnamed.compared == named.compared == (0, 1)


def test_capsules_of_a_lead_in_and_of_waiting_are_no_doses() -> None:
    led = "\n".join(told(load(REGISTERED / "leadin_gad.yaml")))
    assert "  doses       14, every 3 d, over 6 wk" in led
    assert "2 wk of placebo for everybody (5 capsules)" in led
    assert "4 of its 8 capsules hold it" in "\n".join(told(load(REGISTERED / "stage_sequential.yaml")))


@pytest.mark.parametrize("name", sorted(name for name, one in OUTCOMES.items() if one.neutral))
def test_an_outcome_of_which_neither_end_is_a_benefit_is_said_to_be_one(base, name) -> None:
    at = "dose day" if OUTCOMES[name].timing == "dose day" else "6 wk"
    found = limen.check(loads(json.dumps(base | {"outcomes": [{"id": name, "primary": True, "at": at}]})))
    said = "\n".join(found.lines())
    assert "neither end is a benefit" in said
    assert "higher is" not in said
    assert any(
        text.startswith(f"neither end of {OUTCOMES[name].full_name} is a benefit") for text in found.warnings
    )


@pytest.mark.parametrize(("at", "warned"), [("2 wk", True), ("6 wk", False)])
def test_a_count_that_looks_back_beyond_the_first_dose_is_said_to(base, at, warned) -> None:
    found = limen.check(
        loads(json.dumps(base | {"outcomes": [{"id": "headache_days", "primary": True, "at": at}]}))
    )
    assert any("looks back over 4 weeks" in text for text in found.warnings) is warned


def test_migraine_days_are_those_of_a_week() -> None:
    assert outcome_named("migraine days") == "weekly_migraine_days"
    assert outcome_named("monthly migraine days") == "headache_days"


def test_a_score_between_whole_weeks_is_said_to_be_moved(base) -> None:
    plain = base | {
        "visits": ["0 wk", "4 d", "10 d"],
        "outcomes": [{"id": "madrs", "primary": True, "at": "4 d"}],
    }
    warnings = limen.check(loads(json.dumps(plain))).warnings
    assert any("on day 4 is simulated as its score at the end of week 1" in text for text in warnings)
    assert "visits on day 10 are simulated at the nearest whole week" in warnings


def test_steps_that_everybody_takes_are_doses_of_their_own() -> None:
    findings = {
        one.rule_id: one for one in limen.check(load(REGISTERED / "home_nct06450210.yaml")).guidance.findings
    }
    assert findings["EXP-10"].outcome == "met"
