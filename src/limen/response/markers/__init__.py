"""The shipped markers: every file of this folder that declares one, in the order in which they read each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pkgutil import iter_modules

from limen.errors import ParameterError
from limen.response.marker import Marker

GROUPS = ("plasticity", "network", "inflammation", "HPA")


def _found() -> list[Marker]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Marker)]


def in_order(markers: tuple[Marker, ...] | list[Marker]) -> tuple[Marker, ...]:
    """By group, then by name, with every marker below those it reads. Raises ParameterError where one is missing."""
    known = {m.id: m for m in markers}
    placed: dict[str, Marker] = {}

    def place(marker: Marker) -> None:
        missing = [name for name in marker.after if name not in known]
        if missing:
            raise ParameterError(
                f"marker {marker.id!r} reads {', '.join(missing)}", remedy="give those markers too"
            )
        for name in marker.after:
            place(known[name])
        placed.setdefault(marker.id, marker)

    def group(marker: Marker) -> tuple[int, str]:
        return GROUPS.index(marker.group) if marker.group in GROUPS else len(GROUPS), marker.id

    for marker in sorted(markers, key=group):
        place(marker)
    return tuple(placed.values())


MARKERS = in_order(_found())
_OWN: list[Marker] = []


def registered() -> tuple[Marker, ...]:
    """The shipped markers and those of one's own."""
    return in_order((*MARKERS, *_OWN))


@contextmanager
def register(marker: Marker) -> Iterator[Marker]:
    """While this lasts, `marker` is followed by `respond` and shown by the dossier as the shipped ones are. Its numbers
    must be among the parameters that are drawn. Raises ParameterError for a name that is taken, or a missing `after`."""
    if marker.id in {known.id for known in registered()}:
        raise ParameterError(f"there is a marker {marker.id!r}", remedy="give yours another id")
    in_order((*registered(), marker))
    _OWN.append(marker)
    try:
        yield marker
    finally:
        _OWN.remove(marker)
