"""A protocol as USDM (CDISC's Unified Study Definitions Model, version 4): what it has a place for stands there, the rest in
extension attributes named after limen's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limen import files
from limen.exchange.beside import attached, compared
from limen.exchange.node import Node
from limen.exchange.objects import Objects
from limen.exchange.read_usdm import fields_of
from limen.exchange.usdm_study import write_study
from limen.protocol import Protocol
from limen.results import Result

VERSION = "4.0.0"


@dataclass(frozen=True)
class Usdm(Result):
    """A protocol as a USDM document, and the fields it holds beside what USDM has a place for."""

    name: str
    content: dict[str, Any]
    beside: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The USDM document itself."""
        return self.content

    def rows(self) -> Sequence[Mapping[str, str]]:
        return [{"field": name} for name in self.beside]

    def lines(self) -> list[str]:
        held = (
            ["  in extension attributes, as USDM has no place for them or says less:"] if self.beside else []
        )
        return [f"{self.name}: USDM {VERSION}.", *held, *(f"    {name}" for name in self.beside)]

    def save(self, folder: Path | str, stem: str, force: bool = False) -> Path:
        """Write it as STEM.usdm.json. Raises OutputError where it cannot be, or is there and `force` is off."""
        text = files.json_text(self.content)
        return files.write_text(Path(folder) / f"{stem}.usdm.json", text + "\n", force)


def to_usdm(protocol: Protocol) -> Usdm:
    """A protocol as USDM, version 4. What USDM has a place for (arms, people, doses, epochs, visits, outcomes, criteria, masking)
    stands there; every other field of limen's is an extension attribute whose address is `urn:limen:protocol:1/` and the field."""
    objects = Objects()
    study = write_study(objects, protocol)
    content = {"study": study, "usdmVersion": VERSION, "systemName": "limen", "systemVersion": None}
    want = protocol.model_dump(mode="json", exclude_unset=True, exclude_none=True) | {
        "design": protocol.design
    }
    have = fields_of(Node(content))
    beside = compared(want, have.fields, [one.path for one in have.opened if one.kind != "unread"])
    attached(content, beside, objects.new)
    return Usdm(protocol.name, content, tuple(one.named for one in beside))
