"""Medicines of a FHIR record: which concept a resource means, its ingredients, and the medicines that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limen.errors import DataError
from limen.safety.reading.concepts import Json, as_dict, as_list, codings
from limen.safety.reading.drugs import by_atc
from limen.safety.reading.names import Medicine, read_list
from limen.safety.reading.spelling import Meaning, vocabulary

_ATC = ("http://www.whocc.no/atc", "http://fhir.de/CodeSystem/bfarm/atc", "urn:oid:2.16.840.1.113883.6.73")


def medications_of(resource: Json, known: Mapping[str, dict[str, Any]]) -> list[Json]:
    """Every concept of the medication: inline, contained, of another resource, and those of its ingredients.

    One that is referred to and is not in the record is a concept in the words of the reference, or without any.
    """
    if "medication" in resource:
        raise DataError("this is FHIR R5 (`medication`)", remedy="export it as R4")
    inline, reference = (
        as_dict(resource.get(f"medication{how}")) for how in ("CodeableConcept", "Reference")
    )
    name = str(reference.get("reference", "")).partition("/_history")[0]
    inside = {f"#{c.get('id')}": c for c in as_list(resource.get("contained")) if isinstance(c, dict)}
    medication = as_dict(inside.get(name) or known.get(name))
    parts: list[Json] = []
    for part in map(as_dict, as_list(medication.get("ingredient"))):
        target = str(as_dict(part.get("itemReference")).get("reference", ""))
        parts.append(
            as_dict(part.get("itemCodeableConcept"))
            or as_dict(as_dict(inside.get(target) or known.get(target)).get("code"))
        )
    code = as_dict(medication.get("code")) or (
        {"text": reference["display"]} if reference.get("display") else {}
    )
    named = [concept for concept in (inline, code) if concept]
    lost = [{}] if (reference and not (code or parts)) or not (named or parts) else []
    return [*named, *parts, *lost]


def _of_atc(code: str) -> tuple[str, ...]:
    """The drugs a seven-character ATC code means; none where the dictionary has no row for it."""
    code = code.strip().upper()
    return (by_atc()[code].name,) if code in by_atc() else tuple(vocabulary()["other_atc"].get(code, ()))


def medicines_of(concept: Json) -> tuple[Medicine, ...]:
    """By text, ATC code or display. A code of a system limen does not ship, without words, stays unread."""
    given = codings(concept)
    coded = [
        Medicine(f"ATC {c['code']}", Meaning(names, "ATC code", 1.0))
        for c in given
        if str(c.get("system", "")).rstrip("/") in _ATC and (names := _of_atc(str(c.get("code", ""))))
    ]
    words = [str(w) for w in (concept.get("text"), *(c.get("display") for c in given)) if w]
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
    # a code beside words may say another thing, unless the record itself shows what it says
    bare = [
        c for c in given if not c.get("display") and f"ATC {c.get('code')}" not in {m.text for m in coded}
    ]
    systems = ", ".join(f"{c.get('system', 'no system')} {c.get('code', '')}".strip() for c in bare)
    if not systems and (coded or said):
        return (*coded, *said)
    how = "code not shipped" if systems else "unrecognised"
    return (*coded, *said, Medicine(systems or "medication without code or text", Meaning((), how, 0.0)))
