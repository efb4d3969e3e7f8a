"""FHIR R4 resources for tests: small ones, and harmless records in the manner of public synthetic patients."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

TODAY = date(2026, 11, 26)
WHO = {"reference": "Patient/p"}
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def patient() -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1985-01-01"}


def bundled(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def medicine(concept: dict[str, Any], status: str = "active") -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "status": status, "intent": "order", "subject": WHO,
        "medicationCodeableConcept": concept,
    }  # fmt: skip


def condition(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "subject": WHO, "code": code, **more}


def observation(
    code: tuple[str, str], value: float | None, unit: str, *, text: str = "", when: str = "2026-11-01"
) -> dict[str, Any]:
    system, number = code
    named = {"coding": [{"system": system, "code": number, "display": text}], "text": text}
    found = {
        "resourceType": "Observation",
        "status": "final",
        "subject": WHO,
        "code": named,
        "effectiveDateTime": when,
    }
    return found if value is None else found | {"valueQuantity": {"value": value, "unit": unit, "code": unit}}


BENIGN = medicine({"text": "cetirizine 10 mg"})

# Ordinary entries of ordinary lives, with the semantic tags that coded records carry.
_CONDITIONS = (
    "Viral sinusitis (disorder)", "Acute bronchitis (disorder)", "Acute viral pharyngitis (disorder)", "Sprain of ankle",
    "Laceration of hand", "Otitis media", "Fracture of forearm", "Seasonal allergic rhinitis", "Acne (disorder)",
    "Streptococcal sore throat (disorder)", "Prediabetes", "Body mass index 30+ - obesity (finding)", "Hyperlipidemia",
    "Anemia (disorder)", "Impacted molars", "Chronic sinusitis (disorder)", "Whiplash injury to neck", "Sprain of wrist",
    "Contact dermatitis", "Gingivitis (disorder)", "Full-time employment (finding)", "Medication review due (situation)",
    "Limited social contact (finding)", "Received higher education (finding)", "Housing unsatisfactory (finding)",
)  # fmt: skip
_OBSERVATIONS = (
    ("8302-2", "Body Height", 170.0, "cm"), ("29463-7", "Body Weight", 72.0, "kg"), ("39156-5", "Body mass index (BMI)", 25.0, "kg/m2"),
    ("8867-4", "Heart rate", 72.0, "/min"), ("9279-1", "Respiratory rate", 14.0, "/min"), ("8310-5", "Body temperature", 36.8, "Cel"),
    ("2339-0", "Glucose", 88.0, "mg/dL"), ("4548-4", "Hemoglobin A1c", 5.4, "%"), ("2093-3", "Total Cholesterol", 180.0, "mg/dL"),
    ("72514-3", "Pain severity", 1.0, "{score}"), ("718-7", "Hemoglobin", 13.8, "g/dL"), ("6690-2", "Leukocytes", 6.1, "10*3/uL"),
    ("48642-3", "eGFR", 92.0, "mL/min/{1.73_m2}"), ("1742-6", "ALT", 22.0, "U/L"), ("2160-0", "Creatinine", 0.9, "mg/dL"),
)  # fmt: skip
_PROCEDURES = (
    "Medication Reconciliation (procedure)", "Suture open wound", "Colonoscopy", "Plain chest X-ray (procedure)",
    "Depression screening (procedure)", "Assessment of health and social care needs (procedure)", "Dental care (regime/therapy)",
    "Subcutaneous injection (procedure)", "Throat culture (procedure)",
)  # fmt: skip
_MEDICINES = (
    "Ibuprofen 200 MG Oral Tablet", "Acetaminophen 325 MG Oral Tablet", "Cetirizine hydrochloride 10 MG Oral Tablet",
    "Penicillin V Potassium 500 MG Oral Tablet", "Amoxicillin 250 MG Oral Capsule", "Loratadine 10 MG Oral Tablet",
    "Influenza vaccine injection", "Simvastatin 20 MG Oral Tablet", "Naproxen sodium 220 MG Oral Tablet",
)  # fmt: skip
_PLAIN = (
    "Immunization",
    "Encounter",
    "Organization",
    "Practitioner",
    "Claim",
    "ExplanationOfBenefit",
    "Coverage",
    "Location",
)


def harmless_record(seed: int) -> dict[str, Any]:
    """A record without anything a trial asks about: sinusitis, sprains, check-ups, vaccines, the paperwork around them."""
    random = Random(seed)
    days = [(TODAY - timedelta(days=random.randrange(10, 300))).isoformat() for _ in range(40)]
    found = [patient()]
    found += [
        condition(
            {"text": text, "coding": [{"system": SNOMED, "code": str(i), "display": text}]},
            onsetDateTime=days[i],
        )
        for i, text in enumerate(random.sample(_CONDITIONS, 5))
    ]
    found += [
        observation(
            (LOINC, code),
            round(value * random.uniform(0.97, 1.03), 1),
            unit,
            text=text,
            when=random.choice(days),
        )
        for code, text, value, unit in random.sample(_OBSERVATIONS, 8)
    ]
    found += [
        {"resourceType": "Procedure", "status": "completed", "subject": WHO, "code": {"text": text}}
        for text in random.sample(_PROCEDURES, 3)
    ]
    found += [medicine({"text": text}, "active") for text in random.sample(_MEDICINES, 2)]
    found += [
        {"resourceType": kind, "id": kind.lower(), "status": "completed"} for kind in random.sample(_PLAIN, 4)
    ]
    return bundled(*found)
