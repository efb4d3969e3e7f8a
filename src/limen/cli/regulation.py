"""`limen regulation`: what is the law on this compound, there, on that day?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from limen.regulation.events import Event
    from limen.regulation.status import Status

NAME = "regulation"
SCHEMA_VERSION = 1


def command(
    jurisdiction: Annotated[
        str | None,
        typer.Option("--jurisdiction", "-j", help="ISO 3166 code: AU, US-OR; left out, every place."),
    ] = None,
    compound: Annotated[
        str, typer.Option("--compound", "-c", help="LSD, psilocybin, psilocybin mushrooms, MDMA ...")
    ] = "psilocybin",
    on: Annotated[str | None, typer.Option("--on", help="Day, YYYY-MM-DD; today if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw the timeline of every jurisdiction (SVG, PDF, PNG).")
    ] = None,
) -> None:
    """The status in force on a day, the event that made it so, what it allows, what is pending and what comes
    next.

    Only enacting events change a status: applications, announcements, recommendations and drafts are pending.
    A date known to the year spans that year, and inside it nobody can tell. The day the data reach to is
    always shown.

        limen regulation --on 2024-06-01 --jurisdiction AU --compound psilocybin
    """
    from datetime import date

    from limen.regulation.events import jurisdictions
    from limen.regulation.status import day, status_on

    when = day(on) if on is not None else date.today()
    if figure is not None:
        from limen.figures import files, law_timeline
        from limen.regulation.timeline import timeline

        drawn = files.save(law_timeline.chart(timeline(compound)), figure)
        typer.echo(f"drew {drawn}", err=True)
        if jurisdiction is None:
            return
    if jurisdiction is not None:
        found = status_on(jurisdiction, compound, when)
        typer.echo(json.dumps(report(found), indent=2) if as_json else "\n".join(lines(found)))
        return
    every = [status_on(place, compound, when) for place in jurisdictions()]
    every = [found for found in every if found.certainty != "no record"]
    if as_json:
        head = {"schema_version": SCHEMA_VERSION, "on": when.isoformat(), "compound": compound}
        typer.echo(json.dumps(head | {"places": [report(found) for found in every]}, indent=2))
        return
    _table(every)


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
             "event_id": t.event.event_id if t.event else None}
            for t in found.tracks
        ],
        "allows": {right: {"says": text, "event_id": event_id} for right, text, event_id in found.allows},
        "pending": [_event(event) for event in found.pending],
        "next": [_event(event) for event in found.next],
        "national": report(found.national) if found.national else None,
        "international": found.international.status if found.international else None,
        "sources": list(found.sources),
        "data_reach_to": found.reach.isoformat(),
        "remarks": list(found.remarks),
    }  # fmt: skip


def _event(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "date": str(event.when),
        "date_precision": event.when.precision,
        "in_force": str(event.in_force),
        "authority": event.authority,
        "effect": event.effect,
        "status": event.status,
        "details": event.details,
        "sources": list(event.sources),
        "verification": event.verification,
    }


def lines(found: Status) -> list[str]:
    """A status for people."""
    text = [f"{found.jurisdiction}, {found.compound}, {found.on}: {found.status}"]
    if found.event is not None:
        e = found.event
        recalled = " (recalled, not read again)" if e.verification == "recalled" else ""
        text += [f"  made so by   {e.event_id}, {e.when}, {e.authority}: {e.details}{recalled}"]
        text += [f"  known to     the {e.when.precision}"] if e.when.precision in ("month", "year") else []
    for track in found.tracks:
        if track.certainty == "cannot tell":
            text.append(f"  cannot tell  before the change: {track.before}; after it: {track.after}")
        elif track is not found.tracks[0] and track.event is not None:
            text.append(
                f"  also         {track.status} ({track.track}, {track.event.event_id}, {track.event.when})"
            )
    said = {right: (words, event_id) for right, words, event_id in found.allows}
    for right in ("research", "prescribing", "supervised_use", "personal_use"):
        words, event_id = said.get(right, ("not stated in the data", ""))
        text.append(f"  {right.replace('_', ' '):<12} {words}" + (f" [{event_id}]" if event_id else ""))
    text += [f"  pending      {e.event_id}, {e.when}, {e.authority}: {e.status}" for e in found.pending]
    text += [
        f"  comes next   {e.event_id}, {e.when}, {e.authority}: {e.status} ({e.effect})" for e in found.next
    ]
    if found.national is not None:
        text.append(f"  nationally   {found.national.answered_for}: {found.national.status}")
    if found.international is not None and found.international.certainty == "in force":
        text.append(f"  treaty       {found.international.status}")
    text += [f"  note         {remark}" for remark in found.remarks]
    if found.sources:
        text.append(f"  sources      {', '.join(found.sources)}")
    text.append(f"  data reach to {found.reach}")
    return text


def _table(every: list[Status]) -> None:
    from rich.console import Console
    from rich.table import Table

    if not every:
        typer.echo("no place has a record in force on that day")
        return
    table = Table(
        title=f"{every[0].compound} on {every[0].on}; data reach to {every[0].reach}", title_justify="left"
    )
    for name in ("place", "status", "event", "since"):
        table.add_column(name)
    for found in every:
        event = found.event
        table.add_row(
            found.jurisdiction,
            found.status,
            event.event_id if event else "",
            str(event.when) if event else "",
        )
    Console(soft_wrap=False).print(table)
