"""Where a protocol may be studied on a day, and what guidance asks of it, as the dossier says it. Loads no JAX."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from limen.dossier.sections.law.nouns import (
    GuidanceFinding,
    Law,
    LawEvent,
    LawMark,
    LawStretch,
    PlaceLaw,
    Right,
    TimelinePicture,
)
from limen.errors import FactsError
from limen.protocol import Protocol
from limen.regulation.events import Event, place_names, reach
from limen.regulation.lint import lint
from limen.regulation.status import Status
from limen.regulation.timeline import timeline

NOWHERE = (
    "The protocol names no jurisdiction, so no law is looked up for it: list where it would run under "
    "`jurisdiction`. The timeline shows every place in the data."
)

if TYPE_CHECKING:
    from limen.dossier.asked import Asked


def build(asked: Asked) -> Law:
    return law(asked.protocol, asked.on)


def law(protocol: Protocol, on: date) -> Law:
    """The status in each jurisdiction of the protocol on `on`, every guidance finding, and the timeline."""
    found = lint(protocol, on)
    rules = [finding for finding in found.findings if not finding.rule_id.startswith("JUR-")]
    compound = found.places[0].compound if found.places else protocol.compound
    return Law(
        on=on.isoformat(),
        reach=reach().isoformat(),
        compound=compound,
        places=[_place(status) for status in found.places],
        note="" if found.places else NOWHERE,
        counts={
            outcome: sum(finding.outcome == outcome for finding in rules)
            for outcome in ("met", "not met", "cannot tell", "not applicable")
        },
        findings=[GuidanceFinding.like(finding, rule=finding.rule_id) for finding in rules],
        timeline=_timeline(protocol.compound),
    )


def cited(law: Law) -> list[str]:
    """Every citation key the section shows."""
    events = [event for place in law.places for event in (place.event, *place.pending, *place.next) if event]
    return [key for part in (*events, *law.findings) for key in part.sources]


def _place(status: Status) -> PlaceLaw:
    head = status.tracks[0] if status.tracks else None
    treaty = status.international
    return PlaceLaw.like(
        status,
        place=status.jurisdiction,
        name=place_names()[status.jurisdiction],
        event=_event(status.event) if status.event is not None else None,
        before=head.before if head is not None else "",
        after=head.after if head is not None else "",
        allows=[
            Right(right=right.replace("_", " "), says=says, event=event)
            for right, says, event in status.allows
        ],
        pending=[_event(event) for event in status.pending],
        next=[_event(event) for event in status.next],
        national=status.national.told if status.national is not None else None,
        international=treaty.told if treaty is not None and treaty.certainty == "in force" else None,
        remarks=[remark for remark in status.remarks if not remark.startswith("the data reach to")],
    )


def _event(event: Event) -> LawEvent:
    return LawEvent.like(event, id=event.event_id, date=str(event.when), precision=event.when.precision)


def _timeline(compound: str) -> TimelinePicture | None:
    try:
        drawn = timeline(compound)
    except FactsError:  # no event changes the law on this compound: there is no line to draw
        return None
    return TimelinePicture(
        compound=drawn.compound,
        start=drawn.start.isoformat(),
        end=drawn.end.isoformat(),
        stretches=[
            LawStretch.like(s, start=s.start.isoformat(), end=s.end.isoformat(), event=s.event_id)
            for s in drawn.stretches
        ],
        marks=[LawMark.like(m, when=m.when.isoformat(), event=m.event_id) for m in drawn.marks],
    )
