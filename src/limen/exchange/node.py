"""A JSON document of somebody else's, read by name: what is not there or of another kind is empty, and what was read is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

_PLUMBING = frozenset(
    [
        "id",
        "uuid",
        "instanceType",
        "previousId",
        "nextId",
        "codeSystem",
        "codeSystemVersion",
        "code",
        "unit",
        "decode",
        "label",
        "valueLabel",
        "windowLabel",
    ]
)


class Node:
    """One object of a document. `place` is its path without numbers; `read` gathers the paths that were looked at."""

    def __init__(self, value: Any, place: str = "", read: set[str] | None = None):
        self.value = cast("dict[str, Any]", value) if isinstance(value, dict) else dict[str, Any]()
        self.place = place
        self.read = set[str]() if read is None else read

    def __bool__(self) -> bool:
        return bool(self.value)

    def _look(self, names: tuple[str, ...]) -> tuple[Any, str]:
        for name in names:
            self.read.add(f"{self.place}{name}")
        name = next((name for name in names if self.value.get(name) not in (None, "", [], {})), names[0])
        return self.value.get(name), f"{self.place}{name}."

    def text(self, *names: str) -> str:
        found, _ = self._look(names)
        return found if isinstance(found, str) else ""

    def number(self, *names: str) -> float | None:
        found, _ = self._look(names)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def flag(self, *names: str) -> bool:
        found, _ = self._look(names)
        return found is True

    def node(self, *names: str) -> Node:
        found, place = self._look(names)
        return Node(found, place, self.read)

    def nodes(self, *names: str) -> list[Node]:
        found, place = self._look(names)
        listed = cast("list[Any]", found) if isinstance(found, list) else []
        return [Node(one, place, self.read) for one in listed if isinstance(one, dict)]

    def texts(self, *names: str) -> list[str]:
        found, _ = self._look(names)
        return (
            [one for one in cast("list[Any]", found) if isinstance(one, str)]
            if isinstance(found, list)
            else []
        )

    def unread(self) -> list[str]:
        """The fields below that nothing looked at and that hold something, in order."""
        return list(dict.fromkeys(_beneath(self.value, self.place, self.read)))


def _beneath(value: Any, place: str, read: set[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _beneath(one, place, read)
    elif isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            here = f"{place}{name}"
            if name in _PLUMBING or re.search(r"Ids?$", name) or one in (None, "", [], {}, False):
                continue
            if here not in read:
                yield here
            else:
                yield from _beneath(one, f"{here}.", read)
