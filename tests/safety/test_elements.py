"""Whatever element stands in a resource beside what its reader takes, and nobody reads, nobody is eligible by it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.safety.reading.concepts import record_aids
from limen.safety.reading.fhir import read_bundle
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE
from limen.safety.screening.screen import screen

WHO = {"reference": "Patient/p"}
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1985-01-01"}
PILL = {
    "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "subject": WHO,
    "medicationCodeableConcept": {"text": "Paracetamol"},
}  # fmt: skip
ALLERGIC = {"resourceType": "Condition", "id": "c", "subject": WHO, "code": {"text": "Hay fever"}}
VISIT = {"resourceType": "Encounter", "id": "e", "status": "finished", "subject": WHO}
MOTHER = {
    "resourceType": "FamilyMemberHistory", "id": "f", "status": "completed", "patient": WHO,
    "relationship": {"text": "mother"}, "condition": [{"code": {"text": "Hay fever"}}],
}  # fmt: skip
KILOS = {
    "resourceType": "Observation", "id": "o", "status": "final", "subject": WHO, "effectiveDateTime": "2026-11-01",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, "valueQuantity": {"value": 70, "unit": "kg"},
}  # fmt: skip
RECORD = (PATIENT, PILL, ALLERGIC, VISIT, MOTHER, KILOS)
ILL = {"text": "schizophrenia"}
ELSEWHERE = {"reference": "Condition/404"}
BARE = {"system": "http://snomed.info/sct", "code": "58214004"}


def decided(*resources: dict) -> str:
    said = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    (one,) = (screen(p, "psilocybin") for p in read_bundle(said, date(2026, 11, 26)))
    return one.decision


def with_part(whole: dict, part: dict) -> str:
    return decided(*(r | part if r is whole else r for r in RECORD))


def test_the_record_itself_is_eligible() -> None:
    assert decided(*RECORD) == ELIGIBLE
    assert with_part(VISIT, {"reasonReference": [{"reference": "Condition/c"}]}) == ELIGIBLE
    assert with_part(PATIENT, {"deceasedBoolean": False}) == ELIGIBLE


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (ALLERGIC, {"evidence": [{"code": [ILL]}]}), (ALLERGIC, {"stage": [{"summary": ILL}]}),
        (ALLERGIC, {"extension": [{"url": "urn:x", "valueString": "schizophrenia"}]}),
        (ALLERGIC, {"_code": {"extension": [{"url": "urn:x", "valueString": "schizophrenia"}]}}),
        (ALLERGIC, {"text": {"status": "additional", "div": "<div>schizophrenia</div>"}}),
        (ALLERGIC, {"code": {"text": "Hay fever", "coding": [BARE]}}),
        (PILL, {"medicationCodeableConcept": {"text": "Paracetamol", "coding": [{"system": "urn:rx", "code": "36437"}]}}),
        (PILL, {"statusReason": ILL}), (PILL, {"reasonReference": [ELSEWHERE]}),
        (PILL, {"dosageInstruction": [{"patientInstruction": "take with your lithium"}]}),
        (PILL, {"dosageInstruction": [{"additionalInstruction": [{"text": "with lithium"}]}]}),
        (PILL, {"dosageInstruction": [{"asNeededCodeableConcept": {"text": "hallucinations"}}]}),
        (VISIT, {"diagnosis": [{"condition": ELSEWHERE}]}), (VISIT, {"diagnosis": [{"condition": {"display": "schizophrenia"}}]}),
        (MOTHER, {"reasonCode": [ILL]}), (MOTHER, {"deceasedString": "suicide"}), (MOTHER, {"condition": []}),
        (MOTHER, {"condition": [{"code": {"text": "Hay fever"}, "outcome": ILL}]}),
        (MOTHER, {"condition": [{"code": {"text": "Hay fever"}, "note": [{"text": "and schizophrenia"}]}]}),
        (KILOS, {"hasMember": [{"reference": "Observation/404"}]}), (KILOS, {"method": ILL}),
        (PATIENT, {"deceasedBoolean": True}), (PATIENT, {"deceasedDateTime": "2026-01-01"}),
        (PATIENT, {"link": [{"other": {"reference": "Patient/old"}, "type": "replaces"}]}),
    ],
)  # fmt: skip
def test_a_part_that_says_more_leaves_nobody_eligible(whole: dict, part: dict) -> None:
    assert with_part(whole, part) != ELIGIBLE


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(RECORD),
    st.text(alphabet="bcdfghjkmpqrtvwxz", min_size=6, max_size=14),
    st.sampled_from(["word", {"text": "word"}, [{"text": "word"}], {"reference": "Condition/404"}]),
)
def test_an_element_nobody_knows_leaves_nobody_eligible(whole: dict, name: str, value: object) -> None:
    assert name not in str(record_aids()["elements"])
    assert with_part(whole, {name: value}) == CLINICIAN
