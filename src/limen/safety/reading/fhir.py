"""Patients of a FHIR R4 Bundle: medication resources, Condition, Observation, Patient."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.safety.reading.conditions import Measurements, said
from limen.safety.reading.drugs import by_atc
from limen.safety.reading.lines import LARGEST_JSON, opened
from limen.safety.reading.names import Medicine, read_list
from limen.safety.reading.patient import Patient
from limen.safety.reading.spelling import Meaning, vocabulary

ATC = ("http://www.whocc.no/atc", "http://fhir.de/CodeSystem/bfarm/atc", "urn:oid:2.16.840.1.113883.6.73")
ICD10 = "/icd-10"
IGNORED = {"entered-in-error", "not-taken", "cancelled", "not-done", "declined"}
STOPPED = {"stopped", "completed"}
PLANNED = {"intended", "draft", "preparation"}
GIVEN = ("MedicationDispense", "MedicationAdministration")
LOINC = {
    "8480-6": "sbp",
    "8462-4": "dbp",
    "8634-8": "qtc",
    "1742-6": "alt",
    "1920-8": "ast",
    "39156-5": "bmi",
    "29463-7": "weight",
}
# Units other than the table's; one that is not here leaves a value that is implausible, and a clinician looks.
FACTORS = {
    ("qtc", "s"): 1000.0,
    ("weight", "[lb_av]"): 0.4536,
    ("weight", "lb"): 0.4536,
    ("weight", "g"): 0.001,
}
DAYS_A_YEAR = 365.25


def bundle(path: Path, today: date) -> tuple[Patient, ...]:
    """The patients of a Bundle file. Raises DataError for anything that is not one."""
    opened(path)
    if path.stat().st_size > LARGEST_JSON:
        raise DataError("a Bundle larger than 64 MB", Place(file=path), "split it by patient")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", Place(file=path, line=getattr(error, "lineno", None))) from None
    try:
        return read_bundle(found, today)
    except DataError as error:
        raise DataError(error.what, Place(file=path), error.remedy) from None


def read_bundle(found: Any, today: date) -> tuple[Patient, ...]:
    """Patients of a parsed Bundle, in the order they are first spoken of."""
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        raise DataError("this is not a FHIR Bundle", remedy='the top level says "resourceType": "Bundle"')
    resources: list[dict[str, Any]] = []
    by_reference: dict[str, dict[str, Any]] = {}
    for entry in _list(found.get("entry")):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            if entry.get("fullUrl") and not resource.get("id"):
                resource = resource | {"id": str(entry["fullUrl"]).rpartition(":")[2]}
            resources.append(resource)
            by_reference[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
            by_reference[str(entry.get("fullUrl"))] = resource
    resources = [r for r in resources if str(r.get("resourceType")) in _READERS]
    known = {_who(r, by_reference) for r in resources} - {""}
    resources.sort(key=_when)  # the latest measurement counts
    people: dict[str, Patient] = {who: Patient(who) for r in resources if (who := _who(r, by_reference))}
    for resource in resources:
        kind = resource.get("resourceType")
        who = _who(resource, by_reference)
        if not who:
            if len(known) > 1:
                raise DataError(f"a {kind} names no subject, and the Bundle has several patients")
            who = next(iter(known), "")
        person = people.get(who, Patient(who))
        people[who] = _READERS[str(kind)](person, resource, by_reference, today)
    if not people:
        raise DataError("the Bundle speaks of no patient, medication or condition")
    return tuple(people.values())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _who(resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]]) -> str:
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    reference = str(_dict(resource.get("subject")).get("reference", "")).partition("/_history")[0]
    return str(known[reference].get("id", "")) if reference in known else reference.rpartition("/")[2]


def _when(resource: Mapping[str, Any]) -> str:
    """When an observation was made, as ISO text; nothing for other resources, which keep their order."""
    return str(resource.get("effectiveDateTime", "")) if resource.get("resourceType") == "Observation" else ""


def _day(value: Any) -> date | None:
    """A FHIR date; of a year or a month alone its last possible day, so that a stop is never taken for an older one."""
    text = str(value or "")[:10]
    try:
        if len(text) == 4:
            return date(int(text), 12, 31)
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _concept(resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The medication's CodeableConcept: inline, contained, or another resource of the Bundle."""
    if inline := _dict(resource.get("medicationCodeableConcept")):
        return inline
    reference = _dict(resource.get("medicationReference"))
    name = str(reference.get("reference", "")).partition("/_history")[0]
    inside = {f"#{c.get('id')}": c for c in _list(resource.get("contained")) if isinstance(c, dict)}
    code = _dict(_dict(inside.get(name) or known.get(name)).get("code"))
    return code or ({"text": reference["display"]} if reference.get("display") else {})


def _of_atc(code: str) -> tuple[str, ...]:
    """The drugs a seven-character ATC code means; none where the dictionary has no row for it."""
    code = code.strip().upper()
    return (by_atc()[code].name,) if code in by_atc() else tuple(vocabulary()["other_atc"].get(code, ()))


def _readings(concept: Mapping[str, Any]) -> tuple[Medicine, ...]:
    """By text, ATC code or display. A code of a system limen does not ship, without words, stays unread."""
    codings = [c for c in _list(concept.get("coding")) if isinstance(c, dict)]
    coded = [
        Medicine(f"ATC {c['code']}", Meaning(names, "ATC code", 1.0))
        for c in codings
        if str(c.get("system", "")).rstrip("/") in ATC and (names := _of_atc(str(c.get("code", ""))))
    ]
    words = [str(w) for w in (concept.get("text"), *(c.get("display") for c in codings)) if w]
    said: tuple[Medicine, ...] = ()
    for text in words:
        # a text that contradicts another, or the code, is a second medicine until somebody says which is meant
        names = {name for r in (*coded, *said) for name in r.drugs}
        found = read_list(text.replace(",", " ").replace("\n", " "))
        said += (
            found
            if not said and not coded
            else tuple(r for r in found if r.drugs and not set(r.drugs) <= names)
        )
    if coded:
        return (*coded, *said)
    if said:
        return said
    systems = ", ".join(f"{c.get('system', 'no system')} {c.get('code', '')}".strip() for c in codings)
    return (
        Medicine(
            systems or "medication without code or text",
            Meaning((), "code not shipped" if systems else "unrecognised", 0.0),
        ),
    )


def _medication(
    person: Patient, resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]], today: date
) -> Patient:
    status = str(resource.get("status", "unknown"))
    readings = _readings(_concept(resource, known))
    if status in IGNORED or resource.get("doNotPerform") is True:
        words = ", ".join(r.drugs[0] if r.drugs else r.text for r in readings)
        return replace(person, ignored=(*person.ignored, f"{words} ({status})"))
    period = _dict(resource.get("effectivePeriod"))
    ended = _day(period.get("end"))
    closed = status in STOPPED and resource["resourceType"] not in GIVEN
    over = ended is not None and ended < today
    # a date counts only where the record itself says that the medicine was stopped
    days = float((today - ended).days) if closed and ended is not None and ended <= today else None
    stopped = closed or over
    readings = tuple(replace(r, negated=True) for r in readings) if status in PLANNED else readings
    timed = tuple(
        replace(r, stopped=stopped or r.stopped, stopped_days=days if stopped else r.stopped_days)
        for r in readings
    )
    return replace(person, medications=(*person.medications, *timed))


def _condition(
    person: Patient, resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]], today: date
) -> Patient:
    concept = _dict(resource.get("code"))
    codings = [c for c in _list(concept.get("coding")) if isinstance(c, dict)]
    code = next((str(c["code"]) for c in codings if ICD10 in str(c.get("system")) and c.get("code")), "")
    text = str(
        concept.get("text")
        or next((c["display"] for c in codings if c.get("display")), "")
        or code
        or "condition without text"
    )
    verification = [
        str(c.get("code"))
        for c in _list(_dict(resource.get("verificationStatus")).get("coding"))
        if isinstance(c, dict)
    ]
    if set(verification) & {"entered-in-error", "refuted"}:
        return replace(person, ignored=(*person.ignored, f"{text} ({verification[0]})"))
    ended = _day(resource.get("abatementDateTime"))
    days = float((today - ended).days) if ended is not None and ended <= today else None
    return replace(person, conditions=(*person.conditions, *said(text, code, days)))


def _observation(
    person: Patient, resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]], today: date
) -> Patient:
    if resource.get("status") in ("entered-in-error", "cancelled", "registered"):
        return person
    values = dict(person.measured.values)
    for part in (resource, *(_dict(c) for c in _list(resource.get("component")))):
        number = _dict(part.get("valueQuantity")).get("value")
        for coding in _list(_dict(part.get("code")).get("coding")):
            name = LOINC.get(str(_dict(coding).get("code")))
            if name and isinstance(number, int | float) and not isinstance(number, bool):
                unit = str(
                    _dict(part.get("valueQuantity")).get("code")
                    or _dict(part.get("valueQuantity")).get("unit")
                )
                values[name] = float(number) * FACTORS.get((name, unit.casefold()), 1.0)
    return replace(person, measured=replace(person.measured, values=values))


def _patient(
    person: Patient, resource: Mapping[str, Any], known: Mapping[str, dict[str, Any]], today: date
) -> Patient:
    born, values = _day(resource.get("birthDate")), dict(person.measured.values)
    if born is not None:
        values["age"] = float(int((today - born).days / DAYS_A_YEAR))
    return replace(person, measured=Measurements(values, str(resource.get("gender", ""))[:1]))


_READERS = {
    "MedicationStatement": _medication, "MedicationRequest": _medication, "MedicationDispense": _medication,
    "MedicationAdministration": _medication, "Condition": _condition,
    "Observation": _observation, "Patient": _patient,
}  # fmt: skip
