"""Patients of FHIR R4: a Bundle, lines of resources (ndjson) or one resource; whatever is not read is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.heard import Heard
from limen.safety.reading.clauses import FIRST, FURTHER, OTHER, PATIENT
from limen.safety.reading.concepts import (
    Json,
    as_dict,
    as_list,
    codes,
    codings,
    day,
    is_icd10,
    named,
    phrases,
    record_aids,
)
from limen.safety.reading.conditions import Condition, Measurements, said
from limen.safety.reading.elements import aside, left_over
from limen.safety.reading.lines import LARGEST_JSON, opened
from limen.safety.reading.names import Medicine, read_list
from limen.safety.reading.observations import latest, observation
from limen.safety.reading.patient import Patient
from limen.safety.reading.prescriptions import medication_of, medicines_of
from limen.safety.reading.words import people

IGNORED = {"entered-in-error", "not-taken", "cancelled", "not-done", "declined"}
STOPPED = {"stopped", "completed"}
PLANNED = {"intended", "draft", "preparation"}
GIVEN = ("MedicationDispense", "MedicationAdministration")
DAYS_A_YEAR = 365.25
DEPTH = 20  # Bundles inside Bundles


@dataclass
class _Person:
    """A patient while the record is read."""

    id: str
    medications: list[Medicine] = field(default_factory=list[Medicine])
    conditions: list[Condition] = field(default_factory=list[Condition])
    values: list[tuple[str, float, datetime]] = field(default_factory=list[tuple[str, float, datetime]])
    age: float | None = None
    sex: str = ""
    ignored: list[str] = field(default_factory=list[str])
    unread: list[Heard] = field(default_factory=list[Heard])
    spoken: bool = False  # whether anything but the person's own data was said

    def finished(self) -> Patient:
        values = latest(self.values) | ({} if self.age is None else {"age": self.age})
        if not self.spoken:
            self.unread.append(
                Heard("record", "", self.id, "nothing is said of medicines, conditions or findings")
            )
        return Patient(
            self.id, tuple(self.medications), tuple(self.conditions), Measurements(values, self.sex),
            tuple(self.ignored), tuple(dict.fromkeys(self.unread)),
        )  # fmt: skip


def bundle(path: Path, today: date) -> tuple[Patient, ...]:
    """The patients of a file. Raises DataError for anything that is not FHIR R4 as JSON, naming what it is instead."""
    opened(path)
    if path.stat().st_size > LARGEST_JSON:
        raise DataError("a Bundle larger than 64 MB", Place(file=path), "split it by patient")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return read_bundle(_parsed(text), today)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", Place(file=path, line=getattr(error, "lineno", None))) from None
    except DataError as error:
        raise DataError(error.what, Place(file=path), error.remedy) from None


def _parsed(text: str) -> Any:
    """JSON of one document, or of one resource a line."""
    if text.lstrip().startswith("<"):
        raise DataError("this is FHIR as XML", remedy="export it as JSON")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        rows = [line for line in text.splitlines() if line.strip()]
        if not error.msg.startswith("Extra data") or len(rows) < 2:
            raise
        return {"resourceType": "Bundle", "entry": [{"resource": json.loads(row)} for row in rows]}


def read_bundle(found: Any, today: date) -> tuple[Patient, ...]:
    """Patients of a parsed Bundle or single resource, in the order they are first spoken of."""
    if not isinstance(found, dict) or not found.get("resourceType"):
        raise DataError(
            "this is not FHIR", remedy='the top level says "resourceType": "Bundle" or another resource'
        )
    top: dict[str, Any] = found if found["resourceType"] == "Bundle" else {"entry": [{"resource": found}]}
    unread: list[Heard] = []
    entries = list(_opened(top, unread))
    known: dict[str, dict[str, Any]] = {}
    for address, resource in entries:
        known[f"{resource.get('resourceType')}/{resource.get('id')}"] = resource
        if address:
            known[address] = resource
    resources = [resource for _, resource in entries]
    named_people = dict.fromkeys(who for r in resources if (who := _who(r, known)))
    persons: dict[str, _Person] = {who: _Person(who) for who in named_people}
    for resource in resources:
        _read(resource, persons, known, today)
    if not persons:
        raise DataError("the record speaks of no patient, medication or condition")
    for person in persons.values():
        person.unread += unread
    return tuple(person.finished() for person in persons.values())


def _opened(found: Json, unread: list[Heard], depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every resource with its address, Bundles inside Bundles opened; pages that are not here and faults are named."""
    if depth > DEPTH:
        raise DataError(f"Bundles inside Bundles, more than {DEPTH} deep")
    entries = as_list(found.get("entry"))
    for link in as_list(found.get("link")):
        if as_dict(link).get("relation") == "next":
            unread.append(Heard("page", "", "next page", "the Bundle goes on elsewhere: fetch every page"))
    total = found.get("total")
    if isinstance(total, int) and total > len(entries):
        unread.append(
            Heard(
                "page",
                "",
                f"{total - len(entries)} entries",
                f"{total} are announced, {len(entries)} are here",
            )
        )
    for entry in entries:
        resource = as_dict(as_dict(entry).get("resource"))
        address = str(as_dict(entry).get("fullUrl") or "")
        if resource.get("resourceType") == "Bundle":
            yield from _opened(resource, unread, depth + 1)
        elif resource:
            yield (
                address,
                resource
                if resource.get("id") or not address
                else resource | {"id": address.rpartition(":")[2]},
            )
        else:
            unread.append(Heard("entry", "", address or "an entry without a resource", "nothing is in it"))


def _read(
    resource: dict[str, Any], persons: dict[str, _Person], known: Mapping[str, dict[str, Any]], today: date
) -> None:
    """One resource into the person it speaks of."""
    kind = str(resource.get("resourceType") or "a resource without a type")
    who = _who(resource, known)
    if (
        kind in record_aids()["harmless"]["types"].split()
        or kind == "Medication"
        or (kind == "Patient" and not who)
    ) and not _diagnoses(resource):
        return
    if not who and len(persons) > 1:
        if kind in _READERS:
            raise DataError(f"a {kind} names no subject, and the Bundle has several patients")
        for each in persons.values():
            each.unread.append(_unread_resource(resource, kind))
        return
    person = persons.setdefault(who or next(iter(persons), ""), _Person(who))
    person.spoken |= kind != "Patient"
    person.unread += [
        Heard("note", "", f"{kind}: {what}", why) for what, why in aside(resource, _READERS, known)
    ]
    reader = _READERS.get(kind)
    if reader is None:
        person.unread.append(_unread_resource(resource, kind))
    else:
        reader(person, resource, known, today)


def _diagnoses(resource: Json) -> list[dict[str, Any]]:
    """Diagnoses that a claim or another paper states itself, instead of naming a Condition."""
    stated = (as_dict(as_dict(d).get("diagnosisCodeableConcept")) for d in as_list(resource.get("diagnosis")))
    return [concept for concept in stated if concept]


def _claim(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    for concept in _diagnoses(resource):
        person.conditions += _told(concept)


def _unread_resource(resource: Json, kind: str) -> Heard:
    issues = [as_dict(i) for i in as_list(resource.get("issue"))]
    said_of = "; ".join(str(i.get("diagnostics") or named(as_dict(i.get("details")))) for i in issues)
    return Heard(
        "resource",
        "",
        f"{kind} {said_of or named(as_dict(resource.get('code')))}",
        "a resource limen does not read",
    )


def _who(resource: Json, known: Mapping[str, dict[str, Any]]) -> str:
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    subject = as_dict(resource.get("subject")) or as_dict(resource.get("patient"))
    reference = str(subject.get("reference", "")).partition("/_history")[0]
    return str(known[reference].get("id", "")) if reference in known else reference.rpartition("/")[2]


def _medication(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    status = str(resource.get("status", "unknown"))
    concept, parts = medication_of(resource, known)
    if phrases(concept) and all(
        re.fullmatch(record_aids()["harmless"]["vaccines"], w, re.I) for w in phrases(concept)
    ):
        return
    for reason in as_list(resource.get("reasonCode")):
        person.conditions += _told(as_dict(reason))
    readings = [r for some in (concept, *parts) if some or not parts for r in medicines_of(some)]
    name = phrases(concept)[:1] or ["-"]
    for dosage in (*as_list(resource.get("dosage")), *as_list(resource.get("dosageInstruction"))):
        # what stands in the words of a dose beside the dose ("with his lithium")
        part = as_dict(dosage)
        advice = [w for a in as_list(part.get("additionalInstruction")) for w in phrases(as_dict(a))]
        for text in (part.get("text"), part.get("patientInstruction"), *advice):
            readings += read_list(f"{name[0]}; {text or ''}")[len(read_list(name[0])) :]
        person.conditions += (
            _told(part["asNeededCodeableConcept"]) if part.get("asNeededCodeableConcept") else []
        )
    if status in IGNORED or resource.get("doNotPerform") is True:
        person.ignored.append(f"{', '.join(r.drugs[0] if r.drugs else r.text for r in readings)} ({status})")
        return
    ended = day(as_dict(resource.get("effectivePeriod")).get("end"))
    closed = status in STOPPED and resource["resourceType"] not in GIVEN
    # a date counts only where the record itself says that the medicine was stopped
    days = float((today - ended).days) if closed and ended is not None and ended <= today else None
    stopped = closed or (ended is not None and ended < today)
    person.medications += [
        replace(
            r,
            negated=r.negated or status in PLANNED,
            stopped=stopped or r.stopped,
            stopped_days=days if stopped else r.stopped_days,
        )
        for r in readings
    ]


def _condition(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    concept = as_dict(resource.get("code"))
    verification = set(codes(as_dict(resource.get("verificationStatus"))))
    if verification & {"entered-in-error", "refuted"}:
        person.ignored.append(f"{named(concept)} ({', '.join(verification)})")
        return
    ended = day(resource.get("abatementDateTime"))
    days = float((today - ended).days) if ended is not None and ended <= today else None
    person.conditions += _told(concept, days)  # an unconfirmed diagnosis counts like a confirmed one


def _told(concept: Json, days: float | None = None, who: str = PATIENT) -> list[Condition]:
    """Conditions of a concept: every ICD-10 code and every wording of it, harmless circumstances left out."""
    tens = [str(c["code"]) for c in codings(concept) if is_icd10(c) and c.get("code")]
    words = phrases(concept)
    said_of = [c for phrase in words if not _is_plain(phrase) for c in said(phrase, days_ago=days, who=who)]
    coded = [c for code in tens for c in said("", code, days, who)]
    if not (tens or words):
        return list(
            said(", ".join(codes(concept)) or "condition without text or code", days_ago=days, who=who)
        )
    # a code beside words, of a system that limen does not ship and without a display, may say another thing
    bare = [
        str(c["code"]) for c in codings(concept) if c.get("code") and not (c.get("display") or is_icd10(c))
    ]
    return [*coded, *said_of, *(c for code in bare for c in said(code, days_ago=days, who=who))]


def _is_plain(phrase: str) -> bool:
    return re.fullmatch(record_aids()["harmless"]["phrases"].replace("\n", ""), phrase, re.I) is not None


def _procedure(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    if resource.get("status") in ("not-done", "entered-in-error"):
        person.ignored.append(f"{named(as_dict(resource.get('code')))} ({resource['status']})")
        return
    performed = day(resource.get("performedDateTime") or as_dict(resource.get("performedPeriod")).get("end"))
    days = float((today - performed).days) if performed is not None and performed <= today else None
    person.conditions += _told(as_dict(resource.get("code")), days)


def _encounter(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    """Only why somebody came is read: the rest is paperwork."""
    for reason in as_list(resource.get("reasonCode")):
        person.conditions += _told(as_dict(reason))


def _family(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    if resource.get("status") == "entered-in-error":
        person.ignored.append("family history (entered-in-error)")
        return
    relation = as_dict(resource.get("relationship"))
    words = [record_aids()["relations"].get(code, code) for code in codes(relation)] + phrases(relation)
    degree = next(
        (
            d
            for kind, d in (("other", OTHER), ("further", FURTHER), ("first", FIRST))
            for w in words
            if people(kind).search(w.casefold())
        ),
        FIRST,
    )
    told = [
        c
        for part in as_list(resource.get("condition"))
        for c in _told(as_dict(as_dict(part).get("code")), who=degree)
    ]
    person.conditions += told
    for part in as_list(resource.get("condition")):
        left = left_over(as_dict(part), "condition")
        person.unread += [
            Heard("family history", "", f"{named(relation)}: {what}", why) for what, why in left
        ]
    if not told:
        unknown = resource.get("status") == "health-unknown"
        why = "health unknown" if unknown else "no condition is named"
        person.unread.append(Heard("family history", "", named(relation), why))


def _allergy(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    """An allergy to what a trial gives is for a clinician; another is understood and bears on nothing."""
    substance = named(as_dict(resource.get("code")))
    if not phrases(as_dict(resource.get("code"))):
        person.unread.append(Heard("allergy", "", substance, "to what, nobody can read"))
    if re.search(record_aids()["harmless"]["trial_substances"], substance, re.I):
        person.unread.append(Heard("allergy", "", substance, "an allergy to what a trial may give"))


def _observed(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    taken = observation(resource, today)
    person.values += taken.values
    person.conditions += taken.conditions
    person.unread += taken.unread


def _patient(person: _Person, resource: Json, known: Mapping[str, dict[str, Any]], today: date) -> None:
    born = day(resource.get("birthDate"))
    person.age = None if born is None else float(int((today - born).days / DAYS_A_YEAR))
    person.sex = str(resource.get("gender", ""))[:1]
    if resource.get("deceasedBoolean") or resource.get("deceasedDateTime"):
        person.unread.append(Heard("record", "", person.id, "the record says that the patient has died"))


_READERS: Mapping[str, Callable[[_Person, dict[str, Any], Mapping[str, dict[str, Any]], date], None]] = {
    "MedicationStatement": _medication, "MedicationRequest": _medication, "MedicationDispense": _medication,
    "MedicationAdministration": _medication, "Condition": _condition, "Procedure": _procedure, "Encounter": _encounter,
    "FamilyMemberHistory": _family, "AllergyIntolerance": _allergy, "Observation": _observed, "Patient": _patient,
    "Claim": _claim, "ExplanationOfBenefit": _claim,
}  # fmt: skip
