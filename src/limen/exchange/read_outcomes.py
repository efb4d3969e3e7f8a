"""The outcomes and visits of a USDM document."""

from __future__ import annotations

import re
from typing import Any

from limen.exchange.draft import Sheet
from limen.exchange.node import Node
from limen.exchange.terms import word
from limen.exchange.words import times_in
from limen.protocol.fields import written
from limen.protocol.register import DOSE_DAY, OUTCOMES, everyday, outcome_named, outcomes_in
from limen.units import Quantity, quantity

_ISO = re.compile(r"P(?:(\d+(?:\.\d+)?)W|(\d+(?:\.\d+)?)D)|PT(?:(\d+(?:\.\d+)?)H|(\d+(?:\.\d+)?)M)")


def read_visits(sheet: Sheet, design: Node) -> None:
    """The times of the main timeline; else those the encounters name."""
    timelines = design.nodes("scheduleTimelines", "studyScheduleTimelines")
    main = next((one for one in timelines if one.flag("mainTimeline")), Node(None))
    found: list[Quantity] = []
    for one in main.nodes("timings"):
        said, kind = one.text("value"), word("timing", one.node("type").text("code"))
        iso = _ISO.fullmatch(said)
        if iso is None or kind not in ("after", "fixed"):
            sheet.unread(("visits",), f"the time {said!r} ({one.text('name')})")
            continue
        value, unit = next(
            (part, unit) for part, unit in zip(iso.groups(), ("wk", "d", "h", "min"), strict=True) if part
        )
        found.append(Quantity(float(value), unit))
    if not found:
        names = [
            f"{one.text('name')}, {one.text('label')}"
            for one in design.nodes("encounters", "studyEncounters")
        ]
        found = [time for name in names for time in times_in(name)[0][-1:]]
        if found:
            sheet.guess(("visits",), "read from the names of the encounters", "; ".join(names))
    times = {round(time.to("h"), 6): time for time in found if time.value > 0}
    if times:
        sheet.fields["visits"] = ["0 wk", *(written(times[hours]) for hours in sorted(times))]
    else:
        sheet.fill(("visits",), "when people are seen")


def read_outcomes(sheet: Sheet, design: Node) -> None:
    """Every endpoint that limen has a measure of, in order; the first primary one whatever it is."""
    rows: list[dict[str, Any]] = []
    sheet.fields["outcomes"] = rows
    for objective in design.nodes("objectives", "studyObjectives"):
        rank = word("level", objective.node("level", "objectiveLevel").text("code")) or "secondary"
        for one in objective.nodes("endpoints", "objectiveEndpoints"):
            text = one.text("text", "description") or one.text("name")
            first = rank == "primary" and not any(row.get("primary") for row in rows)
            name = _measure(sheet, one, (text, objective.text("text", "description")), first)
            if name is None:
                near = everyday(text, 3)
                sheet.unread(
                    ("outcomes",),
                    f"{rank} endpoint: no measure of this name{f'; near: {chr(44).join(near)}' if near else ''}",
                    text,
                )
                continue
            here = ("outcomes", len(rows))
            row: dict[str, Any] = {"id": name, **({"primary": True} if first else {})}
            _write_time(sheet, row, here, text)
            if any((name, row.get("at")) == (other["id"], other.get("at")) for other in rows):
                sheet.unread(("outcomes",), f"{rank} endpoint: {name} at this time is there already", text)
                continue
            rows.append(row)
            if rank == "primary" and not first:
                sheet.guess(here, "primary in USDM too; a protocol has one, the first", text)
    if not any(row.get("primary") for row in rows):
        sheet.fill(("outcomes",), "no primary endpoint")
    _seen_then(sheet, rows)


def _seen_then(sheet: Sheet, rows: list[dict[str, Any]]) -> None:
    """People are seen when an outcome is looked at, whether the timeline says so or not."""
    listed = [quantity(text, "time") for text in sheet.fields.get("visits", [])]
    known = {round(time.to("h"), 6) for time in listed}
    times = [quantity(row["at"], "time") for row in rows if row.get("at") not in (None, DOSE_DAY)]
    more = {hours: time for time in times if (hours := round(time.to("h"), 6)) not in known}
    if more and listed:
        ordered = sorted([*listed, *more.values()], key=lambda time: time.to("h"))
        sheet.fields["visits"] = [written(time) for time in ordered]
        added = ", ".join(written(time) for time in more.values())
        sheet.guess(("visits",), f"{added} added: an endpoint is looked at then")


def _measure(sheet: Sheet, one: Node, said: tuple[str, str], first: bool) -> str | None:
    own = one.text("name")
    if outcome_named(own) in OUTCOMES:
        return str(outcome_named(own))
    named = outcomes_in(said[0]) or outcomes_in(said[1])
    if named:
        return named[0][0]
    if not first:
        return None
    name = (
        own
        if re.fullmatch(r"[\w-]+", own)
        else re.sub(r"\W+", "_", said[0].casefold()).strip("_")[:40] or "primary"
    )
    sheet.fields["measures"] = {name: {"full_name": said[0], "higher_is": "worse"}}
    sheet.guess(("measures", name), "limen has no measure of this name; higher is worse is a guess", said[0])
    return name


def _write_time(sheet: Sheet, row: dict[str, Any], here: tuple[str | int, ...], text: str) -> None:
    entry = OUTCOMES.get(str(row["id"]))
    if re.search(r"dos(?:e|ing) days?", text.casefold()) or (entry is not None and entry.timing == DOSE_DAY):
        row["at"] = DOSE_DAY
        return
    times, rough = times_in(text.rpartition(" at ")[2])
    last = list(sheet.fields.get("visits", []))[-1:]
    if times:
        row["at"] = written(times[-1])
        if rough or len(times) > 1:
            sheet.guess((*here, "at"), "the last time that is named", text)
    elif last:
        row["at"] = last[0]
        sheet.guess((*here, "at"), "no time is named; the last visit is assumed", text)
    else:
        sheet.fill((*here, "at"), "no time is named", text)
