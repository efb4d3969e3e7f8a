"""A compound is a TOML file and its numbers, and nothing else: one that limen never saw is carried through the house."""

from collections.abc import Iterator
from datetime import date
from math import exp, log
from pathlib import Path

import pytest

from limen import compounds, parameters
from limen.compounds import Compound
from limen.design.operate import operate
from limen.design.population import simulate
from limen.errors import CompoundError, DataError, ProtocolErrors
from limen.evidence.bearing import dose_class_of
from limen.facts.read import read
from limen.protocol import Protocol, load, loads
from limen.protocol.understood import told
from limen.regulation.lint import lint
from limen.regulation.status import status_on
from limen.safety.monitoring.adverse import relevant
from limen.safety.monitoring.monitoring import plan
from limen.safety.reading.intake import patient
from limen.safety.screening.admission import admission
from limen.safety.screening.dosing import stated_dose
from limen.safety.screening.screen import screen
from limen.trial.plan import lay_out

HERE = Path(__file__).parent
RECORD = """
name = "testamine"
synonyms = ["TST-1"]
analyte = "nortestamine"
base = "testamine base"
unit = "mg"
law = "testamine"
pattern = 'testamin'
plausible = { low = 0.1, high = 100.0, note = "made up" }
refused = "exposure only, because it does not exist"
evidence = { concentration = "assumption", threshold = "none", occupancy = "none", tolerance = "none", events = "none" }
parameters = { people = "injected.people", ke0 = "injected.effect_site.ke0" }
inapplicable = { poor_metaboliser_share = "made up", poor_metaboliser_auc = "made up", inhibitor_auc = "made up" }

[[forms]]
label = "testamine base"

[[forms]]
label = "dried testa leaf"
unit = "g"
plausible = { low = 0.1, high = 50.0, note = "made up" }
potency = { median = "2 mg/g", gsd = 1.5, low = 0.1, high = 20.0, source = ["molarmass"] }

[[kinetics]]
name = "testamine_oral"
label = "oral testamine"
parameters = "injected.oral"
routes = ["oral"]
low = 1.0
high = 10.0
source = ["molarmass"]
"""
PROTOCOL = (HERE / "protocols" / "mescaline.yaml").read_text()


@pytest.fixture
def testamine(tmp_path: Path) -> Iterator[Compound]:
    file = tmp_path / "testamine.toml"
    file.write_text(RECORD)
    with compounds.registered(file) as record:
        yield record


@pytest.fixture
def asked(testamine: Compound) -> Protocol:
    text = PROTOCOL.replace("compound: mescaline", "compound: testamine")
    return loads(text.replace("form: mescaline base, dose: 10 mg", "form: dried testa leaf, dose: 5 g"))


def test_a_protocol_on_it_is_checked_in_its_own_form_unit_and_material(asked: Protocol):
    """5 g of leaf at 2 mg/g are 10 mg; batches differ by the geometric SD of the record."""
    arm = asked.active_arms[0]
    assert arm.base_dose() == pytest.approx(10.0)
    assert arm.batch_log_sd == pytest.approx(log(1.5))
    said = "\n".join(told(asked))
    assert "exposure only, because it does not exist" in said
    assert "10 mg testamine base (as 5 g dried testa leaf, oral, assumed potency 2 mg/g)" in said


def test_it_is_gone_when_its_file_is(tmp_path: Path):
    file = tmp_path / "testamine.toml"
    file.write_text(RECORD)
    with compounds.registered(file):
        assert "testamine" in compounds.compound_names()
    assert "testamine" not in compounds.compound_names()
    with pytest.raises(ProtocolErrors, match=r"choices are: .*LSD"):
        loads(PROTOCOL.replace("compound: mescaline", "compound: testamine"))


def test_law_says_no_record_and_not_that_of_another_compound(asked: Protocol):
    found = status_on("US", "TST-1", date(2026, 1, 1))
    assert found.status == "no record"
    assert any("does not mean that it is lawful" in remark for remark in found.remarks)
    assert lint(asked).places[0].compound == "testamine"


def test_nobody_is_screened_by_the_rules_of_another_compound(testamine: Compound):
    with pytest.raises(DataError, match="no screening rules for testamine"):
        screen(patient("lithium"), "testamine")


def test_harms_and_checks_are_those_of_all_psychedelics_only(asked: Protocol):
    assert {event.psychedelic for event in relevant("testamine", with_placebo=True)} <= {"both"}
    rules = {check.rule_id for visit in plan(asked) for check in visit.checks}
    assert rules
    everywhere = {row["rule_id"] for row in read("safety/monitoring") if row["psychedelic"] == "both"}
    assert rules <= everywhere


def test_its_dose_has_no_class_of_another_compound(asked: Protocol):
    assert dose_class_of(asked) == ""
    assert dose_class_of(load(HERE / "protocols" / "mescaline.yaml")) == ""
    assert dose_class_of(load(HERE / "protocols" / "one_cp_lsd.yaml")) == "microdose"


def test_a_dose_in_words_is_read_in_its_forms(testamine: Compound):
    assert stated_dose("testamine", "3 g").form == "dried testa leaf"
    assert stated_dose("testamine", "3 mg").form == "testamine base"
    assert stated_dose("LSD", "10 ug tartrate").form == "LSD tartrate 1:1"
    assert stated_dose("LSD", "10 ug LSD tartrate 2:1").form == "LSD tartrate 2:1"


def test_nobody_on_it_takes_a_medicine_that_no_rule_of_its_own_judges(asked: Protocol):
    assert admission(asked) == ()


def test_what_it_lacks_is_refused_with_its_name(testamine: Compound):
    for what in ("threshold", "omax", "ec50", "tolerance_ratio", "adverse_event", "unbound"):
        with pytest.raises(CompoundError, match=f"testamine lacks {what}"):
            testamine.need(what)


NUMBERS = """
[oral]
cl = { value = 50.0, gsd = 1.001, unit = "L/h", text = "made up", status = "assumption" }
v = { value = 200.0, gsd = 1.001, unit = "L", text = "made up", status = "assumption" }
ka = { value = 1.0, gsd = 1.001, unit = "1/h", text = "made up", status = "assumption" }
tlag = { value = 0.0, fixed = "made up", unit = "h", text = "made up", status = "assumption" }

[people]
cv_f = { value = 0.001, gsd = 1.1, unit = "fraction", text = "made up", status = "assumption" }
cv_cl = { value = 0.001, gsd = 1.1, unit = "fraction", text = "made up", status = "assumption" }
cv_v = { value = 0.001, gsd = 1.1, unit = "fraction", text = "made up", status = "assumption" }
cv_ka = { value = 0.001, gsd = 1.1, unit = "fraction", text = "made up", status = "assumption" }

[effect_site]
ke0 = { value = 1.0, gsd = 1.001, unit = "1/h", text = "made up", status = "assumption" }
"""


def test_its_plan_has_no_trial_and_its_exposure_is_that_of_its_own_kinetics(testamine: Compound):
    """One compartment: Tmax = ln(ka/k) / (ka - k), Cmax = D/V exp(-k Tmax); nothing is shown that was not measured."""
    numbers = parameters.load().joined("injected", NUMBERS)
    text = PROTOCOL.replace("compound: mescaline", "compound: testamine").replace(
        "mescaline base", "testamine base"
    )
    plan = lay_out(loads(text), numbers)
    assert plan.unscored == testamine.refused
    found = simulate(plan, numbers, 20, seed=1)
    assert set(found.summary["series"].unique()) == {"plasma", "effect"}
    k, ka = 50.0 / 200.0, 1.0
    peak = 10_000.0 / 200.0 * exp(-k * log(ka / k) / (ka - k))
    assert found.headline[0]["cmax_ng_ml"]["median"] == pytest.approx(peak, rel=0.02)
    assert "peak_occupancy" not in found.headline[0]


def test_one_answered_like_lsd_is_simulated_and_says_so():
    numbers = parameters.load()
    plan = lay_out(load(HERE / "protocols" / "one_cp_lsd.yaml"), numbers)
    assert plan.unscored is None
    assert compounds.compound("1cP-LSD").caution.removesuffix(".") in plan.warnings
    assert plan.arms[0].batch_log_sd == pytest.approx(log(1.15))


def test_the_trial_of_a_compound_without_a_trial_model_is_refused_in_its_own_words():
    numbers = parameters.load()
    plan = lay_out(load(HERE / "protocols" / "mescaline.yaml"), numbers)
    with pytest.raises(CompoundError, match="no trial of mescaline is simulated: exposure only, because"):
        operate(plan, numbers, draws=2, people=20)
