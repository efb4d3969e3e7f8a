"""The records shipped and registered, by any of their names. Read with the standard library alone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from limen.compounds.record import Compound, Domain, Form, KineticSet, Plausible, Unassayed, Yield
from limen.errors import CompoundError, Place
from limen.units import UNITS

T = TypeVar("T")
CURVES = ("concentration", "threshold", "occupancy", "tolerance", "events")
STATUSES = ("measured", "translated", "assumption", "none")
_PARTS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "forms": Form,
        "kinetics": KineticSet,
        "domain": Domain,
        "plausible": Plausible,
        "potency": Unassayed,
        "conversion_yield": Yield,
    }
)
# What a record that is answered `like` another takes from it where it says nothing itself.
_SHARED = (
    "analyte", "base", "unit", "safety", "marker_suffix", "plausible", "domain", "kinetics", "parameters", "inapplicable",
)  # fmt: skip
_added: dict[str, Compound] = {}


@cache
def _shipped() -> Mapping[str, Compound]:
    found = (
        record_of(path.read_text(encoding="utf-8"), f"compounds/{path.name}")
        for path in sorted(files("limen.compounds").iterdir(), key=lambda p: p.name)
        if path.name.endswith(".toml")
    )
    return MappingProxyType({one.name: one for one in found})


def _all() -> Mapping[str, Compound]:
    return {**_shipped(), **_added}


def compound_names() -> tuple[str, ...]:
    """The compounds limen has a record of."""
    return tuple(_all())


def compound(name: str) -> Compound:
    """The record of a compound by any of its names, upper or lower case. Raises CompoundError listing those known."""
    wanted = name.strip().casefold()
    for one in _all().values():
        if wanted in (called.casefold() for called in one.called):
            return one
    raise CompoundError(
        f"{name!r} is not a compound limen knows", remedy=f"known are: {', '.join(compound_names())}"
    )


def of_form(label: str) -> Compound:
    """The compound a form belongs to. Raises CompoundError listing the forms known."""
    for one in _all().values():
        if label in one.form_names:
            return one
    raise CompoundError(f"{label!r} is not a form", remedy=f"forms are: {', '.join(form_names())}")


def form_names() -> tuple[str, ...]:
    """The forms of every compound; no two compounds share one."""
    return tuple(label for one in _all().values() for label in one.form_names)


def mentioned(text: str, name: str) -> bool:
    """Whether a text speaks of a compound, or of the one it is answered like: psilocybin finds mushrooms, LSD its kin."""
    one = compound(name)
    asked = (one,) if one.like is None else (one, compound(one.like))
    return any(re.search(known.pattern, text, re.IGNORECASE) for known in asked)


def routes() -> tuple[str, ...]:
    """The routes by which some compound's kinetics were measured."""
    return tuple(dict.fromkeys(route for one in _all().values() for route in one.routes))


def register(path: Path | str) -> Compound:
    """Add the record of a TOML file for this process. Raises CompoundError for a mistake in it or a name taken."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CompoundError(f"cannot be read: {error}", Place(file=file)) from None
    one = record_of(text, file)
    taken = {called.casefold(): known.name for known in _all().values() for called in known.called}
    for called in one.called:
        if called.casefold() in taken:
            raise CompoundError(
                f"{called!r} is already a name of {taken[called.casefold()]}",
                Place(file=file),
                "choose another",
            )
    _added[one.name] = one
    return one


@contextmanager
def registered(path: Path | str) -> Generator[Compound]:
    """`register` for the length of a block."""
    one = register(path)
    try:
        yield one
    finally:
        _added.pop(one.name, None)


def record_of(text: str, file: Path | str) -> Compound:
    """A record from TOML text. Raises CompoundError naming file, field and what would be right."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CompoundError(f"not TOML: {error}", Place(file=file)) from None
    if "like" in table:
        pattern = _table_of(str(table["like"]), Place(file=file))
        table = {key: pattern[key] for key in _SHARED if key in pattern} | table
    one = _build(Compound, table | {"origin": str(file)}, Place(file=file), "")
    _check(one, Place(file=file))
    return one


def _table_of(name: str, place: Place) -> dict[str, Any]:
    """The shipped table of a compound. Raises CompoundError for one that is not shipped."""
    for path in sorted(files("limen.compounds").iterdir(), key=lambda p: p.name):
        if (
            path.name.endswith(".toml")
            and (table := tomllib.loads(path.read_text(encoding="utf-8")))["name"] == name
        ):
            return table
    raise CompoundError(f"like {name!r}, of which no record is shipped", place)


def _check(one: Compound, place: Place) -> None:
    if UNITS.get(one.unit, ("", 0.0))[0] != "mass":
        raise CompoundError(f"unit {one.unit!r} is no mass", place, "use ug or mg")
    if (one.domain is None) == (one.refused is None):
        raise CompoundError(
            "says neither or both of where the trial model holds and why it is refused", place,
            "give [domain], or refused = 'exposure only, because ...'",
        )  # fmt: skip
    for curve in CURVES:
        if one.evidence.get(curve) not in STATUSES:
            raise CompoundError(
                f"evidence.{curve} is {one.evidence.get(curve)!r}",
                place,
                f"use one of: {', '.join(STATUSES)}",
            )
    for form in one.forms:
        if form.potency is not None and (form.unit is None or form.plausible is None):
            raise CompoundError(
                f"{form.label}: a material needs its unit and its plausible doses",
                place,
                "give unit and plausible",
            )
    for part in (one.plausible, one.domain, *one.kinetics, *(f.plausible or f.potency for f in one.forms)):
        if part is not None and part.low > part.high:
            raise CompoundError(f"{part.low:g} to {part.high:g} is no range", place)
    if not one.forms:
        raise CompoundError("has no form a dose can be stated in", place, "add [[forms]]")


def _build(kind: type[T], table: Mapping[str, Any], place: Place, path: str) -> T:
    """A dataclass from a TOML table: every key known, every field without a default given, each of its own type."""
    known = {part.name: part for part in fields(kind)}  # pyright: ignore[reportArgumentType]
    for key in table.keys() - known.keys():
        raise CompoundError(
            f"there is no field {path}{key}",
            place,
            f"fields are: {', '.join(k for k in known if k != 'origin')}",
        )
    values: dict[str, Any] = {}
    for name, part in known.items():
        if name in table:
            values[name] = _value(name, str(part.type), table[name], place, path)
        elif part.default is MISSING and part.default_factory is MISSING:
            raise CompoundError(f"the field {path}{name} is missing", place)
    return kind(**values)


def _value(name: str, kind: str, value: Any, place: Place, path: str) -> Any:
    here = f"{path}{name}"
    words = cast("list[Any]", value) if isinstance(value, list) else []
    pairs = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if name in _PARTS:
        if isinstance(value, list):
            return tuple(_build(_PARTS[name], item, place, f"{here}[{i}].") for i, item in enumerate(words))
        return _build(_PARTS[name], pairs, place, f"{here}.")
    right = {
        "str": isinstance(value, str),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "tuple[str, ...]": isinstance(value, list) and all(isinstance(word, str) for word in words),
        "Mapping[str, str]": isinstance(value, dict) and all(isinstance(v, str) for v in pairs.values()),
    }
    if not right[kind.removesuffix(" | None")]:
        raise CompoundError(f"{here} is not of type {kind}", place)
    if isinstance(value, dict):
        return MappingProxyType(pairs)
    return tuple(words) if isinstance(value, list) else float(value) if kind.startswith("float") else value
