"""The protocol file, field by field: from the schema that checks it, the examples that use it, and what each changes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from limen.protocol import examples, json_schema

CHANGES = Path(__file__).parent / "fields.toml"
INTRO = """# The protocol file, field by field

Written when the site is built, from the schema that `limen check` holds a protocol to; the examples of values are from
the protocols that limen ships. Your editor can tell you the same while you write: `limen check --schema`.

A field marked *required* must be there. Everything else has a default, and where the default is an assumption the
dossier says so. What your source does not say goes under `left_open`, in words.
"""
HEADINGS = {
    "": "The file",
    "Arm": "An arm",
    "Dose": "A dose",
    "Entry": "Who is let in",
    "Outcome": "An outcome",
}


def protocol_page() -> str:
    """The page as MyST."""
    schema, said = json_schema(), tomllib.loads(CHANGES.read_text(encoding="utf-8"))
    used = list(_used())
    lines = [INTRO]
    for part, described in parts(schema):
        name = HEADINGS.get(part, part)
        lines += [f"## {name}", "", " ".join(str(described.get("description", "")).split()), ""]
        for field, value in described.get("properties", {}).items():
            path = f"{part}.{field}" if part else field
            lines += _field(field, value, field in described.get("required", ()), said.get(path, ""))
            lines += _example(field, path, used, schema)
    return "\n".join(lines) + "\n"


def parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The file itself (``""``) and its parts, in the order in which they are met."""
    met = [("", schema)]
    for part, described in met:
        yield part, described
        for name in _referred(described.get("properties", {})):
            if all(name != known for known, _ in met):
                met.append((name, schema["$defs"][name]))


def unsaid(schema: Mapping[str, Any], said: Mapping[str, str]) -> list[str]:
    """Fields of which neither the schema nor the table of what they change says a word."""
    return [
        f"{part}.{field}" if part else field
        for part, described in parts(schema)
        for field, value in described.get("properties", {}).items()
        if not value.get("description") and not said.get(f"{part}.{field}" if part else field)
    ]


def _referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rsplit("/", 1)[-1]
        for inner in value.values():
            yield from _referred(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _referred(inner)


def _field(name: str, value: Mapping[str, Any], required: bool, changes: str) -> list[str]:
    default = value.get("default")
    tail = (
        "required" if required else f"otherwise {default}" if isinstance(default, str | int | float) else ""
    )
    what = " ".join(str(value.get("description", "")).split())
    text = ". ".join(one[:1].upper() + one[1:].rstrip(".") for one in (what, changes) if one)
    return [f"`{name}` ({'; '.join(x for x in (_kind(value), tail) if x)})", f": {_escaped(text)}.", ""]


def _kind(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        return f"see {value['$ref'].rsplit('/', 1)[-1]}"
    if "enum" in value:
        return "one of: " + ", ".join(map(str, value["enum"]))
    if "const" in value:
        return f"always {value['const']}"
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(one) for one in value["anyOf"] if one.get("type") != "null"))
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}".replace("of see", "of:") if "items" in value else "a pair"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
            "object": "names to values"}.get(value.get("type", ""), "as below")  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("<", "\\<").replace("*", "\\*")


def _used() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file in sorted(examples().glob("*.yaml")):
        yield file.stem, YAML(typ="safe").load(file.read_text(encoding="utf-8"))


def _example(
    field: str, path: str, used: list[tuple[str, Mapping[str, Any]]], schema: Mapping[str, Any]
) -> list[str]:
    """The first use of a field in a shipped protocol, where it is short enough to be read at once."""
    part = path.split(".")[0] if "." in path else ""
    for name, protocol in used:
        for holder in _holders(protocol, part, schema):
            if field in holder:
                text = StringIO()
                yaml = YAML()
                yaml.default_flow_style = None if isinstance(holder[field], dict | list) else False
                yaml.width = 90
                yaml.dump({field: holder[field]}, text)
                if text.getvalue().count("\n") <= 4:
                    return ["  ```yaml", *(f"  {row}" for row in text.getvalue().splitlines()),
                            f"  # {name}", "  ```", ""]  # fmt: skip
    return []


def _holders(
    protocol: Mapping[str, Any], part: str, schema: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The mappings of a protocol that are a part of this kind: a part is known by the field that refers to it."""
    if not part:
        yield protocol
        return
    for name, value in schema["properties"].items():
        if part in set(_referred(value)) and name in protocol:
            held = protocol[name]
            yield from (one for one in (held if isinstance(held, list) else [held]) if isinstance(one, dict))
    for owner, described in schema["$defs"].items():
        for name, value in described.get("properties", {}).items():
            if part in set(_referred(value)) and owner != part:
                for holder in _holders(protocol, owner, schema):
                    held = holder.get(name)
                    yield from (
                        x for x in (held if isinstance(held, list) else [held]) if isinstance(x, dict)
                    )
