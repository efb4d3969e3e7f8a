"""Reading a protocol, with all its mistakes at once; its JSON Schema; its digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path as File
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from limen.errors import ProtocolError, ProtocolErrors
from limen.protocol.fields import Mistake
from limen.protocol.model import Protocol
from limen.protocol.paths import Path, fields_at, shown
from limen.protocol.reader import START, Source, decode, parse
from limen.protocol.sense import meant, mistakes, nearest

SCHEMA_ID = "https://limen.science/protocol.schema.json"


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
        if None not in broken and not any(
            detail["type"] == "mistakes" and not detail["loc"] for detail in error.errors()
        ):
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
    return mistakes(SimpleNamespace(**parts), frozenset(parts))


def _explained(details: list[ErrorDetails], data: dict[str, Any]) -> list[Mistake]:
    """Validation errors in the words of a protocol."""
    extras = [detail for detail in details if detail["type"] == "extra_forbidden"]
    taken = {(detail["loc"][:-1], near) for detail in extras for near in _suggested(detail["loc"])}
    found: list[Mistake] = []
    for detail in details:
        loc, kind = detail["loc"], detail["type"]
        if kind == "missing" and (loc[:-1], loc[-1]) in taken:
            continue  # the misspelt field is reported; it is not also missing
        if kind == "mistakes":
            found += [Mistake((*loc, *m.path), m.what, m.remedy) for m in detail.get("ctx", {})["mistakes"]]
        else:
            found.append(_one(detail))
    return [Mistake(_present(mistake.path, data), mistake.what, mistake.remedy) for mistake in found]


def _suggested(loc: Path) -> list[str]:
    return nearest(str(loc[-1]), fields_at(Protocol, loc[:-1]))


def _one(detail: ErrorDetails) -> Mistake:
    loc, kind, value = detail["loc"], detail["type"], detail["input"]
    context = detail.get("ctx", {})
    if kind == "extra_forbidden":
        return Mistake(
            loc,
            f"there is no field {str(loc[-1])[:80]!r}",
            meant(str(loc[-1]), fields_at(Protocol, loc[:-1])),
        )
    if kind == "missing":
        return Mistake(loc, f"the field {str(loc[-1])!r} is missing", _how(loc))
    if kind == "literal_error":
        choices = [text.strip("'") for text in str(context["expected"]).replace(" or ", ", ").split(", ")]
        near = nearest(value, choices) if isinstance(value, str) else []
        hint = f"did you mean {near[0]!r}? " if near else ""
        return Mistake(
            loc, f"{_brief(value)} is not one of the choices", f"{hint}choices are: {', '.join(choices)}"
        )
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Mistake(loc, f"expected fields, not {_brief(value)}", _how((*loc, "")))
    if kind == "string_type":
        return Mistake(loc, f"expected text, not {_brief(value)}", "put it in quotes")
    if kind == "string_pattern_mismatch":
        return Mistake(
            loc, f"{_brief(value)} is not an ISO 3166 code", "write NZ, or AU-NSW for a subdivision"
        )
    message = str(detail["msg"]).removeprefix("Input ").removeprefix("should be ")
    return Mistake(loc, f"{_brief(value)} should be {message[0].lower()}{message[1:]}")


def _how(loc: Path) -> str | None:
    """The description of a field, or the fields of the part it would be."""
    fields = fields_at(Protocol, loc[:-1])
    return f"fields here: {', '.join(fields)}" if fields else None


def _brief(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _present(path: Path, data: Any) -> Path:
    """The path without inner names that limen gives to a short form (`dose: 20 ug` is a whole dose)."""
    for depth, step in enumerate(path):
        if isinstance(data, dict) and (step in data or depth == len(path) - 1):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return path[:depth]
    return path


def _placed(found: list[Mistake], source: Source) -> list[ProtocolError]:
    unique = dict.fromkeys((mistake.path, mistake.what, mistake.remedy) for mistake in found)
    errors = [ProtocolError(what, source.place(path), remedy) for path, what, remedy in unique]
    return sorted(errors, key=lambda error: (error.where.line or 0, error.where.field or ""))


__all__ = ["digest", "json_schema", "load", "loads", "shown"]
