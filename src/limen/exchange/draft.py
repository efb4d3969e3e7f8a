"""A draft: a protocol made from a file of somebody else's, with what it guesses, leaves to fill in and did not read."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from limen import files
from limen.errors import ProtocolErrors
from limen.protocol import Protocol, loads
from limen.protocol.paths import FieldPath, path_text
from limen.protocol.reader import parse
from limen.results import Result

Kind = Literal["guess", "fill", "unread"]
SHORT = 60  # characters of what is written on one line
QUOTED = 240  # characters of a sentence that is quoted
MEANS = {
    "guess": "guessed, or assumed where the record is silent",
    "fill": "to be filled in",
    "unread": "in the record, and in no field of the draft",
}


@dataclass(frozen=True)
class Open:
    """One thing a draft leaves open: the field, what was done about it, and the sentence of the record it came from."""

    kind: Kind
    path: FieldPath
    what: str
    said: str = ""

    @property
    def quoted(self) -> str:
        """The sentence on one line."""
        text = " ".join(self.said.split())
        return text if len(text) <= QUOTED else text[:QUOTED].rsplit(" ", 1)[0] + " ..."

    def __str__(self) -> str:
        said = " ".join(self.said.split()) if self.kind == "unread" else self.quoted
        return f"{self.what}{f' [{said}]' if said else ''}"


@dataclass
class Sheet:
    """A protocol while it is being written: its fields in the order of a protocol, and what stays open."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    opened: list[Open] = field(default_factory=list[Open])

    def guess(self, path: FieldPath, what: str, said: str = "") -> None:
        self.opened.append(Open("guess", path, what, said))

    def fill(self, path: FieldPath, what: str, said: str = "") -> None:
        self.opened.append(Open("fill", path, what, said))

    def unread(self, path: FieldPath, what: str, said: str = "") -> None:
        self.opened.append(Open("unread", path, what, said))


@dataclass(frozen=True)
class Draft(Result):
    """A protocol made from another file: its text, what it leaves open, and what `check` still asks for."""

    name: str
    source: str
    text: str
    opened: tuple[Open, ...]
    asked: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether `limen check` passes it as it is."""
        return not self.asked

    @property
    def protocol(self) -> Protocol:
        """The protocol. Raises ProtocolErrors with everything that must be filled in first."""
        return loads(self.text)

    def rows(self) -> Sequence[Mapping[str, str]]:
        return [
            {"kind": one.kind, "field": path_text(one.path), "what": one.what, "said": one.quoted}
            for one in self.opened
        ]

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "schema_version": 1, "name": self.name, "source": self.source, "complete": self.complete, "asked": list(self.asked),
            "open": list(self.rows()), "protocol": self.text,
        }  # fmt: skip

    def lines(self) -> list[str]:
        passes = "limen check passes it" if self.complete else "limen check asks for more"
        found = [f"{self.name}: a draft from {self.source}; {passes}."]
        for kind, meaning in MEANS.items():
            ones = [one for one in self.opened if one.kind == kind]
            found += [f"  {meaning}:"] if ones else []
            found += [f"    {path_text(one.path) or 'record'}: {one}" for one in ones]
        if self.asked:
            found += ["  limen check asks:", *(f"    {text}" for text in self.asked)]
        return found

    def save(self, folder: Path | str, force: bool = False) -> Path:
        """Write the protocol as NAME.yaml. Raises OutputError where it cannot be, or is there and `force` is off."""
        return files.write_text(Path(folder) / f"{self.name}.yaml", self.text, force)


def drafted(name: str, source: str, head: Sequence[str], sheet: Sheet) -> Draft:
    """The draft of a sheet: its YAML under `head` as comments, every open thing a comment above its field."""
    text = _text(head, sheet)
    try:
        loads(text)
        asked: list[str] = []
    except ProtocolErrors as errors:
        asked = [
            f"{e.where.field or 'protocol'}: {e.what}{f'; {e.remedy}' if e.remedy else ''}"
            for e in errors.errors
        ]
    return Draft(name, source, text, tuple(sheet.opened), tuple(asked))


def _flowing(value: Any) -> Any:
    """The same for the writer, short lists and mappings of plain values on one line."""
    if isinstance(value, dict):
        inner = CommentedMap((name, _flowing(one)) for name, one in cast("dict[str, Any]", value).items())
        held: list[Any] = [*inner.values()]  # pyright: ignore[reportUnknownMemberType]
    elif isinstance(value, list):
        inner = CommentedSeq(_flowing(one) for one in cast("list[Any]", value))
        held = [*inner]
    else:
        return value
    if not any(isinstance(one, dict | list) for one in held) and len(str(held)) < SHORT:
        inner.fa.set_flow_style()  # pyright: ignore[reportUnknownMemberType]
    return inner


def _text(head: Sequence[str], sheet: Sheet) -> str:
    writer = YAML()
    writer.width = 110
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(_flowing(sheet.fields), stream)  # pyright: ignore[reportUnknownMemberType]
    lines = stream.getvalue().splitlines()
    _, source = parse(stream.getvalue(), None)
    above: dict[int, list[str]] = {}
    for one in sheet.opened:
        missing = f"{path_text(one.path)}: " if one.path and one.path not in source.lines else ""
        above.setdefault(source.place(one.path).line or 1, []).append(f"# {one.kind}: {missing}{one}")
    told = [f"# {line}" for line in head]
    for number, line in enumerate(lines, 1):
        told += [" " * (len(line) - len(line.lstrip())) + said for said in above.get(number, ())]
        told.append(line)
    return "\n".join(told) + "\n"
