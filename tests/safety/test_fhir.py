"""Records of other people's making: everything in them is read, or named as not read, and then a clinician looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.errors import DataError
from limen.safety.reading.fhir import bundle, read_bundle
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import Screening, screen
from support.records import BENIGN, TODAY, bundled, condition, harmless_record, medicine, observation, patient

CASES = Path(__file__).parent / "cases" / "fhir"


def case(name: str) -> Screening:
    (one,) = bundle(CASES / f"{name}.json", TODAY)
    return screen(one, "psilocybin")


def decided(*resources: dict, **top: object) -> Screening:
    (one,) = read_bundle(bundled(patient(), *resources) | top, TODAY)
    return screen(one, "psilocybin")


def unread(found: Screening) -> str:
    return "; ".join(f"{u.text} {u.why}" for u in found.unread)


# --- the small inputs that failed -------------------------------------------------------------------------------------


def test_a_brothers_schizophrenia_fires_the_family_rule() -> None:
    found = case("fmh_schizophrenia")
    assert any("family" in hit.key for hit in found.conditions)
    own = [
        hit for hit in found.conditions if hit.key == "psychosis_personal" and "family" not in hit.condition
    ]
    assert not any(hit.status == "met" for hit in own)
    assert found.decision != ELIGIBLE


def test_pregnancy_as_an_observation_excludes() -> None:
    assert case("pregnant_obs").decision == NOT_ELIGIBLE


def test_a_corrected_qt_of_530_excludes_and_an_uncorrected_one_does_not() -> None:
    assert case("qtc_8636").decision == NOT_ELIGIBLE
    slow = case("qt_raw_480_qtc_420")
    assert not any("qt" in hit.key for hit in slow.conditions)


def test_every_code_of_a_condition_is_read() -> None:
    found = case("cond_two_icd")
    assert any("bipolar" in hit.key for hit in found.conditions)
    assert found.decision != ELIGIBLE


def test_an_ingredient_of_a_contained_medication_is_found() -> None:
    found = case("contained_para_tramadol")
    assert "tramadol" in {drug for _, drug, _, _ in found.read}
    assert found.decision != ELIGIBLE


def test_nothing_but_a_patient_is_no_answer() -> None:
    assert case("only_patient").decision == CLINICIAN


def test_a_pressure_as_a_string_is_read_or_named() -> None:
    found = case("sbp_string")
    assert found.decision != ELIGIBLE
    assert any(hit.key == "hypertension" for hit in found.conditions) or "172" in unread(found)


def test_a_bundle_inside_a_bundle_is_opened() -> None:
    found = case("nested_bundle")
    assert "lithium" in {drug for _, drug, _, _ in found.read}
    assert found.decision == NOT_ELIGIBLE


def test_the_later_instant_counts_whatever_its_zone() -> None:
    found = case("tz_danger")
    assert found.decision != ELIGIBLE


# --- their siblings ---------------------------------------------------------------------------------------------------

SYSTOLIC = ("http://loinc.org", "8480-6")


@pytest.mark.parametrize("code", ["8636-3", "76634-5", "76635-2"])
def test_every_corrected_qt_is_one(code: str) -> None:
    assert decided(BENIGN, observation(("http://loinc.org", code), 520, "ms")).decision == NOT_ELIGIBLE


@pytest.mark.parametrize("code", ["48642-3", "62238-1", "98979-8", "33914-3"])
def test_a_low_filtration_rate_is_read(code: str) -> None:
    found = decided(BENIGN, observation(("http://loinc.org", code), 12, "mL/min/{1.73_m2}"))
    assert found.decision != ELIGIBLE


@pytest.mark.parametrize(("system", "code"), [SYSTOLIC, ("http://snomed.info/sct", "271649006")])
def test_pressure_in_kilopascals_is_converted_and_in_other_units_unread(system: str, code: str) -> None:
    assert decided(BENIGN, observation((system, code), 25.3, "kPa")).decision != ELIGIBLE
    calm = observation((system, code), 16, "kPa"), observation(("http://loinc.org", "8462-4"), 10, "kPa")
    assert decided(BENIGN, *calm).decision == ELIGIBLE
    assert "furlong" in unread(decided(BENIGN, observation((system, code), 120, "furlong")))


def test_components_of_a_panel_are_read() -> None:
    panel = observation(("http://loinc.org", "85354-9"), None, "") | {
        "component": [
            {"code": {"coding": [{"system": s, "code": c}]}, "valueQuantity": {"value": v, "unit": "mmHg"}}
            for (s, c), v in ((SYSTOLIC, 190), (("http://loinc.org", "8462-4"), 120))
        ]
    }
    assert decided(BENIGN, panel).decision != ELIGIBLE


def test_an_unknown_observation_code_is_named() -> None:
    found = decided(BENIGN, observation(("http://loinc.org", "99999-9"), 3, "1", text="Strange new score"))
    assert found.decision == CLINICIAN
    assert "Strange new score" in unread(found)


def test_an_old_reading_is_dated_and_not_taken_for_today() -> None:
    found = decided(BENIGN, observation(SYSTOLIC, 118, "mm[Hg]", when="2019-03-01"))
    assert "2019-03-01" in unread(found)


@pytest.mark.parametrize(
    ("value", "decision"), [("77386006", NOT_ELIGIBLE), ("60001007", ELIGIBLE), ("102874004", CLINICIAN)]
)
def test_pregnancy_status_by_its_value(value: str, decision: str) -> None:
    status = observation(("http://loinc.org", "82810-3"), None, "") | {
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": value}]}
    }
    assert decided(BENIGN, status).decision == decision


def test_the_columbia_scale_by_its_name() -> None:
    found = decided(
        BENIGN,
        observation(("urn:local", "x"), 5, "1", text="Columbia Suicide Severity Rating Scale: worst item"),
    )
    assert found.decision != ELIGIBLE


@pytest.mark.parametrize(
    ("relation", "own"), [("mother", True), ("SIS", True), ("husband", False), ("stepfather", False)]
)
def test_relatives_by_word_or_code(relation: str, own: bool) -> None:
    history = {
        "resourceType": "FamilyMemberHistory", "status": "completed", "patient": {"reference": "Patient/p"},
        "relationship": {"coding": [{"code": relation}], "text": relation}, "condition": [{"code": {"text": "Schizophrenia"}}],
    }  # fmt: skip
    found = decided(BENIGN, history)
    assert any("family" in hit.key for hit in found.conditions) == own


@pytest.mark.parametrize(
    "kind",
    ["DiagnosticReport", "DocumentReference", "QuestionnaireResponse", "Flag", "AdverseEvent", "Zebra"],
)
def test_a_resource_nobody_reads_is_named(kind: str) -> None:
    found = decided(BENIGN, {"resourceType": kind, "id": "z", "subject": {"reference": "Patient/p"}})
    assert found.decision == CLINICIAN
    assert kind in unread(found)


def test_a_procedure_is_read() -> None:
    ect = {
        "resourceType": "Procedure",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "code": {"text": "Electroconvulsive therapy"},
    }
    assert decided(BENIGN, ect).decision != ELIGIBLE


def test_pages_not_given_and_faults_of_the_server_are_named() -> None:
    nxt = decided(BENIGN, link=[{"relation": "next", "url": "page2"}])
    assert "next page" in unread(nxt)
    fault = decided(
        BENIGN,
        {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "diagnostics": "timeout on medications"}],
        },
    )
    assert "timeout on medications" in unread(fault)
    short = decided(BENIGN, total=99)
    assert short.decision == CLINICIAN


def test_displays_that_contradict_the_text_are_read_too() -> None:
    found = decided(
        BENIGN,
        condition(
            {
                "text": "Asthma",
                "coding": [
                    {"system": "http://snomed.info/sct", "code": "1", "display": "Schizophrenia (disorder)"}
                ],
            }
        ),
    )
    assert found.decision != ELIGIBLE


def test_an_unconfirmed_condition_counts() -> None:
    found = decided(
        BENIGN, condition({"text": "epilepsy"}, verificationStatus={"coding": [{"code": "provisional"}]})
    )
    assert found.decision in (CLINICIAN, NOT_ELIGIBLE)


def test_lines_of_resources_and_single_resources_are_read(tmp_path: Path) -> None:
    lines = tmp_path / "export.ndjson"
    lines.write_text(
        "\n".join(json.dumps(r) for r in (patient(), medicine({"text": "lithium"}))), encoding="utf-8"
    )
    (one,) = bundle(lines, TODAY)
    assert screen(one, "psilocybin").decision == NOT_ELIGIBLE
    single = tmp_path / "one.json"
    single.write_text(json.dumps(medicine({"text": "lithium"})), encoding="utf-8")
    (one,) = bundle(single, TODAY)
    assert screen(one, "psilocybin").decision == NOT_ELIGIBLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<Bundle xmlns='http://hl7.org/fhir'/>", "XML"),
        (json.dumps(bundled({"resourceType": "MedicationStatement", "status": "recorded", "medication": {"concept": {"text": "x"}}})), "R5"),
        ('{"some": "json"}', "resourceType"),
    ],
)  # fmt: skip
def test_what_is_no_r4_is_named_for_what_it_is(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        bundle(file, TODAY)


# --- laws -------------------------------------------------------------------------------------------------------------


def test_the_benign_record_is_eligible() -> None:
    assert decided(BENIGN).decision == ELIGIBLE


words = st.text(st.characters(categories=("Lu", "Ll")), min_size=4, max_size=12).filter(str.isalpha)


ABOUT = {"subject": {"reference": "Patient/p"}}


@pytest.mark.parametrize(
    "added",
    [
        medicine({"text": "Loratadine 10 mg"}) | {"note": [{"text": "also hears voices"}]},
        medicine({"text": "Loratadine 10 mg"}) | {"reasonCode": [{"text": "schizophrenia"}]},
        medicine({"text": "Loratadine 10 mg"}) | {"dosage": [{"text": "1 tablet daily with his lithium"}]},
        medicine({"text": "Loratadine 10 mg"}) | {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
        medicine({"text": "Loratadine 10 mg"}) | {"contained": [condition({"text": "psychosis"})]},
        condition({"text": "hay fever", "coding": [{"system": "urn:oid:2.16.840.1.113883.6.90", "code": "F20.0"}]}),
        condition({"text": "hay fever", "coding": [{"code": "F20.0"}]}),
        observation(("http://loinc.org", "8867-4"), 31, "/min"),
        observation(("http://loinc.org", "2823-3"), 7.1, "mmol/L") | {"interpretation": [{"coding": [{"code": "HH"}]}]},
        {"resourceType": "Claim", "patient": ABOUT["subject"], "diagnosis": [{"diagnosisCodeableConcept": {"text": "mania"}}]},
        {"resourceType": "AllergyIntolerance", "patient": ABOUT["subject"], "code": {"coding": [{"code": "1234"}]}},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_resource_says_aside_leaves_nobody_eligible(added: dict) -> None:
    assert decided(BENIGN, added).decision != ELIGIBLE


@pytest.mark.parametrize("wrong", [None, [], {}, 5, "x", [None]], ids=str)
@pytest.mark.parametrize("part", ["note", "contained", "reasonCode", "dosage", "modifierExtension"])
def test_a_part_of_the_wrong_shape_is_no_traceback(part: str, wrong: object) -> None:
    resource = medicine({"text": "Loratadine 10 mg"})
    for shaped in (wrong, [{"text": wrong, "resourceType": wrong, "coding": wrong}]):
        decided(BENIGN, resource | {part: shaped})


def test_an_ordinary_dose_in_words_and_a_paper_that_names_a_condition_hold_nobody() -> None:
    usual = medicine({"text": "Loratadine 10 mg"}) | {"dosage": [{"text": "1 tablet daily as needed"}]}
    paper = {"resourceType": "Claim", "patient": ABOUT["subject"], "diagnosis": [{"diagnosisReference": {"reference": "Condition/1"}}]}  # fmt: skip
    pulse = observation(("http://loinc.org", "8867-4"), 72, "/min")
    assert decided(BENIGN, usual, paper, pulse).decision == CLINICIAN  # what it names is not in the record
    assert decided(BENIGN, usual, paper, pulse, condition({"text": "Hay fever"}, id="1")).decision == ELIGIBLE


@settings(deadline=None)
@given(words, st.sampled_from(["condition", "observation", "resource", "medicine", "component", "procedure"]))
def test_adding_what_nobody_can_read_never_leaves_a_person_eligible(word: str, kind: str) -> None:
    name = f"xq{word}zk"
    added = {
        "condition": condition({"text": name}),
        "observation": observation(("urn:local", name), 1, "1", text=name),
        "resource": {"resourceType": name.title(), "subject": {"reference": "Patient/p"}},
        "medicine": medicine({"text": name}),
        "component": observation(SYSTOLIC, 120, "mmHg")
        | {"component": [{"code": {"text": name}, "valueString": "+"}]},
        "procedure": {
            "resourceType": "Procedure",
            "status": "completed",
            "subject": {"reference": "Patient/p"},
            "code": {"text": name},
        },
    }[kind]
    assert decided(BENIGN, added).decision != ELIGIBLE


def test_harmless_synthetic_records_alarm_seldom() -> None:
    """Records in the manner of public synthetic patients hold nothing a trial asks about, and all of it is read."""
    found = [screen(read_bundle(harmless_record(seed), TODAY)[0], "psilocybin") for seed in range(200)]
    assert {(u.text, u.why) for f in found for u in f.unread} == set()
    assert {f.decision for f in found} == {ELIGIBLE}


def test_of_a_name_given_twice_the_first_is_not_dropped(tmp_path: Path) -> None:
    """Of two medicines under one name JSON keeps the last, and paracetamol would stand where lithium was."""
    twice = json.dumps(bundled(patient(), medicine({"text": "lithium"}))).replace(
        '"medicationCodeableConcept":',
        '"medicationCodeableConcept": {"text": "paracetamol"}, "medicationCodeableConcept":',
    )
    file = tmp_path / "r.json"
    for text in (twice, "\n".join(json.dumps(patient()) if n else twice for n in range(2))):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="given twice"):
            bundle(file, TODAY)
