"""Parts of a FHIR resource that nobody reads: each is named, unless it is known to say nothing of illness or medicine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from limen.safety.reading.concepts import Json, as_dict, as_list, codings, named, phrases, record_aids

_DERIVED = ("generated", "empty")  # a narrative made from the elements, or none
_ORDINARY_REFERENCES = ("Practitioner", "Organization", "Location", "Encounter")


def aside(
    resource: Json, kinds: Collection[str], known: Mapping[str, dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """(what, why) of what a resource says beside what its reader takes: notes, modifiers, resources inside, elements."""
    if resource.get("modifierExtension"):
        yield "modifierExtension", "may change the meaning of the resource"
    for inside in map(as_dict, as_list(resource.get("contained"))):
        if str(inside.get("resourceType")) in kinds:
            yield f"{inside['resourceType']} {named(as_dict(inside.get('code')))}", "inside another resource"
    if as_dict(resource.get("text")).get("status", "generated") not in _DERIVED:
        yield "text", "a narrative that says more than the elements"
    kind = str(resource.get("resourceType"))
    if kind not in record_aids()["elements"]["read"]:
        yield from _notes(resource)
        return
    yield from left_over(resource, kind)
    for name in record_aids()["elements"]["references"].split():
        yield from _dangling(name, resource.get(name), known)


def _notes(part: Json) -> Iterator[tuple[str, str]]:
    for note in as_list(part.get("note")):
        if text := str(as_dict(note).get("text") or "").strip():
            yield text, "a note"


def left_over(part: Json, kind: str) -> Iterator[tuple[str, str]]:
    """The elements of a resource, or of a part of one, that are neither read nor known to bear on nothing."""
    yield from _notes(part)
    aids = record_aids()["elements"]
    known = {*aids["plain"].split(), *aids["references"].split(), *aids["read"][kind].split()}
    for name, value in part.items():
        if value and name not in known:
            yield f"{name} {_shown(value)}".strip(), "an element that limen does not read"


def _shown(value: Any) -> str:
    """The words of an element, as far as it has any of its own."""
    one = value[0] if isinstance(value, list) and value else value
    return " ".join(phrases(one)[:1]) if isinstance(one, dict) else str(one)


def _dangling(name: str, value: Any, known: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What is referred to and is not in the record; words alone refer to nothing that is here."""
    if isinstance(value, list):
        for one in value:
            yield from _dangling(name, one, known)
    elif isinstance(value, dict):
        target = str(value.get("reference") or "").partition("/_history")[0]
        here = target in known or target.split("/")[0].split("?")[0] in _ORDINARY_REFERENCES
        if (target and not here) or (not target and isinstance(value.get("display"), str)):
            yield f"{name} {value.get('display') or target}", "it is not in the record"
        for inside in value.values():
            if isinstance(inside, dict | list) and not codings(value):
                yield from _dangling(name, inside, known)
