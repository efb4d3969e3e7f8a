"""The law of a compound as stretches of time by place: what was in force from when to when, and where nobody
can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from limen.errors import FactsError
from limen.regulation.events import INTERNATIONAL, Event, compounds, events, reach
from limen.regulation.status import NO_RECORD, Status, status_on

Kind = Literal["prohibiting", "access", "programme", "open", "uncertain"]


@dataclass(frozen=True)
class Stretch:
    """A status that held in a place from `start` to `end` (excluded); `kind` groups what it allows."""

    place: str
    start: date
    end: date
    status: str
    kind: Kind
    event_id: str


@dataclass(frozen=True)
class Mark:
    """An event as a point on the line: enacted, or pending and without force."""

    place: str
    when: date
    event_id: str
    words: str
    effect: str


@dataclass(frozen=True)
class Timeline:
    """Stretches and marks of one compound, from `start` to the day the data reach to."""

    compound: str
    start: date
    end: date
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...]


def timeline(compound: str, start: date = date(2012, 1, 1)) -> Timeline:
    """Every place with an event on the compound. Raises FactsError where there is none."""
    end = reach()
    named = status_on(INTERNATIONAL, compound, end).compound
    own = [event for event in events() if named in event.compounds]
    places = sorted(
        dict.fromkeys(place for event in own if event.changes_law for place in event.jurisdictions)
    )
    if not places:
        raise FactsError(
            f"no event changes the law on {compound!r}",
            remedy=f"compounds with events are: {', '.join(compounds())}",
        )
    stretches = [stretch for place in places for stretch in _stretches(place, named, own, start, end)]
    marks = tuple(
        Mark(place, max(start, event.when.first), event.event_id, event.status, event.effect)
        for event in own
        for place in event.jurisdictions
        if place in places and event.effect != "information" and event.when.last >= start
    )
    return Timeline(named, start, end, tuple(stretches), marks)


def _stretches(place: str, compound: str, own: list[Event], start: date, end: date) -> list[Stretch]:
    """The status can only change on the first or last day of an event's span: ask on each and join equal
    ones."""
    here = [event for event in own if place in event.jurisdictions]
    edges = {
        day
        for e in here
        for day in (e.when.first, e.in_force.first, e.in_force.last, e.until or start)
        if start < day < end
    }
    # The day before the end of a span is the last on which nobody can tell.
    edges |= {event.in_force.last for event in here if event.in_force.precision in ("year", "month")} & edges
    cuts = [start, *sorted(edges), end]
    found: list[Stretch] = []
    for day, after in pairwise(cuts):
        status = status_on(place, compound, day)
        if status.status == NO_RECORD or status.answered_for != place:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == day and last.status == status.status:
            found[-1] = Stretch(place, last.start, after, last.status, last.kind, last.event_id)
        else:
            event = status.event.event_id if status.event else ""
            found.append(Stretch(place, day, after, status.status, _kind(status), event))
    return found


def _kind(status: Status) -> Kind:
    """What a reader wants to see at a glance: prohibition, a door for some, a programme, or no law against
    it."""
    if status.certainty == "cannot tell":
        return "uncertain"
    rights = {name: words for name, words, _ in status.allows}
    track = status.tracks[0].track
    if track in ("programme", "access"):
        return "programme" if track == "programme" else "access"
    if track != "schedule":
        return "open"
    if rights.get("supervised_use", "no") == "no":
        return "prohibiting"
    return "access" if rights.get("prescribing", "no") != "no" else "open"
