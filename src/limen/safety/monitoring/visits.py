"""Visit data from a CSV into the stopping rules: people, visits in order, the baseline, and what was not judged."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.heard import Heard, Reading
from limen.results import Result
from limen.safety import local_toml
from limen.safety.monitoring.aids import monitoring_aids
from limen.safety.monitoring.alerts import Alert, unjudged, watch
from limen.safety.monitoring.columns import DATE, PERSON, VISIT, Column, layout, reading_of
from limen.safety.monitoring.stopping import Visit
from limen.safety.reading.lines import rows
from limen.units import number_of

SCHEMA_VERSION = 1
NAMED = 5
NOT_TAKEN = ("", ".", "na", "n/a")  # "none" or "nan" may be an answer
EVERY_RULE = 40  # more than there are rules and columns: nothing unjudged is folded away
_PLACED = re.compile(r"^(?P<unit>[a-z]*)[\s._-]*(?P<number>-?\d+(?:\.\d+)?)\s*(?P<after>[a-z]*)$")


@dataclass(frozen=True)
class Watched(Result):
    """The stopping rules that visit data meet, and what was read: `reading.unread` holds what could not be judged."""

    alerts: tuple[Alert, ...]
    reading: Reading
    people: int

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "schema_version": SCHEMA_VERSION,
            "people": self.people,
            "alerts": [asdict(a) for a in self.alerts],
            "reading": self.reading.as_data(),
        }

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(a) | {"values": str(dict(a.values))} for a in self.alerts]

    def lines(self) -> list[str]:
        """For people: each alert with its limits, then what was read, then what was not judged."""
        said = [line for alert in self.alerts for line in alert.lines()]
        count = (
            f"{number_of(len(self.alerts), 'stopping rule')} met"
            if self.alerts
            else "no stopping rule that was judged is met"
        )
        return [
            *said,
            f"{count}, {number_of(self.people, 'person', 'people')}",
            *self.reading.as_text(EVERY_RULE),
        ]


@dataclass
class _Rows:
    """What the rows of a file say of one person, and every way the id was written."""

    written: set[str] = field(default_factory=set[str])
    readings: dict[tuple[str, str], dict[str, list[float]]] = field(
        default_factory=dict[tuple[str, str], dict[str, list[float]]]
    )


def local_thresholds(path: Path) -> dict[str, Any]:
    """Local limits of editorial rules from TOML. Raises DataError for anything else."""
    return local_toml(path, "write MON037 = [150, 95]")


def watch_file(
    path: Path, compound: str, thresholds: Mapping[str, Any] | None = None, ignore: tuple[str, ...] = ()
) -> Watched:
    """Alerts of every person of a CSV of visits, people in order of appearance. Raises DataError naming the cell.

    Several rows of one person and visit are readings of that visit. Visits are put in order by `date` where the file has
    one, else by what they are called (`baseline`, `week 4`, `day 28`). Ids that differ in blanks or capitals only are one
    person, and that is said. Columns named in `ignore` are left out, and that is said too.
    """
    cells_of = rows(path)
    columns = layout(header := next(cells_of, []), ignore, Place(file=path, row=1))
    people: dict[str, _Rows] = defaultdict(_Rows)
    for number, cells in enumerate(cells_of, 2):
        if any(cell.strip() for cell in cells):
            _take(people, columns, cells, Place(file=path, row=number))
    if not people:
        raise DataError("nobody is in this file", Place(file=path), "one row a person and visit")
    _told_apart(people, Place(file=path))
    measures = {name for p in people.values() for taken in p.readings.values() for name in taken}
    alerts, reading = [], _said(columns, header, people) + _missing(people, measures)
    for person in people.values():
        visits = _in_order(person, Place(file=path))
        alerts += watch(visits, compound, thresholds)
        if not any(visit.is_baseline for visit in visits):
            who = sorted(person.written)[0]
            reading += Reading(
                unread=(
                    Heard("visit", "", who, "no visit is called baseline: rises since it are not judged"),
                )
            )
    return Watched(tuple(alerts), reading + unjudged(measures, compound), len(people))


def _take(
    people: dict[str, _Rows], columns: tuple[Column | None, ...], cells: list[str], place: Place
) -> None:
    """One row into its person's readings."""
    keys, found = {PERSON: "", VISIT: "", DATE: ""}, dict[str, float]()
    for at, cell in zip(columns, cells, strict=True):
        if at is None:
            continue
        here = Place(file=place.file, row=place.row, column=at.written)
        if at.keys:
            keys[at.name] = cell.strip()
        elif cell.strip().casefold() not in NOT_TAKEN:
            found[at.name] = reading_of(cell.strip(), at, here)
    if not keys[PERSON]:
        raise DataError("the row names no person", place, "fill the column `person`")
    if keys[DATE]:
        try:
            date.fromisoformat(keys[DATE][:10])
        except ValueError:
            raise DataError(
                f"{keys[DATE]!r} is not an ISO date",
                place,
                "write 2026-03-01: other orders of day and month are not guessed",
            ) from None
    person = people[" ".join(unicodedata.normalize("NFKC", keys[PERSON]).casefold().split())]
    person.written.add(keys[PERSON])
    readings = person.readings.setdefault((keys[DATE], keys[VISIT]), {})
    for name, number in found.items():
        readings.setdefault(name, []).append(number)


def _in_order(person: _Rows, place: Place) -> list[Visit]:
    """A person's visits in time. Raises DataError where nothing says which came first."""
    who, at = sorted(person.written)[0], list(person.readings)
    dated = all(day for day, _ in at)
    named = {key: _placed(key[1]) for key in at}
    when = {key: key[0] if dated else named[key] for key in at}
    by_day = [key for key in sorted(at) if dated and named[key] is not None]
    for (day, first), (later, second) in pairwise(by_day):
        if day < later and (named[day, first] or 0.0) > (named[later, second] or 0.0):
            raise DataError(
                f"{who} had {first!r} on {day}, before {second!r} on {later}",
                place,
                "correct the date or the name of the visit",
            )
    if len(at) > 1 and any(place_ is None for place_ in when.values()):
        lost = next(visit for (_, visit), found in zip(at, when.values(), strict=True) if found is None)
        raise DataError(
            f"nothing says when the visit {lost!r} of {who} was",
            place,
            "add a column `date` (2026-03-01), or call visits baseline, week 4, day 28",
        )
    in_time = sorted(at, key=lambda key: (when[key] is None, when[key]))
    # without a visit called baseline the last one before the first dose is it
    first = max((p for p in named.values() if p is not None and p <= 0), default=None)
    base = next((key for key in reversed(in_time) if first is not None and named[key] == first), None)
    return [
        Visit(who, key[1] or key[0], person.readings[key], key == base or named[key] == 0) for key in in_time
    ]


def _told_apart(people: Mapping[str, _Rows], place: Place) -> None:
    """Raises DataError where two ids differ in leading zeros only: one person or two, nobody can say."""
    seen: dict[str, str] = {}
    for key, person in people.items():
        other = seen.setdefault(re.sub(r"(?<!\d)0+(?=\d)", "", key), key)
        if other != key:
            raise DataError(
                f"{sorted(person.written)[0]!r} and {sorted(people[other].written)[0]!r} differ in zeros only",
                place,
                "write the id of a person in one way",
            )


def _missing(people: Mapping[str, _Rows], measures: Collection[str]) -> Reading:
    """For each measure the people who have no value of it."""
    lacking = {
        name: [
            sorted(p.written)[0] for p in people.values() if not any(name in r for r in p.readings.values())
        ]
        for name in sorted(measures)
    }
    return Reading(
        unread=tuple(
            Heard(
                "measure",
                "",
                name,
                f"no value for {', '.join(who[:NAMED])}{' and more' * (len(who) > NAMED)}",
            )
            for name, who in lacking.items()
            if who
        )
    )


def _placed(visit: str) -> float | None:
    """Days from the first dose of a visit's name, 0 for the baseline; None where it says nothing of time."""
    said, words = visit.casefold().strip(), monitoring_aids()["visits"]
    if said in words["baseline"]:
        return 0.0
    if said in words["before"]:
        return -1.0
    if said in words["after"]:
        return 1e9
    found = _PLACED.match(said)
    unit = (found["unit"] or found["after"]) if found else ""
    return float(found["number"]) * words["days"][unit] if found and unit in words["days"] else None


def _said(columns: tuple[Column | None, ...], header: list[str], people: Mapping[str, _Rows]) -> Reading:
    """The columns with their units, those left out, and people whose id was written in several ways."""
    read = tuple(
        Heard("column", f"{at.name} in {at.unit}" if at.unit else at.name, at.written) for at in columns if at
    )
    out = tuple(
        Heard("column", "", cell, "left out by name")
        for cell, at in zip(header, columns, strict=True)
        if at is None
    )
    several = tuple(
        Heard("person", sorted(p.written)[0], ", ".join(sorted(p.written)), "read as one person") for p in people.values() if len(p.written) > 1
    )  # fmt: skip
    return Reading(understood=several + read, unread=out)
