"""The status in force on a day: what the law says, what it allows, what is pending, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Literal

from limen.compounds import compound
from limen.errors import CompoundError, FactsError
from limen.regulation.events import (
    INTERNATIONAL,
    RIGHTS,
    Event,
    compounds,
    events,
    jurisdictions,
    place_names,
    reach,
)
from limen.results import Result

Certainty = Literal["in force", "cannot tell", "no record"]
CANNOT_TELL, NO_RECORD = "cannot tell", "no record"
TRACKS = (
    "schedule",
    "class",
    "programme",
    "access",
    "personal",
    "conditions",
)  # the first with a record is the headline
MATERIAL = {"psilocybin mushrooms": "psilocybin", "psilocybin truffles": "psilocybin"}


@dataclass(frozen=True)
class Track:
    """One strand of law (schedule, programme, access ...) on a day, with the event that made it so."""

    track: str
    certainty: Certainty
    status: str
    event: Event | None
    before: str  # where it cannot be told: what held before the change and what after
    after: str


@dataclass(frozen=True)
class Status(Result):
    """What is in force in a place for a compound on a day.

    `status` is the headline: the status text, `cannot tell` or `no record`. `allows` gives for each right
    what the law in force says and the event that says it; a right nobody wrote about is missing, not denied.
    """

    jurisdiction: str
    answered_for: str
    compound: str
    on: date
    status: str
    certainty: Certainty
    event: Event | None
    tracks: tuple[Track, ...]
    allows: tuple[tuple[str, str, str], ...]
    pending: tuple[Event, ...]
    next: tuple[Event, ...]
    expired: tuple[Event, ...]  # held once, and their own end has passed
    national: Status | None
    international: Status | None
    reach: date
    remarks: tuple[str, ...]

    @property
    def told(self) -> str:
        """The headline, with its mark where the row behind it was not read in a source."""
        return self.status + (self.event.mark if self.event else "")

    @property
    def sources(self) -> tuple[str, ...]:
        used = [track.event for track in self.tracks if track.event is not None] + list(self.pending)
        return tuple(dict.fromkeys(source for event in used for source in event.sources))


def status_on(jurisdiction: str, compound: str, on: date) -> Status:
    """The status in force on `on`.

    A subdivision without a record for the compound is answered for its country, and says so. Raises
    FactsError for a code that is no ISO 3166 code or a compound no event is about.
    """
    place, substance = _place(jurisdiction), _substance(compound)
    own = local = _about(place, substance)
    remarks: list[str] = []
    national, used = None, place
    if "-" in place:
        country = status_on(place.split("-")[0], substance, on)
        if _tracks(own, on):
            national = country
        else:
            used, own = country.answered_for, _about(country.answered_for, substance)
            remarks.append(
                f"no law of {place} on {substance} in force in the data on {on}: answered for {used}"
            )
    if substance in MATERIAL and not _tracks(own, on):
        plain = _about(used, MATERIAL[substance])
        if _tracks(plain, on):
            own = plain
            remarks.append(f"no event is about {substance} in {used}: answered for {MATERIAL[substance]}")
    tracks = _tracks(own, on)
    own = tuple(dict.fromkeys((*local, *own)))  # what is under way in the subdivision is shown all the same
    head = tracks[0] if tracks else None
    remarks += _remarks(head, own, used, substance, on)
    return Status(
        jurisdiction=place,
        answered_for=used,
        compound=substance,
        on=on,
        status=head.status if head else NO_RECORD,
        certainty=head.certainty if head else "no record",
        event=head.event if head else None,
        tracks=tracks,
        allows=_allows([e for e in own if used in e.jurisdictions], on),
        pending=_pending(own, on),
        next=tuple(e for e in own if e.starts > on and e.effect in ("enacts", "pending")),
        expired=tuple(e for e in own if e.changes_law and e.over(on)),
        national=national,
        international=status_on(INTERNATIONAL, substance, on)
        if place != INTERNATIONAL and "-" not in place
        else None,
        reach=reach(),
        remarks=tuple(remarks),
    )


def _remarks(head: Track | None, own: tuple[Event, ...], place: str, substance: str, on: date) -> list[str]:
    """What a reader must know of an answer that is weaker than it looks."""
    remarks: list[str] = []
    if head is None:
        first = min((e.in_force.first for e in own if e.changes_law), default=None)
        before = f" before {first}" if first is not None and first > on else ""
        remarks.append(
            f"limen's data hold no enacting row of {place} that names {substance}{before}: that does not mean that it is "
            "lawful, and the law of no other substance is taken for it"
        )
    elif head.event is not None and head.event.effect == "confirms":
        remarks.append(
            f"a standing status: {head.event.event_id} says that it remains; its beginning is not in the data"
        )
    if on > reach():
        remarks.append(f"the data reach to {reach()}; a later change would not be known here")
    return remarks


def _place(text: str) -> str:
    """The code of a place from its code, its name, or UK. Raises FactsError with the nearest codes for anything else."""
    known = place_names()
    given = text.strip()
    by_name = {name.casefold(): code for code, name in known.items()} | {"uk": "GB", "usa": "US"}
    code = given.upper() if given.upper() in known else by_name.get(given.casefold())
    if code is None:
        near = get_close_matches(given.casefold(), by_name, n=3)
        meant = f"did you mean {', '.join(by_name[n] for n in near)}? " if near else ""
        raise FactsError(
            f"{text!r} is no place that limen knows",
            remedy=f"{meant}write an ISO 3166 code such as AU or US-OR; with events: {', '.join(jurisdictions())}",
        )
    return code


def _substance(text: str) -> str:
    """The name the law knows it by: that of an event, of a material by its last word, or that of a compound's record."""
    asked = text.strip().casefold()
    by_name = {name.casefold(): name for name in compounds()}
    plural = next((name for name in MATERIAL if asked.removesuffix("s") in _singular(name)), None)
    if asked in by_name or plural is not None:
        return by_name.get(asked) or str(plural)
    try:
        return compound(text).law
    except CompoundError:
        known = ", ".join(compounds())
        raise FactsError(f"no event is about {text!r}", remedy=f"compounds are: {known}") from None


def _singular(material: str) -> tuple[str, str]:
    whole = material.casefold().removesuffix("s")
    return whole, whole.split()[-1]


def _about(place: str, compound: str) -> tuple[Event, ...]:
    return tuple(e for e in events() if place in e.jurisdictions and compound in e.compounds)


def _tracks(own: Iterable[Event], on: date) -> tuple[Track, ...]:
    """Each strand that has something in force, or possibly in force, on the day; headline strand first."""
    found = [_track(name, [e for e in own if e.track == name], on) for name in TRACKS]
    return tuple(track for track in found if track is not None)


def _track(name: str, own: list[Event], on: date) -> Track | None:
    """The newest event surely in force, unless a later one may or may not have come into force by then."""
    past = sorted(
        (e for e in own if e.changes_law and not e.over(on) and _starts(e, own) <= on),
        key=lambda e: (_ends(e, own), e.event_id),
    )
    if not past:
        return None
    sure = [e for e in past if _ends(e, own) <= on]
    doubtful = [e for e in past if _ends(e, own) > on]
    if not doubtful:
        return Track(name, "in force", sure[-1].status, sure[-1], "", "")
    before = sure[-1].status if sure else "no record"
    return Track(name, "cannot tell", CANNOT_TELL, doubtful[-1], before, doubtful[-1].status)


def _starts(event: Event, own: list[Event]) -> date:
    """A confirming event speaks for the time before it too, back to the first event of its strand."""
    if event.effect == "confirms":
        return min(e.when.first for e in own)
    return event.in_force.first


def _ends(event: Event, own: list[Event]) -> date:
    return _starts(event, own) if event.effect == "confirms" else event.in_force.last


def _allows(own: Iterable[Event], on: date) -> tuple[tuple[str, str, str], ...]:
    """Right, what is said of it, and the newest event surely in force that says it."""
    own = list(own)
    said: dict[str, tuple[str, str]] = {}
    past = [e for e in own if e.changes_law and not e.over(on) and _ends(e, own) <= on]
    for event in sorted(past, key=lambda e: (_ends(e, own), e.event_id)):
        said |= {right: (text, event.event_id) for right, text in event.rights}
    return tuple((right, *said[right]) for right in RIGHTS if right in said)


def _pending(own: Iterable[Event], on: date) -> tuple[Event, ...]:
    """Announced, applied for, recommended or in draft by then, and not yet resolved."""
    done = {e.event_id for e in events() if e.in_force.last <= on}
    return tuple(e for e in own if e.effect == "pending" and e.when.first <= on and e.resolved_by not in done)


def iso_day(text: str) -> date:
    """An ISO day. Raises FactsError for anything else, a year alone included: a status needs a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FactsError(f"{text!r} is not a day", remedy="write YYYY-MM-DD, such as 2024-06-01") from None
