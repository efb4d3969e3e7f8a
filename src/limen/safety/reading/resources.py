"""One reader for each kind of FHIR resource that speaks of a person; what a reader does not take is named elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from limen.heard import Heard
from limen.safety.reading.concepts import (
    Json,
    as_dict,
    as_list,
    clinical,
    codes,
    codings,
    concepts_in,
    day,
    is_icd10,
    named,
    phrases,
    record_aids,
    texts_in,
)
from limen.safety.reading.conditions import Condition, Measurements, said
from limen.safety.reading.elements import elements, hinted, left_over
from limen.safety.reading.items import FIRST, FURTHER, OTHER, PATIENT
from limen.safety.reading.names import Medicine, read_list
from limen.safety.reading.observations import latest, observation
from limen.safety.reading.patient import Patient
from limen.safety.reading.prescriptions import medications_of, medicines_of
from limen.safety.reading.words import people, reading_aids

IGNORED = {"entered-in-error", "not-taken", "cancelled", "not-done", "declined"}
STOPPED = {"stopped", "completed"}
PLANNED = {"intended", "draft", "preparation"}
GIVEN = ("MedicationDispense", "MedicationAdministration")
DAYS_A_YEAR = 365.25
ITEM = "item"  # of a bill
BILLS = ("Claim", "ExplanationOfBenefit", ITEM)

Known = Mapping[str, dict[str, Any]]


@dataclass
class Person:
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
    stated: set[str] = field(default_factory=set[str])  # what resources other than papers call things
    told_again: list[tuple[str, str]] = field(
        default_factory=list[tuple[str, str]]
    )  # narratives made of elements

    def finished(self) -> Patient:
        values = latest(self.values) | ({} if self.age is None else {"age": self.age})
        if not self.spoken:
            self.unread.append(
                Heard("record", "", self.id, "nothing is said of medicines, conditions or findings")
            )
        keys = {key for c in self.conditions for key, _ in c.means}
        drugs = {name for m in self.medications for name in m.drugs}
        for kind, text in self.told_again:
            for word, meanings in hinted(text):
                if not set(meanings) <= keys | drugs:
                    self.unread.append(
                        Heard(
                            "text", "", f"{kind}: {word}", "in the narrative and in no element of the record"
                        )
                    )
        return Patient(
            self.id, tuple(self.medications), tuple(self.conditions), Measurements(values, self.sex),
            tuple(self.ignored), tuple(dict.fromkeys(self.unread)),
        )  # fmt: skip


def _medication(person: Person, resource: Json, known: Known, today: date) -> None:
    status = str(resource.get("status", "unknown"))
    concepts = medications_of(resource, known)
    words = [w for concept in concepts for w in phrases(concept)]
    if words and all(re.fullmatch(record_aids()["harmless"]["vaccines"], w, re.I) for w in words):
        return
    readings = [r for concept in concepts for r in medicines_of(concept)]
    name = words[:1] or ["-"]
    for dosage in (*as_list(resource.get("dosage")), *as_list(resource.get("dosageInstruction"))):
        # what stands in the words of a dose beside the dose ("with his lithium")
        part = as_dict(dosage)
        advice = [w for a in as_list(part.get("additionalInstruction")) for w in phrases(as_dict(a))]
        for text in (part.get("text"), part.get("patientInstruction"), *advice):
            readings += read_list(f"{name[0]}\n{text or ''}")[len(read_list(name[0])) :]
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


def _condition(person: Person, resource: Json, known: Known, today: date) -> None:
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
    told = [*coded, *said_of, *(c for code in bare for c in said(code, days_ago=days, who=who))]
    return told if days is None else [_over(c, days) for c in told]


def _over(condition: Condition, days: float) -> Condition:
    """What is only so for a time, such as a pregnancy, is denied once it has been over for a year, and in doubt before."""
    states = reading_aids()["denial"]["states"]
    if not condition.means or any(key not in states for key, _ in condition.means):
        return condition
    long = days > record_aids()["age"]["days"]
    return replace(condition, negated=long, doubt="" if long else f"over since {days:g} d")


def _is_plain(phrase: str) -> bool:
    return re.fullmatch(record_aids()["harmless"]["phrases"].replace("\n", ""), phrase, re.I) is not None


def _procedure(person: Person, resource: Json, known: Known, today: date) -> None:
    if resource.get("status") in ("not-done", "entered-in-error"):
        person.ignored.append(f"{named(as_dict(resource.get('code')))} ({resource['status']})")
        return
    performed = day(resource.get("performedDateTime") or as_dict(resource.get("performedPeriod")).get("end"))
    days = float((today - performed).days) if performed is not None and performed <= today else None
    person.conditions += _told(as_dict(resource.get("code")), days)


def _family(person: Person, resource: Json, known: Known, today: date) -> None:
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


def _allergy(person: Person, resource: Json, known: Known, today: date) -> None:
    """An allergy to what a trial gives is for a clinician; another is understood and bears on nothing."""
    substance = named(as_dict(resource.get("code")))
    if not phrases(as_dict(resource.get("code"))):
        person.unread.append(Heard("allergy", "", substance, "to what, nobody can read"))
    if re.search(record_aids()["harmless"]["trial_substances"], substance, re.I):
        person.unread.append(Heard("allergy", "", substance, "an allergy to what a trial may give"))


def _observed(person: Person, resource: Json, known: Known, today: date) -> None:
    taken = observation(resource, today)
    person.values += taken.values
    person.conditions += taken.conditions
    person.unread += taken.unread


def _patient(person: Person, resource: Json, known: Known, today: date) -> None:
    born = day(resource.get("birthDate"))
    person.age = None if born is None else float(int((today - born).days / DAYS_A_YEAR))
    person.sex = str(resource.get("gender", ""))[:1]
    for said_so, what in (
        (resource.get("deceasedBoolean") or resource.get("deceasedDateTime"), "that the patient has died"),
        (resource.get("active") is False, "that it is out of use"),
        (resource.get("birthDate") and born is None, "a date of birth that is none"),
    ):
        if said_so:
            person.unread.append(Heard("record", "", person.id, f"the record says {what}"))


def _report(person: Person, resource: Json, known: Known, today: date) -> None:
    """A report whose results stand in the record says what they say; without them nobody can read it."""
    if not as_list(resource.get("result")):
        person.unread.append(unread_resource(resource))


def _paper(person: Person, resource: Json, known: Known, today: date) -> None:
    """Visits, bills, vaccines: what `heard_of` reads, and the items of a bill."""
    for part in map(as_dict, as_list(resource.get("item"))):
        heard_of(person, part, ITEM)
        person.unread += [Heard("note", "", f"{ITEM}: {what}", why) for what, why in left_over(part, ITEM)]


def unread_resource(resource: Json) -> Heard:
    """A resource as a whole, with the words that it is called by."""
    kind = str(resource.get("resourceType") or "a resource without a type")
    issues = [as_dict(i) for i in as_list(resource.get("issue"))]
    words = [str(i.get("diagnostics") or named(as_dict(i.get("details")))) for i in issues]
    for name in ("code", "title", "description", "category", "type"):
        words += [w for concept in concepts_in(resource.get(name)) for w in phrases(concept)][:1]
    return Heard("resource", "", f"{kind} {'; '.join(words)}".strip(), "a resource limen does not read")


def stated(resource: Json) -> set[str]:
    """What a resource calls its medicines, conditions and visits, where it holds: a bill may say it again."""
    void = {*codes(as_dict(resource.get("verificationStatus"))), resource.get("status")}
    if resource.get("resourceType") in BILLS or void & {*IGNORED, "refuted"}:
        return set()
    names = ("code", "medicationCodeableConcept", "vaccineCode", "type", "reasonCode")
    found = (c for name in names for c in concepts_in(resource.get(name)))
    return {w.casefold() for concept in found for w in phrases(concept)}


def heard_of(person: Person, resource: Json, kind: str) -> None:
    """What the concepts of a resource say beside its subject matter: reasons, kinds of visit, items of a bill.

    `told` elements are read like conditions; of `hinted` ones (names of wards, plans, vaccines) the words that name an
    illness or a medicine are named, and no other word is expected to be read.
    """
    again = person.stated if kind in BILLS else set[str]()
    for name in elements("told", kind):
        for concept in map(clinical, concepts_in(resource.get(name))):
            if concept and not (
                phrases(concept) and again.issuperset(w.casefold() for w in phrases(concept))
            ):
                person.conditions += _told(concept)
    for name in elements("hinted", kind):
        for text in texts_in(resource.get(name)):
            person.unread += [
                Heard("name", "", f"{kind} {name}: {text}", f"{word!r} in a name that is not read")
                for word, _ in hinted(text)
            ]


Reader = Callable[[Person, dict[str, Any], Known, date], None]
PAPERS = ("Appointment", "Claim", "Coverage", "ExplanationOfBenefit", "Immunization")
READERS: Mapping[str, Reader] = {
    "MedicationStatement": _medication, "MedicationRequest": _medication, "MedicationDispense": _medication,
    "MedicationAdministration": _medication, "Condition": _condition, "Procedure": _procedure, "Encounter": _paper,
    "FamilyMemberHistory": _family, "AllergyIntolerance": _allergy, "Observation": _observed, "Patient": _patient,
    "DiagnosticReport": _report, **dict.fromkeys(PAPERS, _paper),
}  # fmt: skip
