"""A status as programs and people read it: one place, or every place with a record on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from limen.regulation.events import RIGHTS, Event, jurisdictions, marks, place_names
from limen.regulation.status import Status, status_on
from limen.results import Result, folded

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Everywhere(Result):
    """The status of every place that has a record of the compound on the day."""

    compound: str
    on: date
    places: tuple[Status, ...]

    def document(self) -> dict[str, Any]:
        head = {"schema_version": SCHEMA_VERSION, "on": self.on.isoformat(), "compound": self.compound}
        return head | {"places": [report(found) for found in self.places]}

    def rows(self) -> list[dict[str, str]]:
        return [
            {"place": place_names()[found.jurisdiction], "status": found.status,
             "event": found.event.event_id if found.event else "",
             "since": str(found.event.in_force) if found.event else "",
             "verification": found.event.verification if found.event else ""}
            for found in self.places
        ]  # fmt: skip

    def lines(self) -> list[str]:
        if not self.places:
            return ["limen's data hold nothing in force on that day in any place"]
        title = f"{self.places[0].compound} on {self.on}; data reach to {self.places[0].reach}"
        table = folded(title, list(self.rows()[0]), [list(row.values()) for row in self.rows()])
        ways = {row["verification"] for row in self.rows()}
        said = {"recalled": "recalled: not read again", "derived": "derived: concluded from what was read"}
        return [*table, *(words for way, words in said.items() if way in ways)]


def everywhere(compound: str, on: date) -> Everywhere:
    """The law on a compound in every place of the data. Raises FactsError for a compound that nobody knows."""
    found = tuple(status_on(place, compound, on) for place in jurisdictions())
    return Everywhere(compound, on, tuple(status for status in found if status.certainty != "no record"))


def report(found: Status) -> dict[str, Any]:
    """A status for programs; `status` is the headline."""
    return {
        "schema_version": SCHEMA_VERSION,
        "jurisdiction": found.jurisdiction,
        "answered_for": found.answered_for,
        "compound": found.compound,
        "on": found.on.isoformat(),
        "status": found.status,
        "certainty": found.certainty,
        "event": _event(found.event) if found.event else None,
        "tracks": [
            {"track": t.track, "certainty": t.certainty, "status": t.status, "before": t.before, "after": t.after,
             "event_id": t.event.event_id if t.event else None,
             "verification": t.event.verification if t.event else None}
            for t in found.tracks
        ],
        "allows": {right: {"says": text, "event_id": event_id} for right, text, event_id in found.allows},
        "pending": [_event(event) for event in found.pending],
        "next": [_event(event) for event in found.next],
        "national": report(found.national) if found.national else None,
        "international": found.international.status if found.international else None,
        "expired": [_event(event) for event in found.expired],
        "sources": list(found.sources),
        "data_reach_to": found.reach.isoformat(),
        "remarks": list(found.remarks)
    }  # fmt: skip


def _event(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "date": str(event.when),
        "date_precision": event.when.precision,
        "in_force": str(event.in_force),
        "until": event.until.isoformat() if event.until else None,
        "authority": event.authority,
        "effect": event.effect,
        "status": event.status,
        "details": event.details,
        "sources": list(event.sources),
        "verification": event.verification,
    }


def _detail(event: Event, found: Status) -> str:
    """What an event of the place itself would bring; those of its country are told at length under the country."""
    return f". {event.details.rstrip('.')}" if found.jurisdiction in event.jurisdictions else ""


def _begins(event: Event) -> str:
    """When it begins to hold, and when that was decided if it was another day."""
    decided = "" if event.in_force == event.when or not event.changes_law else f" (decided {event.when})"
    return f"{event.in_force if event.changes_law else event.when}{decided}"


def in_words(found: Status) -> list[str]:
    """A status for people."""
    named = place_names()[found.jurisdiction]
    text = [f"{named} ({found.jurisdiction}), {found.compound}, {found.on}: {found.told}"]
    if found.event is not None:
        e = found.event
        since = "" if e.in_force == e.when else f", in force {e.in_force}"
        text += [f"  made so by   {e.event_id}, {e.when}{since}, {e.authority}: {e.details}{e.mark}"]
        text += [f"  known to     the {e.when.precision}"] if e.when.precision in ("month", "year") else []
    for track in found.tracks:
        if track.certainty == "cannot tell":
            text.append(f"  cannot tell  before the change: {track.before}; after it: {track.after}")
        elif track is not found.tracks[0] and track.event is not None:
            text.append(
                f"  also         {track.status} ({track.track}, {track.event.event_id}, {track.event.when}){track.event.mark}"
            )
    said = {right: (words, event_id) for right, words, event_id in found.allows}
    for right in RIGHTS:
        words, event_id = said.get(right, ("not stated in the data", ""))
        text.append(
            f"  {right.replace('_', ' '):<12} {words}"
            + (f" [{event_id}]{marks()[event_id]}" if event_id else "")
        )
    text += [
        f"  ended        {e.event_id}, on {e.until}: {e.status}{e.mark}; no renewal is in the data"
        for e in found.expired
    ]
    text += [
        f"  pending      {e.event_id}, {e.when}, {e.authority}: {e.status}{_detail(e, found)}{e.mark}"
        for e in found.pending
    ]
    text += [
        f"  comes next   {e.event_id}, {_begins(e)}, {e.authority}: {e.status} ({e.effect}){e.mark}"
        for e in found.next
    ]
    if found.national is not None:
        text.append(f"  nationally   {found.national.answered_for}: {found.national.told}")
    if found.international is not None and found.international.certainty == "in force":
        text.append(f"  treaty       {found.international.told}")
    text += [f"  note         {remark}" for remark in found.remarks]
    if found.sources:
        text.append(f"  sources      {', '.join(found.sources)}")
    text.append(f"  data reach to {found.reach}")
    return text
