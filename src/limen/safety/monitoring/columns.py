"""Columns of visit data: which measure, in which unit; and cells that cannot be are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from limen.errors import DataError, Place
from limen.safety.monitoring.aids import monitoring_aids
from limen.safety.reading.lines import number as number_of

PERSON, VISIT, DATE = "person", "visit", "date"
_YES, _NO = {"yes", "true", "positive", "present"}, {"no", "false", "negative", "absent"}
_UNIT = re.compile(r"^(?P<name>.+?)\s*[(\[]\s*(?P<unit>[^)\]]+?)\s*[)\]]$")


@dataclass(frozen=True)
class Column:
    """A column as read: the measure, the unit its cells are in, and how they become the rules' own unit."""

    written: str
    name: str
    unit: str
    factor: float = 1.0
    offset: float = 0.0

    @property
    def keys(self) -> bool:
        """Whether it says whose, when or which visit, and holds no measure."""
        return self.name in (PERSON, VISIT, DATE)


@cache
def _called() -> dict[str, str]:
    names = {
        _plain(other): name for name, others in monitoring_aids()["measures"].items() for other in others
    }
    return names | {_plain(sign): sign for sign in monitoring_aids()["hunter"]["signs"]}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def column(written: str, place: Place) -> Column:
    """A header cell as a column. Raises DataError with the nearest known columns for anything else.

    A unit stands in brackets or at the end: `sbp (kPa)`, `sbp_kpa`. Without one the rules' own unit is meant, and said.
    """
    called, units = _called(), monitoring_aids()["units"]
    stated = _UNIT.match(written.strip())
    plain = _plain(stated["name"] if stated else written)
    unit = _plain(stated["unit"]) if stated else ""
    if plain not in called and not stated:
        found = next((n for n in sorted(called, key=len, reverse=True) if plain.startswith(f"{n}_")), None)
        plain, unit = (found, plain[len(found) + 1 :]) if found else (plain, "")
    name = called.get(plain)
    known = units.get(name or "", {})
    own = known.get("unit", "")
    if name is not None and unit in ("", _plain(own)):
        return Column(written, name, own)
    for also, (factor, offset) in known.get("also", {}).items():
        if unit == _plain(also):
            return Column(written, str(name), also, factor, offset)
    near = get_close_matches(_plain(written), called, n=3, cutoff=0.4)
    spoken = f"units of {name}: {', '.join([own, *known.get('also', {})])}" if name and known else ""
    raise DataError(
        f"no rule knows the column {written!r}",
        place,
        spoken or f"nearest known: {', '.join(near or ['none'])}; or leave it out by name with --ignore",
    )


def reading_of(text: str, at: Column, place: Place) -> float:
    """A cell in the rules' own unit. Raises DataError for what is no number, or no possible value."""
    said = text.strip().casefold()
    unit = monitoring_aids()["units"].get(at.name, {}).get("unit", "")
    # a "yes" answers a question of yes and no, and says of a scale only that it is not nothing
    if (said in _YES and not unit) or (said in _NO and unit in ("", "item", "grade")):
        return float(said in _YES)
    if said in monitoring_aids()["grades"] and unit in ("", "grade"):
        return float(monitoring_aids()["grades"][said])
    remedy = "a number, yes or no, or a grade; empty or NA where missing"
    number = number_of(text, place, "this is not a number", remedy)
    _possible(number, at, place)
    return round(number * at.factor + at.offset, 6)


def _possible(number: float, at: Column, place: Place) -> None:
    """Refuse what no adult has in that unit, naming the unit in which it would be possible."""
    known = monitoring_aids()["units"].get(at.name, {"unit": "0 or 1", "within": [0, 1], "whole": True})
    low, high = known["within"]

    def fits(factor: float, offset: float) -> bool:
        return low <= number * factor + offset <= high

    if fits(at.factor, at.offset) and not (known.get("whole") and number != int(number)):
        return
    likely = [also for also, (f, o) in known.get("also", {}).items() if also != at.unit and fits(f, o)]
    remedy = (
        f"it would fit {likely[0]}: call the column {at.name} ({likely[0]})" if likely else "correct the cell"
    )
    span = "0 or 1" if known["unit"] == "0 or 1" else f"{low:g} to {high:g} {known['unit']}"
    whole = "whole numbers " if known.get("whole") and span != "0 or 1" else ""
    raise DataError(f"{number:g} is no value of {at.name}: {whole}{span}", place, remedy)


def layout(header: Sequence[str], ignore: tuple[str, ...], place: Place) -> tuple[Column | None, ...]:
    """One column a header cell, None for those left out by name. Raises DataError for a name given twice or missing."""
    if strange := sorted(set(ignore) - {cell.strip() for cell in header}):
        raise DataError(
            f"there is no column {strange[0]!r} to leave out", place, f"columns: {', '.join(header)}"
        )
    found = tuple(None if cell.strip() in ignore else column(cell, place) for cell in header)
    names = [at.name for at in found if at is not None]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"two columns are read as {doubled[0]}", place, "keep one, or --ignore the other")
    if PERSON not in names:
        raise DataError("there is no column `person`", place, "give person, visit and measures")
    if not set(names) - {PERSON, VISIT, DATE}:
        measures = ", ".join(sorted(set(_called().values()) - {PERSON, VISIT, DATE}))
        raise DataError("there is no measure a stopping rule knows", place, f"measures: {measures}")
    return found
