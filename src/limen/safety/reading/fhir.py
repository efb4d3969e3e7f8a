"""Patients of FHIR R4: a Bundle, lines of resources (ndjson) or one resource; whatever is not read is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.heard import Heard
from limen.safety.reading.concepts import Json, as_dict, as_list, record_aids
from limen.safety.reading.elements import aside, labels, left_over, narrative
from limen.safety.reading.lines import LARGEST_JSON, opened
from limen.safety.reading.patient import Patient
from limen.safety.reading.resources import PAPERS, READERS, Person, heard_of, stated, unread_resource
from limen.units import number_of

DEPTH = 20  # Bundles inside Bundles


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
        return _strict(text)
    except json.JSONDecodeError as error:
        rows = [line for line in text.splitlines() if line.strip()]
        if not error.msg.startswith("Extra data") or len(rows) < 2:
            raise
        return {"resourceType": "Bundle", "entry": [{"resource": _strict(row)} for row in rows]}


def _strict(text: str) -> Any:
    """JSON in which no name is given twice: of two `code` in one object only the last would be read."""

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            name = next(name for n, (name, _) in enumerate(pairs) if name in dict(pairs[:n]))
            raise DataError(f"{name!r} is given twice in one object", remedy="keep one of them")
        return found

    return json.loads(text, object_pairs_hook=whole)


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
    persons: dict[str, Person] = {who: Person(who) for who in named_people}
    for resource in resources:
        if who := _who(resource, known) or next(iter(persons), ""):
            persons[who].stated |= stated(resource)
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
    unread += [Heard("note", "", f"Bundle: {what}", why) for what, why in labels(found)]
    for part, kind in ((found, "Bundle"), *((as_dict(entry), "entry") for entry in entries)):
        unread += [Heard("note", "", f"{kind}: {what}", why) for what, why in left_over(part, kind)]
    if found.get("type") == "history":
        unread.append(Heard("record", "", "history", "former versions stand beside those that hold"))
    for link in as_list(found.get("link")):
        if as_dict(link).get("relation") == "next":
            unread.append(Heard("page", "", "next page", "the Bundle goes on elsewhere: fetch every page"))
    total = found.get("total")
    if isinstance(total, int) and total > len(entries):
        unread.append(
            Heard(
                "page",
                "",
                f"{number_of(total - len(entries), 'entry', 'entries')}",
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
        if not resource or as_dict(as_dict(entry).get("request")).get("method") == "DELETE":
            why = "it asks to delete" if resource else "nothing is in it"
            unread.append(Heard("entry", "", address or "an entry of the Bundle", why))


def _read(
    resource: dict[str, Any], persons: dict[str, Person], known: Mapping[str, dict[str, Any]], today: date
) -> None:
    """One resource into the person it speaks of."""
    kind = str(resource.get("resourceType"))
    who = _who(resource, known)
    if kind in (*record_aids()["harmless"]["types"].split(), "Medication") or (kind == "Patient" and not who):
        return
    if not who and len(persons) > 1:
        if kind in READERS and kind not in PAPERS:
            raise DataError(f"a {kind} names no subject, and the Bundle has several patients")
        for each in persons.values():
            each.unread.append(unread_resource(resource))
        return
    person = persons.setdefault(who or next(iter(persons), ""), Person(who))
    person.spoken |= kind not in ("Patient", "Encounter", *PAPERS)
    person.unread += [
        Heard("note", "", f"{kind}: {what}", why) for what, why in aside(resource, READERS, known)
    ]
    if kind not in READERS:
        person.unread.append(unread_resource(resource))
        return
    person.told_again.append((kind, narrative(resource)))
    heard_of(person, resource, kind)
    READERS[kind](person, resource, known, today)


def _who(resource: Json, known: Mapping[str, dict[str, Any]]) -> str:
    if resource.get("resourceType") == "Patient":
        return str(resource.get("id", ""))
    actors = (as_dict(as_dict(p).get("actor")) for p in as_list(resource.get("participant")))
    patients = (a for a in actors if "Patient/" in str(a.get("reference")))
    subject = next(
        (found for name in ("subject", "patient", "beneficiary") if (found := as_dict(resource.get(name)))),
        next(patients, {}) if resource.get("resourceType") == "Appointment" else {},
    )
    reference = str(subject.get("reference", "")).partition("/_history")[0]
    return str(known[reference].get("id", "")) if reference in known else reference.rpartition("/")[2]
