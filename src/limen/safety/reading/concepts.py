"""Parts that FHIR resources share: concepts with their codings, dates, instants, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from limen.safety import aids_of
from limen.safety.reading.codes import ICD10

Json = Mapping[str, Any]
# ICD-10 and ICD-10-CM
_ICD10_OIDS = ("2.16.840.1.113883.6.3", "2.16.840.1.113883.6.90")
_OWN_LISTS = re.compile(r"http://(terminology\.hl7\.org/CodeSystem/|hl7\.org/fhir/(?!sid/))")
_NO_WORDS = ("system", "code", "reference", "url", "id", "profile", "source", "versionId", "lastUpdated")
_TAG = re.compile(
    r"\s*\((disorder|finding|situation|procedure|event|observable entity|regime/therapy|morphologic abnormality)\)\s*$",
    re.I,
)


def record_aids() -> Mapping[str, Any]:
    """`fhir.toml`: which types, codes and units are read, and which bear on nothing."""
    return aids_of("reading", "fhir")


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def codings(concept: Json) -> list[dict[str, Any]]:
    """Every coding of a concept that is one."""
    return [c for c in as_list(concept.get("coding")) if isinstance(c, dict)]


def codes(concept: Json) -> list[str]:
    return [str(c["code"]) for c in codings(concept) if c.get("code")]


def phrases(concept: Json) -> list[str]:
    """The text and every display, without the tags of a terminology, each once."""
    said = [str(w) for w in (concept.get("text"), *(c.get("display") for c in codings(concept))) if w]
    return list({untagged(w).casefold(): untagged(w) for w in said}.values())


def clinical(concept: Json) -> Json:
    """A concept without the bare codes of HL7's own lists (kind of visit, of bill); nothing where nothing is left."""
    kept = [c for c in codings(concept) if c.get("display") or not _OWN_LISTS.match(str(c.get("system")))]
    return {**concept, "coding": kept} if kept or concept.get("text") else {}


def concepts_in(value: Any) -> Iterator[Json]:
    """Every concept inside an element, however deep; a string is one in words."""
    if isinstance(value, str):
        yield {"text": value}
    elif isinstance(value, list):
        for one in value:
            yield from concepts_in(one)
    elif isinstance(value, dict):
        if "coding" in value or isinstance(value.get("text"), str):
            yield value
        for inside in value.values():
            if isinstance(inside, list | dict) and not codings(value):
                yield from concepts_in(inside)


def texts_in(value: Any) -> Iterator[str]:
    """Every string inside an element, however deep, addresses and codes left out."""
    if isinstance(value, str):
        yield value
    for one in value if isinstance(value, list) else ():
        yield from texts_in(one)
    for name, inside in value.items() if isinstance(value, dict) else ():
        if name not in _NO_WORDS:
            yield from texts_in(inside)


def untagged(text: str) -> str:
    return _TAG.sub("", text).strip()


def is_icd10(coding: Json) -> bool:
    """Whether a coding is ICD-10, by the address or OID of its system, or by its shape where it names none."""
    system = str(coding.get("system") or "")
    if not system:
        return ICD10.fullmatch(str(coding.get("code") or "")) is not None
    return "/icd-10" in system.casefold() or system.rpartition(":")[2] in _ICD10_OIDS


def named(concept: Json) -> str:
    """What a person would call the concept."""
    return next(iter(phrases(concept)), "") or ", ".join(codes(concept)) or "without text or code"


def day(value: Any) -> date | None:
    """A FHIR date; of a year or a month alone its last possible day, so that a stop is never taken for an older one."""
    text = str(value or "")[:10]
    try:
        if len(text) == 4:
            return date(int(text), 12, 31)
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def instant(resource: Json) -> datetime | None:
    """When an observation was made, with its zone (UTC where it gives none); None where it does not say."""
    period = as_dict(resource.get("effectivePeriod"))
    given = [
        resource.get("effectiveDateTime"),
        resource.get("effectiveInstant"),
        period.get("end"),
        period.get("start"),
        resource.get("issued"),
    ]
    text = next((str(g) for g in given if g), "")
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00")) if len(text) > 10 else None
    except ValueError:
        found = None
    if found is None:
        on = day(text)
        found = datetime(on.year, on.month, on.day) if on else None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def matches(known: str, given: Iterable[str]) -> bool:
    """Whether one of the codes stands in a blank-separated list."""
    return bool(set(known.split()) & set(given))
