"""The units of the field, strict: a quantity is a number with one of these units, or it is refused.

A full unit library costs more start-up time than the quick commands may take, and the field uses a dozen units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from limen.errors import UnitError

# unit -> (what it measures, factor to the base unit of that kind)
UNITS: dict[str, tuple[str, float]] = {
    "ug": ("mass", 1.0),
    "mg": ("mass", 1e3),
    "g": ("mass", 1e6),
    "min": ("time", 1 / 60),
    "h": ("time", 1.0),
    "d": ("time", 24.0),
    "wk": ("time", 168.0),
    "pg/mL": ("concentration", 1e-3),
    "ng/mL": ("concentration", 1.0),
    "ug/L": ("concentration", 1.0),
    "L": ("volume", 1.0),
    "L/h": ("clearance", 1.0),
    "1/h": ("rate", 1.0),
    "mg/g": ("content", 1.0),
    "%": ("fraction", 1e-2),
    "fraction": ("fraction", 1.0),
    "points": ("score", 1.0),
}
SYNONYMS = {
    "µg": "ug", "μg": "ug", "mcg": "ug", "microgram": "ug", "micrograms": "ug", "milligram": "mg", "gram": "g", "grams": "g",
    "w": "wk", "wks": "wk", "hrs": "h", "mins": "min", "hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d", "week": "wk", "weeks": "wk", "minute": "min", "minutes": "min",
}  # fmt: skip
BASES = {"mass": "ug", "time": "h", "concentration": "ng/mL"}

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S.*?)?\s*")


@dataclass(frozen=True, order=True)
class Quantity:
    """A number with its unit, as written. `to` converts between units of one kind."""

    value: float
    unit: str

    @property
    def kind(self) -> str:
        return UNITS[self.unit][0]

    def to(self, unit: str) -> float:
        """The value in another unit of the same kind. Raises UnitError for another kind."""
        if unit not in UNITS or UNITS[unit][0] != self.kind:
            raise UnitError(f"{self} is a {self.kind}, not something in {unit}")
        return self.value * UNITS[self.unit][1] / UNITS[unit][1]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


def lasting(weeks: float) -> str:
    """A stretch of time as people say it: '6 hours', '3 days', '8 weeks'; whole weeks where they are whole."""
    for count, one in ((weeks, "week"), (7 * weeks, "day")):
        if count > 1 - 1e-6 and abs(count - round(count)) < 1e-6:
            return f"{round(count)} {one}{'s' if round(count) != 1 else ''}"
    count, one = (
        (168 * weeks, "hour") if weeks < 3 / 7 else (7 * weeks, "day") if weeks < 2 else (weeks, "week")
    )
    return f"{count:.3g} {one}{'s' if f'{count:.3g}' != '1' else ''}"


def number_of(count: float, one: str, many: str | None = None) -> str:
    """A count with its noun: '1 study', '3 studies' (`many` where it is no plain plural)."""
    return f"{count:g} {one if count == 1 else many or f'{one}s'}"


def moment(weeks: float) -> str:
    """When a visit is, as people say it: 'at week 8', 'on day 2', '6 hours after the start'."""
    length = lasting(weeks)
    count, one = length.rstrip("s").split()
    return (
        f"at week {count}"
        if one == "week"
        else f"on day {count}"
        if one == "day"
        else f"{length} after the start"
    )


def quantity(text: str, kind: str) -> Quantity:
    """Read `10 ug`, `4 wk`, `0.3 g`. Raises UnitError with what would be right."""
    units = ", ".join(unit for unit, (of, _) in UNITS.items() if of == kind)
    match = _QUANTITY.fullmatch(str(text))
    if match is None:
        raise UnitError(
            f"{text!r} is not a number with a unit",
            remedy=f"write a {kind} such as '10 {units.split(',')[0]}'",
        )
    number, unit = match.groups()
    if unit is None:
        raise UnitError(f"{text!r} has no unit", remedy=f"add one of: {units}")
    unit = SYNONYMS.get(unit, unit)
    if kind == "time" and re.fullmatch(r"(mo|months?|years?|yrs?|y)", unit):
        raise UnitError(
            f"a {unit.removesuffix('s')} is no fixed length", remedy="say which: 4 wk, 30 d, 52 wk ..."
        )
    if unit not in UNITS or UNITS[unit][0] != kind:
        raise UnitError(f"{unit!r} is not a unit of {kind}", remedy=f"use one of: {units}")
    return Quantity(float(number), unit)
