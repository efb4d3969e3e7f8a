"""Reading a protocol, with all its mistakes at once; its JSON Schema; its digest."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path as File
from types import SimpleNamespace
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from limen.errors import ProtocolError, ProtocolErrors
from limen.protocol.doses import unrecorded
from limen.protocol.fields import Mistake, abridged, meant, nearest, no_choice
from limen.protocol.model import Protocol
from limen.protocol.paths import FieldPath, described, fields_at
from limen.protocol.reader import START, Source, decode, parse
from limen.protocol.sense import mistakes

MAX_SHOWN = 100


def load(path: File | str) -> Protocol:
    """Read a protocol file. Raises ProtocolErrors naming every mistake by file, line and field."""
    file = File(path)
    return loads(decode(file), file)


def loads(text: str, file: File | str | None = None) -> Protocol:
    """Read a protocol from text; `file` is only named in messages. Raises ProtocolErrors, all at once."""
    data, source = parse(text, file)
    if data.get("limen") != 1 or isinstance(data["limen"], bool | float):
        found = f"limen: {data['limen']!r}" if "limen" in data else "no version key"
        raise ProtocolErrors(
            [ProtocolError(f"{found}; this limen reads version 1", source.place(("limen",)), START)]
        )
    try:
        return Protocol.model_validate(data)
    except ValidationError as error:
        found = _explained(error.errors(include_url=False), data)
        broken = {step.path[0] for step in found if step.path}
        if not any(detail["type"] == "mistakes" and not detail["loc"] for detail in error.errors()):
            found += _between(data, broken)
        raise ProtocolErrors(_placed(found, source)) from None


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a protocol file, for editors."""
    schema = Protocol.model_json_schema(mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "limen protocol, version 1"}
    return head | {key: value for key, value in schema.items() if key != "title"}


def digest(protocol: Protocol) -> str:
    """SHA-256 (hex) of the protocol's canonical JSON: sorted keys, defaults filled in, no white space."""
    plain = protocol.model_dump(mode="json")
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _between(data: dict[str, Any], broken: set[Any]) -> list[Mistake]:
    """Mistakes between the parts that are themselves right, when some other part is wrong."""
    parts: dict[str, Any] = {}
    for name, field in Protocol.model_fields.items():
        if name in broken:
            continue
        try:
            if name in data:
                parts[name] = TypeAdapter(field.rebuild_annotation()).validate_python(data[name])
            elif not field.is_required():
                parts[name] = field.get_default(call_default_factory=True)
        except ValidationError:
            continue
    return mistakes(_Parts(**parts), frozenset(parts))


class _Parts(SimpleNamespace):
    """The parts of a protocol that are right, with what a protocol derives from its parts."""

    def __getattr__(self, name: str) -> Any:
        derived = vars(Protocol).get(name)
        if isinstance(derived, property) and derived.fget is not None:
            return derived.fget(self)
        raise AttributeError(name)


def _explained(details: list[ErrorDetails], data: dict[str, Any]) -> list[Mistake]:
    """Validation errors in the words of a protocol."""
    extras = [detail for detail in details if detail["type"] == "extra_forbidden"]
    taken = {(detail["loc"][:-1], near) for detail in extras for near in _suggested(detail["loc"])}
    found: list[Mistake] = []
    for detail in details:
        loc, kind = detail["loc"], detail["type"]
        if unrecorded(data.get("compound")) and loc[0] == "arms" and loc[-1] in ("form", "route"):
            continue  # of a drug without a record there is no form to name
        if kind == "too_short" and any(other["loc"][: len(loc)] == loc != other["loc"] for other in details):
            continue  # its items are there, and what is wrong with them is said
        if kind == "missing" and (loc[:-1], loc[-1]) in taken:
            continue  # the misspelt field is reported; it is not also missing
        if kind == "mistakes":
            found += [Mistake((*loc, *m.path), m.what, m.remedy) for m in detail.get("ctx", {})["mistakes"]]
        else:
            found.append(_one(detail))
    return [Mistake(_present(mistake.path, data), mistake.what, mistake.remedy) for mistake in found]


def _suggested(loc: FieldPath) -> list[str]:
    return nearest(str(loc[-1]), fields_at(Protocol, loc[:-1]))


def _one(detail: ErrorDetails) -> Mistake:
    loc, kind, value = detail["loc"], detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(loc[-1])
        if value is None and " " in name:
            return Mistake(loc, f"there is no field {name[:80]!a}", IN_QUOTES)
        return Mistake(loc, f"there is no field {name[:80]!a}", meant(name, fields_at(Protocol, loc[:-1])))
    if kind == "missing":
        return Mistake(loc, f"the field {str(loc[-1])!r} is missing", described(Protocol, loc))
    if kind == "literal_error":
        text = str(context["expected"])
        said = no_choice(value, re.findall(r"'([^']*)'", text) or [text])
        return Mistake(loc, said.what, said.remedy)
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        bound = f"at least {least}" if kind == "too_short" else f"at most {most}"
        return Mistake(
            loc, f"{context['actual_length'] or 'no'} items where {bound} belong", described(Protocol, loc)
        )
    if kind == "string_pattern_mismatch":
        return Mistake(
            loc, f"{abridged(value)} is not an ISO 3166 code", "write NZ, or AU-NSW for a subdivision"
        )
    if kind in EXPECTED:
        what, remedy = EXPECTED[kind]
        return Mistake(loc, f"expected {what}, not {abridged(value)}", remedy or described(Protocol, loc))
    message = str(detail["msg"]).removeprefix("Input ").removeprefix("should be ")
    return Mistake(
        loc, f"{abridged(value)} should be {message[0].lower()}{message[1:]}", described(Protocol, loc)
    )


IN_QUOTES = "inside { } a comma ends a text: put the whole text in quotes"
# What limen says for the validator's words for a wrong kind of value.
EXPECTED: dict[str, tuple[str, str | None]] = {
    "model_type": ("fields", None),
    "model_attributes_type": ("fields", None),
    "dict_type": ("fields", None),
    "tuple_type": ("a list", "write it as [first, second]"),
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", "write digits only, such as 20"),
    "float_type": ("a number", "write it without a unit, such as 0.9"),
    "bool_type": ("true or false", None),
    "finite_number": ("a finite number", None),
}


def _present(path: FieldPath, data: Any) -> FieldPath:
    """The path without inner names that limen gives to a short form (`dose: 20 ug` is a whole dose)."""
    for depth, step in enumerate(path):
        named = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        listed = cast("list[Any]", data) if isinstance(data, list) else []
        if named and (step in named or depth == len(path) - 1):
            data = named.get(str(step))
        elif isinstance(step, int) and step < len(listed):
            data = listed[step]
        else:
            return path[:depth]
    return path


def _placed(found: list[Mistake], source: Source) -> list[ProtocolError]:
    unique = dict.fromkeys((mistake.path, mistake.what, mistake.remedy) for mistake in found)
    errors = [ProtocolError(what, source.place(path), remedy) for path, what, remedy in unique]
    errors.sort(key=lambda error: (error.where.line or 0, error.where.field or ""))
    if len(errors) > MAX_SHOWN:
        rest = len(errors) - MAX_SHOWN
        errors[MAX_SHOWN:] = [
            ProtocolError(f"and {rest} more mistakes", source.place(()), "mend these first")
        ]
    return errors


__all__ = ["digest", "json_schema", "load", "loads"]
