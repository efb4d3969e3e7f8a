"""Fields of a protocol that USDM has no place for: named extension attributes beside what it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, unquote

from limen.protocol.paths import FieldPath, path_text

ADDRESS = "urn:limen:protocol:1/"
LISTED = ("arms", "outcomes")  # each of these is an object of its own, and its fields stand on it


@dataclass(frozen=True)
class Beside:
    """One field: where it is in the protocol, its value (None: not there), and what the places of USDM say instead."""

    path: FieldPath
    value: Any
    instead_of: Any

    @property
    def named(self) -> str:
        return path_text(self.path)

    @property
    def inner(self) -> FieldPath:
        """The path within the object it stands on."""
        return self.path[2:] if self.path[0] in LISTED and len(self.path) > 1 else self.path


def compared(want: Mapping[str, Any], have: Mapping[str, Any], guessed: Sequence[FieldPath]) -> list[Beside]:
    """The fields of a protocol that differ from what is read of its USDM, and those that were read by a guess."""
    found = list(_differing(want, have, ()))
    for path in guessed:
        value = _at(want, path)
        known = any(one.path[: len(path)] == path or path[: len(one.path)] == one.path for one in found)
        if value is not None and not known:
            found.append(Beside(path, value, _at(have, path)))
    return found


def _at(fields: Any, path: FieldPath) -> Any:
    for step in path:
        if isinstance(fields, dict):
            fields = cast("dict[str | int, Any]", fields).get(step)
        elif isinstance(fields, list) and isinstance(step, int) and step < len(cast("list[Any]", fields)):
            fields = cast("list[Any]", fields)[step]
        else:
            return None
    return fields


def _differing(want: Any, have: Any, path: FieldPath) -> Iterator[Beside]:
    if isinstance(want, dict) and isinstance(have, dict):
        wanted, held = cast("dict[str, Any]", want), cast("dict[str, Any]", have)
        for name in (*wanted, *(name for name in held if name not in wanted)):
            if name not in wanted:
                yield Beside((*path, name), None, held[name])
            elif name not in held:
                yield Beside((*path, name), wanted[name], None)
            else:
                yield from _differing(wanted[name], held[name], (*path, name))
        return
    if path and path[-1] in LISTED and isinstance(want, list) and isinstance(have, list):
        wants, haves = cast("list[Any]", want), cast("list[Any]", have)
        if len(wants) == len(haves):
            for number, (one, other) in enumerate(zip(wants, haves, strict=True)):
                yield from _differing(one, other, (*path, number))
            return
    if want != have or isinstance(want, bool) != isinstance(have, bool):
        yield Beside(path, want, have)


def attached(content: dict[str, Any], beside: Sequence[Beside], new: Callable[..., dict[str, Any]]) -> None:
    """Write the fields as extension attributes of the arm, the endpoint or the design they belong to."""
    design = content["study"]["versions"][0]["studyDesigns"][0]
    ends = [end for objective in design["objectives"] for end in objective["endpoints"]]
    homes = {"arms": design["arms"], "outcomes": ends}
    for one in beside:
        part, number, *_ = (*one.path, None)
        home = homes[str(part)][number] if part in LISTED and isinstance(number, int) else design
        said = {"value": one.value} | ({} if one.instead_of is None else {"instead_of": one.instead_of})
        address = ADDRESS + "/".join(quote(str(step), safe="") for step in one.inner)
        home["extensionAttributes"].append(
            new(
                "ExtensionAttribute",
                url=address,
                valueString=json.dumps(said, ensure_ascii=False, sort_keys=True),
            )
        )


def put_back(fields: dict[str, Any], address: str, text: str) -> tuple[FieldPath, bool] | None:
    """Write one extension attribute into the fields of the object it stands on; its path, and whether it was: not where the
    place in USDM has been changed since. None for an address or value that is not limen's."""
    if not address.startswith(ADDRESS):
        return None
    path = tuple(unquote(step) for step in address.removeprefix(ADDRESS).split("/"))
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or "value" not in said or not all(path):
        return None
    said = cast("dict[str, Any]", said)
    part = fields
    for step in path[:-1]:
        inner = part.setdefault(step, {})
        if not isinstance(inner, dict):
            return path, False
        part = cast("dict[str, Any]", inner)
    if part.get(path[-1]) != said.get("instead_of"):
        return path, False
    if said["value"] is None:
        part.pop(path[-1], None)
    else:
        part[path[-1]] = said["value"]
    return path, True
