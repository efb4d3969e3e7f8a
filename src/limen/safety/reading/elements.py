"""Parts of a FHIR resource that nobody reads: each is named, unless it is known to say nothing of illness or medicine."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from limen.safety.reading.concepts import (
    Json,
    as_dict,
    as_list,
    codes,
    codings,
    named,
    phrases,
    record_aids,
    texts_in,
)
from limen.safety.reading.items import NAMED, items
from limen.safety.reading.names import written_exactly
from limen.safety.reading.words import fold

_DERIVED = ("generated", "empty")  # a narrative made from the elements, or none
_NAME = re.compile(r"[^\W\d_]{4,}")
_MARKUP = re.compile(r"<[^>]*>")


def aside(
    resource: Json, kinds: Collection[str], known: Mapping[str, dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """(what, why) of what a resource says beside what its reader takes: notes, modifiers, resources inside, elements."""
    kind, aids = str(resource.get("resourceType")), record_aids()["elements"]
    if resource.get("modifierExtension"):
        yield "modifierExtension", "may change the meaning of the resource"
    inside = [c for c in as_list(resource.get("contained")) if isinstance(c, dict)]
    for one in inside:
        yield from _inside(one, kinds, str(resource))
    if as_dict(resource.get("text")).get("status", "generated") not in _DERIVED:
        yield "text", "a narrative that says more than the elements"
    yield from labels(resource)
    if kind not in aids["read"]:
        yield from _notes(resource)
        return
    yield from left_over(resource, kind)
    here = ChainMap({f"#{c.get('id')}": c for c in inside}, dict(known))
    for name in aids["references"].split():
        yield from _dangling(name, resource.get(name), here)


def _inside(resource: Json, kinds: Collection[str], whole: str) -> Iterator[tuple[str, str]]:
    """A resource inside another, unless it is a medication that the other refers to, or says nothing but who pays."""
    kind = str(resource.get("resourceType"))
    payers = {str(as_dict(p).get("display")) for p in as_list(resource.get("payor"))}
    says = {w for concept in (resource.get("code"), resource.get("type")) for w in phrases(as_dict(concept))}
    if kind == "Medication" and f"'#{resource.get('id')}'" in whole:
        return
    if (kind in kinds and kind != "Coverage") or says - payers or list(left_over(resource, "contained")):
        yield f"{kind} {named(as_dict(resource.get('code')))}", "inside another resource"


def labels(resource: Json) -> Iterator[tuple[str, str]]:
    """Labels that say that the record was cut, or that it holds what only few may see."""
    meta, aids = as_dict(resource.get("meta")), record_aids()["labels"]
    for name, plain in (("security", aids["plain"].split()), ("tag", None)):
        for code in codes({"coding": meta.get(name)}):
            if code not in plain if plain is not None else code in aids["cut"].split():
                yield f"meta {name} {code}", "a label: the record may be cut or hold what is kept apart"


def narrative(resource: Json) -> str:
    """The words of a narrative that is made from the elements."""
    text = as_dict(resource.get("text"))
    return _MARKUP.sub(" ", str(text.get("div") or "")) if text.get("status", "generated") in _DERIVED else ""


def hinted(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Words of a name that name a condition or a medicine, each with what it means; other words are not looked at."""
    for item in items(fold(text)):
        if item.kind == NAMED:
            yield item.text, tuple(key for key, _ in item.means)
    for found in re.finditer(record_aids()["elements"]["hinted"]["words"], text, re.I):
        yield found[0], (found[0],)
    for word in _NAME.findall(text):
        if (named_so := written_exactly(word)) and named_so.drugs:
            yield word, named_so.drugs


def elements(table: str, kind: str) -> list[str]:
    """The elements of a kind in one of the tables `read`, `told` and `hinted`; `all` holds for every kind."""
    listed = record_aids()["elements"][table]
    return [*listed.get("all", "").split(), *listed.get(kind, "").split()]


def _notes(part: Json) -> Iterator[tuple[str, str]]:
    for note in as_list(part.get("note")):
        if text := str(as_dict(note).get("text") or "").strip():
            yield text, "a note"


def left_over(part: Json, kind: str) -> Iterator[tuple[str, str]]:
    """The elements of a resource, or of a part of one, that are neither read nor known to bear on nothing."""
    yield from _notes(part)
    aids = record_aids()["elements"]
    known = {*aids["plain"].split(), *aids["references"].split()}
    known.update(name for table in ("read", "told", "hinted") for name in elements(table, kind))
    for name, value in part.items():
        extended = (
            value if name == "extension" else as_dict(value).get("extension") if name[:1] == "_" else None
        )
        urls = [str(as_dict(e).get("url")).rpartition("/")[2] for e in as_list(extended)]
        if urls and set(urls) <= set(aids["extensions"].split()):
            continue
        if value and name not in known:
            yield f"{name} {_shown(value)}".strip(), "an element that limen does not read"


def _shown(value: Any) -> str:
    """The words of an element, as far as it has any of its own."""
    one = value[0] if isinstance(value, list) and value else value
    if isinstance(one, dict):
        return " ".join(phrases(one)[:1] or list(texts_in(one))[:1])
    return str(one)


def _dangling(name: str, value: Any, known: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """What is referred to and is not in the record; words alone refer to nothing that is here."""
    if isinstance(value, list):
        for one in value:
            yield from _dangling(name, one, known)
    elif isinstance(value, dict):
        target = str(value.get("reference") or "").partition("/_history")[0]
        ordinary = record_aids()["elements"]["ordinary"].split()
        here = target in known or target.split("/")[0].split("?")[0] in ordinary
        if (target and not here) or (not target and isinstance(value.get("display"), str)):
            yield f"{name} {value.get('display') or target}", "it is not in the record"
        for inside in value.values():
            if isinstance(inside, dict | list) and not codings(value):
                yield from _dangling(name, inside, known)
