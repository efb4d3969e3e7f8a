"""Objects of a USDM document, each with an id of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from limen.exchange.terms import term, terms
from limen.protocol.fields import written
from limen.units import Quantity

Object = dict[str, Any]
_ISO = {"wk": "P{}W", "d": "P{}D", "h": "PT{}H", "min": "PT{}M"}


class Objects:
    """Makes objects of the classes of the model; ids count within a class."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def new(self, kind: str, **fields: Any) -> Object:
        """One object of a class."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        named = {"id": f"{kind}_{self._counts[kind]}", "extensionAttributes": list[Any]()}
        return {**named, **fields, "instanceType": kind}

    def plain(self, kind: str, name: str, **fields: Any) -> Object:
        """One object of a class whose objects have a name and may have notes."""
        return self.new(kind, **({"name": name, "label": None, "description": None, "notes": []} | fields))

    def code(self, kind: str, word: str) -> Object:
        """The code of a word of limen's."""
        found = term(kind, word)
        assert found is not None, f"no term for {kind} {word}"
        return self._coded(found)

    def _coded(self, found: tuple[str, str]) -> Object:
        system, version = terms()["system"], terms()["version"]
        return self.new("Code", code=found[0], codeSystem=system, codeSystemVersion=version, decode=found[1])

    def alias(self, found: tuple[str, str] | None) -> Object | None:
        """A term where the model asks for one with its aliases; None where there is no term."""
        if found is None:
            return None
        return self.new("AliasCode", standardCode=self._coded(found), standardCodeAliases=[])

    def quantity(self, value: float, unit: str | None) -> Object:
        """A number with its unit; None for a count."""
        return self.new(
            "Quantity", value=value, unit=None if unit is None else self.alias(term("unit", unit))
        )


def chained(parts: list[Object]) -> list[Object]:
    """The same, each naming the next and the previous."""
    for before, after in pairwise(parts):
        before["nextId"], after["previousId"] = after["id"], before["id"]
    return parts


def in_units(at: Quantity | str) -> str:
    """A time as a protocol writes it."""
    return at if isinstance(at, str) else written(at)


def iso(time: Quantity) -> str:
    """A time as ISO 8601 writes it: P6W, P2D, PT90M."""
    return _ISO[time.unit].format(
        f"{time.value:.17g}" if time.value != round(time.value) else round(time.value)
    )
