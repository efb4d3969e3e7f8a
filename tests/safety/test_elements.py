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
FORM = {
    "resourceType": "Claim",
    "id": "k",
    "use": "claim",
    "patient": WHO,
    "item": [{"sequence": 1, "productOrService": {"text": "Paracetamol"}}],
}
SHOT = {
    "resourceType": "Immunization",
    "id": "i",
    "status": "completed",
    "patient": WHO,
    "vaccineCode": {"text": "Influenza, seasonal, injectable"},
}
PLAN = {
    "resourceType": "Coverage",
    "id": "v",
    "status": "active",
    "type": {"text": "Gold plan"},
    "beneficiary": WHO,
    "payor": [{"display": "Gold"}],
}
BLOODS = {
    "resourceType": "DiagnosticReport", "id": "d", "status": "final", "subject": WHO, "code": {"text": "Weight"},
    "result": [{"reference": "Observation/o"}],
}  # fmt: skip
DATE = {
    "resourceType": "Appointment",
    "id": "a",
    "status": "booked",
    "participant": [{"actor": WHO}],
    "description": "Colonoscopy",
}
RECORD = (PATIENT, PILL, ALLERGIC, VISIT, MOTHER, KILOS, FORM, SHOT, PLAN, BLOODS, DATE)
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
    race = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": []}
    assert with_part(PATIENT, {"extension": [race]}) == ELIGIBLE
    assert with_part(ALLERGIC, {"text": {"status": "generated", "div": "<div>Hay fever</div>"}}) == ELIGIBLE
    assert with_part(KILOS, {"interpretation": [{"coding": [{"code": "N"}], "text": "Normal"}]}) == ELIGIBLE
    assert (
        with_part(
            PILL, {"category": [{"coding": [{"system": "http://hl7.org/fhir/x", "code": "outpatient"}]}]}
        )
        == ELIGIBLE
    )


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
        (PATIENT, {"active": False}), (PATIENT, {"birthDate": "yesterday"}), (PATIENT, {"maritalStatus": ILL}),
        (PATIENT, {"extension": [{"url": "urn:pregnant", "valueBoolean": True}]}), (PATIENT, {"implicitRules": "urn:rules"}),
        (PATIENT, {"_birthDate": {"extension": [{"url": "urn:x", "valueString": "schizophrenia"}]}}),
        (PATIENT, {"text": {"status": "generated", "div": "<div>has schizophrenia</div>"}}),
        (PATIENT, {"meta": {"security": [{"code": "PSY"}]}}), (PATIENT, {"meta": {"tag": [{"code": "SUBSETTED"}]}}),
        (PATIENT, {"meta": {"tag": [{"display": "psychosis register"}]}}),
        (ALLERGIC, {"text": {"status": "generated", "div": "<div>hay fever, takes <b>lithium</b></div>"}}),
        (ALLERGIC, {"severity": {"text": "with psychotic features"}}), (ALLERGIC, {"category": [{"text": "psychosis"}]}),
        (PILL, {"medicationReference": {"reference": "Medication/404"}}), (PILL, {"medicationReference": {"display": "lithium"}}),
        (PILL, {"medicationReference": {"reference": "#z"}, "contained": [{"resourceType": "Medication", "id": "z", "code": {"text": "lithium"}}]}),
        (PILL, {"contained": [{"resourceType": "Medication", "id": "z", "code": {"text": "lithium"}}]}),
        (PILL, {"basedOn": [{"reference": "MedicationRequest/404"}]}), (PILL, {"substitution": {"reason": {"text": "lithium instead"}}}),
        (VISIT, {"type": [ILL]}), (VISIT, {"serviceType": ILL}), (VISIT, {"hospitalization": {"admitSource": ILL}}),
        (KILOS, {"interpretation": [{"text": "cachectic"}]}), (KILOS, {"interpretation": [{"coding": [{"code": "AA"}]}]}),
        (FORM, {"item": [{"productOrService": {"text": "lithium carbonate"}}]}), (FORM, {"item": [{"bodySite": ILL}]}),
        (FORM, {"diagnosis": [{"diagnosisReference": ELSEWHERE}]}), (FORM, {"prescription": {"reference": "MedicationRequest/404"}}),
        (FORM, {"resourceType": "ExplanationOfBenefit", "claim": {"reference": "Claim/404"}}),
        (FORM, {"resourceType": "ExplanationOfBenefit", "contained": [{"resourceType": "ServiceRequest", "id": "z", "code": ILL}]}),
        (SHOT, {"reasonCode": [{"text": "pregnancy"}]}), (SHOT, {"statusReason": {"text": "pregnant"}}), (SHOT, {"vaccineCode": {"text": "lithium"}}),
        (SHOT, {"note": [{"text": "at 20 weeks"}]}), (SHOT, {"reaction": [{"detail": ELSEWHERE}]}),
        (PLAN, {"class": [{"type": {"text": "plan"}, "name": "Serious mental illness plan"}]}),
        (BLOODS, {"conclusion": "epileptiform"}), (BLOODS, {"result": []}), (BLOODS, {"result": [ELSEWHERE]}), (BLOODS, {"code": ILL}),
        (DATE, {"description": "clozapine clinic"}), (DATE, {"reasonCode": [ILL]}), (DATE, {"serviceType": [{"text": "antenatal clinic"}]}),
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


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet="bcdfghjkmpqrtvwxz", min_size=6, max_size=14), st.booleans())
def test_a_bundle_that_says_more_than_its_entries_leaves_nobody_eligible(name: str, outside: bool) -> None:
    entries = [{"resource": r} | ({} if outside else {name: "word"}) for r in RECORD]
    said = {"resourceType": "Bundle", "entry": entries, **({name: "word"} if outside else {})}
    (one,) = (screen(p, "psilocybin") for p in read_bundle(said, date(2026, 11, 26)))
    assert one.decision == CLINICIAN


@pytest.mark.parametrize(
    "kind", ["Invoice", "SupplyDelivery", "EpisodeOfCare", "Account", "CarePlan", "Goal", "Device", "Zebra"]
)
def test_a_kind_without_a_reader_leaves_nobody_eligible(kind: str) -> None:
    assert decided(*RECORD, {"resourceType": kind, "id": "z", "subject": WHO}) == CLINICIAN
