"""Records that contradict themselves, lack parts, or hide something: the patient is never passed on them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from fhirclient.models.bundle import Bundle

from limen.errors import DataError
from limen.safety.reading.fhir import read_bundle
from limen.safety.reading.intake import LONGEST_TEXT, parse_conditions, patient, patients
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import Screening, screen

TODAY = date(2026, 3, 1)
WHO = {"reference": "Patient/p1"}
RXNORM, ATC, SNOMED = (
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://www.whocc.no/atc",
    "http://snomed.info/sct",
)
LITHIUM = {"text": "lithium carbonate 400 mg"}


def medicine(concept: dict, status: str = "active", kind: str = "MedicationStatement", **more) -> dict:
    base = {"resourceType": kind, "status": status, "subject": WHO, "medicationCodeableConcept": concept}
    return base | ({"intent": "order"} if kind == "MedicationRequest" else {}) | more


def condition(code: dict, **more) -> dict:
    return {"resourceType": "Condition", "subject": WHO, "code": code, **more}


def people(*resources: dict) -> tuple[Screening, ...]:
    said = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    return tuple(screen(p, "psilocybin") for p in read_bundle(Bundle(said).as_json(), TODAY))


def decided(*resources: dict) -> str:
    (one,) = people(*resources)
    return one.decision


@pytest.mark.parametrize(
    ("status", "kind", "decision"),
    [
        ("intended", "MedicationStatement", CLINICIAN), ("draft", "MedicationRequest", CLINICIAN), ("active", "MedicationRequest", NOT_ELIGIBLE),
        ("on-hold", "MedicationRequest", NOT_ELIGIBLE), ("unknown", "MedicationStatement", NOT_ELIGIBLE), ("completed", "MedicationRequest", CLINICIAN),
        ("stopped", "MedicationRequest", CLINICIAN), ("not-taken", "MedicationStatement", ELIGIBLE), ("cancelled", "MedicationRequest", ELIGIBLE),
        ("entered-in-error", "MedicationRequest", ELIGIBLE), ("completed", "MedicationDispense", NOT_ELIGIBLE),
    ],
)  # fmt: skip
def test_what_a_status_says_about_taking(status: str, kind: str, decision: str) -> None:
    assert decided(medicine(LITHIUM, status, kind)) == decision


@pytest.mark.parametrize("intent", ["proposal", "plan", "order", "instance-order", "option"])
def test_an_intent_never_passes_a_medicine(intent: str) -> None:
    assert decided(medicine(LITHIUM, "active", "MedicationRequest", intent=intent)) == NOT_ELIGIBLE


def test_an_end_in_the_past_of_an_active_medicine_is_a_contradiction() -> None:
    over = {"effectivePeriod": {"end": "2025-01-01"}}
    assert decided(medicine(LITHIUM, "active", **over)) == CLINICIAN
    assert decided(medicine({"text": "phenelzine"}, "stopped", **over)) == ELIGIBLE
    # lithium long ago still asks what it was for
    assert decided(medicine(LITHIUM, "stopped", **over)) == CLINICIAN
    assert decided(medicine(LITHIUM, "stopped", effectivePeriod={"end": "2026-02-20"})) == NOT_ELIGIBLE
    assert decided(medicine(LITHIUM, "stopped", effectiveDateTime="2025-01-01")) == CLINICIAN


def test_a_text_and_a_code_that_contradict_each_other_are_two_medicines() -> None:
    coding = [{"system": RXNORM, "code": "42351", "display": "lithium carbonate"}]
    assert decided(medicine({"text": "Cetirizine", "coding": coding})) == NOT_ELIGIBLE
    same = [{"system": RXNORM, "code": "198440", "display": "Acetaminophen 500 MG Oral Tablet"}]
    assert decided(medicine({"text": "Tylenol", "coding": same})) == ELIGIBLE


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        ("N05AN01", NOT_ELIGIBLE),
        ("n05an01", NOT_ELIGIBLE),
        ("G02CB03", NOT_ELIGIBLE),
        ("N05AA06", CLINICIAN),
        ("N06A", CLINICIAN),
    ],
)
def test_atc_codes_alone(code: str, decision: str) -> None:
    assert decided(medicine({"coding": [{"system": ATC, "code": code}]})) == decision


def test_a_medicine_in_another_resource() -> None:
    inside = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"coding": [{"system": ATC, "code": "N05AN01"}]},
    }
    bare = {"resourceType": "MedicationStatement", "status": "active", "subject": WHO}
    assert decided(bare | {"medicationReference": {"reference": "#m"}, "contained": [inside]}) == NOT_ELIGIBLE
    assert (
        decided(bare | {"medicationReference": {"reference": "Medication/m/_history/2"}}, inside)
        == NOT_ELIGIBLE
    )
    assert decided(bare | {"medicationReference": {"reference": "Medication/lost"}}) == CLINICIAN


def test_conditions_in_words_in_codes_and_in_doubt() -> None:
    schizophrenia = {"coding": [{"system": SNOMED, "code": "58214004", "display": "Schizophrenia"}]}
    assert decided(condition({"coding": [{"system": SNOMED, "code": "58214004"}]})) == CLINICIAN
    assert (
        decided(condition(schizophrenia, clinicalStatus={"coding": [{"code": "resolved"}]})) == NOT_ELIGIBLE
    )
    assert (
        decided(condition(schizophrenia, verificationStatus={"coding": [{"code": "provisional"}]}))
        == NOT_ELIGIBLE
    )
    icd = [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "J45"}]
    assert decided(condition({"text": "schizophrenia", "coding": icd})) == NOT_ELIGIBLE
    assert decided(condition({"text": "asthma", "coding": icd})) == ELIGIBLE


def test_a_resource_without_a_subject_belongs_to_the_only_patient_or_is_refused() -> None:
    patient_, nobody = {"resourceType": "Patient", "id": "p1"}, medicine(LITHIUM)
    del nobody["subject"]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient_}, {"resource": nobody}]}
    (one,) = read_bundle(bundle, TODAY)
    assert screen(one, "LSD").decision == NOT_ELIGIBLE
    bundle["entry"].append({"resource": {"resourceType": "Patient", "id": "p2"}})
    with pytest.raises(DataError, match="names no subject"):
        read_bundle(bundle, TODAY)


def test_patients_known_by_their_address_only_are_not_merged() -> None:
    entries = []
    for name, text in (("urn:uuid:a", "lithium"), ("urn:uuid:b", "paracetamol")):
        entries += [
            {"fullUrl": name, "resource": {"resourceType": "Patient"}},
            {"resource": medicine({"text": text}) | {"subject": {"reference": name}}},
        ]
    found = read_bundle({"resourceType": "Bundle", "entry": entries}, TODAY)
    assert [screen(p, "LSD").decision for p in found] == [NOT_ELIGIBLE, ELIGIBLE]


def observation(value: float, unit: str, when: str) -> dict:
    code = {"coding": [{"system": "http://loinc.org", "code": "8636-3"}]}
    quantity = {"value": value, "unit": unit}
    return {"resourceType": "Observation", "status": "final", "subject": WHO, "code": code, "valueQuantity": quantity, "effectiveDateTime": when}  # fmt: skip


def test_the_latest_measurement_counts_in_the_units_of_the_table() -> None:
    assert decided(observation(0.51, "s", "2026-02-01")) == NOT_ELIGIBLE
    assert decided(observation(510, "ms", "2026-02-01"), observation(400, "ms", "2020-02-01")) == NOT_ELIGIBLE
    assert decided(observation(0.51, "min", "2026-02-01")) == CLINICIAN


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("BP 130/80 with schizophrenia", NOT_ELIGIBLE), ("QTc 430 ms epilepsy", NOT_ELIGIBLE), ("no meds for epilepsy", NOT_ELIGIBLE),
        ("no treatment for bipolar disorder", NOT_ELIGIBLE), ("no longer suicidal", NOT_ELIGIBLE), ("QTc 480ms", NOT_ELIGIBLE),
        ("no current suicidal ideation but attempt last year", NOT_ELIGIBLE), ("no family history of psychosis but mania last year", NOT_ELIGIBLE),
        ("BP 120/80 lying, 185/112 standing", NOT_ELIGIBLE), ("QTc 0.48", CLINICIAN), ("BP 18/10", CLINICIAN), ("age 200", NOT_ELIGIBLE),
        ("no family history of psychosis", ELIGIBLE), ("denies suicidal ideation", ELIGIBLE), ("not pregnant", ELIGIBLE),
        ("no history of seizures", ELIGIBLE), ("BP 124/78 mmHg", ELIGIBLE),
    ],
)  # fmt: skip
def test_nothing_said_beside_a_number_or_a_no_is_lost(said: str, decision: str) -> None:
    assert screen(patient("", said), "psilocybin").decision == decision


def written(path: Path, *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "NaN"])
def test_a_number_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    path = written(tmp_path / "p.csv", ["id", "medications", "qtc"], ["1", "", value])
    with pytest.raises(DataError, match="not a number"):
        list(patients(path))


def test_a_list_too_long_is_refused_not_cut(tmp_path: Path) -> None:
    long = "Zyrtec; " * (LONGEST_TEXT // 8) + "; lithium"
    with pytest.raises(DataError, match="longer than"):
        list(patients(written(tmp_path / "p.csv", ["id", "medications"], ["1", long])))


def test_one_row_for_each_medicine_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", ["id", "medications"], ["ann", "paracetamol"], ["ann", "lithium"])
    with pytest.raises(DataError, match="second time") as caught:
        list(patients(path))
    assert "ann" not in str(caught.value).replace(str(path), "")


def test_two_pressures_leave_the_higher() -> None:
    assert parse_conditions("BP 120/80; BP 170/70")[1].values == {"sbp": 170, "dbp": 80}
