"""Dated legal and regulatory events, typed: when (as precisely as it is known), where, for what, to what
effect.

Only an event that enacts something, or says that a standing status remains, changes what is in force.
Signatures, announcements, applications, recommendations and drafts are pending; designations and read-outs
are information. Which is which stands in `regulation/event_effects`, one row an event.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

from limen.errors import FactsError, Place
from limen.facts.read import read

Effect = Literal["enacts", "confirms", "pending", "information"]
Precision = Literal["day", "month", "year", "none"]
RIGHTS = ("research", "prescribing", "supervised_use", "personal_use")
INTERNATIONAL = "INT"


@dataclass(frozen=True)
class Span:
    """A date as it is known: it lies between `first` and `last`, both included."""

    first: date
    last: date
    precision: Precision

    def __str__(self) -> str:
        if self.precision == "none":
            return "standing"
        return self.first.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]


@dataclass(frozen=True)
class Event:
    """One row of `regulation/regulatory_events` with its effect."""

    event_id: str
    when: Span
    in_force: Span  # the same unless the row says that it took effect later
    until: date | None  # the first day on which it holds no more, where the row gives an end
    jurisdictions: tuple[str, ...]
    authority: str
    compounds: tuple[str, ...]
    event_type: str
    effect: Effect
    track: str
    status: str
    indication: str
    details: str
    microdose_relevance: str
    resolved_by: str
    rights: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    locator: str
    verification: str
    note: str

    @property
    def mark(self) -> str:
        """What stands behind the event wherever it is shown: nothing where it was read."""
        return marked(self.verification)

    @property
    def changes_law(self) -> bool:
        return self.effect in ("enacts", "confirms")

    @property
    def starts(self) -> date:
        """The first day it may be in force, or may have been announced where it enacts nothing."""
        return self.in_force.first if self.changes_law else self.when.first

    def over(self, on: date) -> bool:
        """Whether its own end has passed: a programme or an exemption written for a time."""
        return self.until is not None and self.until <= on


def marked(verification: str) -> str:
    """How a row that was not read in a source is told from one that was."""
    return {"recalled": " (recalled, not read again)", "derived": " (derived)"}.get(verification, "")


def span(text: str, precision: str) -> Span:
    """`2001` known to the year is any day of 2001; `none` is a standing status without a beginning."""
    parts = [int(part) for part in text.split("-")] if text else []
    if precision == "none":
        return Span(date.min, date.min, "none")
    if precision == "year":
        return Span(date(parts[0], 1, 1), date(parts[0], 12, 31), "year")
    if precision == "month":
        last = calendar.monthrange(parts[0], parts[1])[1]
        return Span(date(parts[0], parts[1], 1), date(parts[0], parts[1], last), "month")
    if precision != "day" or len(parts) != 3:
        raise FactsError(f"{text!r} is not a date known to the {precision}", Place(file="regulatory_events"))
    day = date(*parts)
    return Span(day, day, "day")


@cache
def events() -> tuple[Event, ...]:
    """Every event, in file order, which is by date."""
    effects = read("regulation/event_effects")
    found: list[Event] = []
    for row in read("regulation/regulatory_events"):
        effect = effects.row(row.key)
        when = span(row["date"], row["date_precision"])
        later = effect["in_force_from"]
        found.append(
            Event(
                event_id=row.key,
                when=when,
                in_force=span(later, "day") if later else when,
                until=date.fromisoformat(effect["in_force_to"]) if effect["in_force_to"] else None,
                jurisdictions=tuple(row["jurisdiction"].split("; ")),
                authority=row["authority"],
                compounds=tuple(effect["compounds"].split(";")),
                event_type=row["event_type"],
                effect=_effect(effect["effect"]),
                track=effect["track"],
                status=effect["status"] or row["status_after"],
                indication=row["indication"],
                details=row["details"],
                microdose_relevance=row["microdose_relevance"],
                resolved_by=effect["resolved_by"],
                rights=tuple((right, effect[right]) for right in RIGHTS if effect[right]),
                sources=row.sources,
                locator=row["locator"],
                verification=row["verification"],
                note=row["note"],
            )
        )
    return tuple(found)


def _effect(text: str) -> Effect:
    for known in ("enacts", "confirms", "pending", "information"):
        if text == known:
            return known
    raise FactsError(f"{text!r} is no effect of an event", Place(file="regulation/event_effects"))


@cache
def marks() -> Mapping[str, str]:
    """The mark of every event, by its name."""
    return MappingProxyType({event.event_id: event.mark for event in events()})


@cache
def reach() -> date:
    """The day the data reach to: the last day any event can lie on. Later changes are unknown here."""
    return max(event.when.last for event in events())


@cache
def jurisdictions() -> tuple[str, ...]:
    """Every place with an event, in the order of the file."""
    return tuple(dict.fromkeys(place for event in events() for place in event.jurisdictions))


@cache
def place_names() -> Mapping[str, str]:
    """ISO 3166 code to name, of every country and of the subdivisions whose law is read."""
    return MappingProxyType({row.key: row["name"] for row in read("regulation/places")})


@cache
def compounds() -> tuple[str, ...]:
    """Every substance or material an event is about."""
    return tuple(dict.fromkeys(compound for event in events() for compound in event.compounds))
