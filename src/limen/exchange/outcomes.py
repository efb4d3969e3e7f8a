"""The outcomes of a record: which measures of limen's register they are, and when they are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from limen.exchange.draft import Sheet
from limen.exchange.record import Listed, Record
from limen.exchange.words import sentences, times_in
from limen.protocol.fields import written
from limen.protocol.register import DOSE_DAY, OUTCOMES, everyday, outcomes_in
from limen.units import Quantity

_WITHIN = (
    48.0  # hours: times up to here are written in hours, and a scale that moves in weeks is not asked then
)
_RISES = re.compile(
    r"higher (?:scores?|values?|numbers?)[^.]{0,60}?(worse|greater sever|more sever|greater symptom|better|improve|greater well)",
    re.IGNORECASE,
)


def write_outcomes(sheet: Sheet, record: Record, end: Quantity | None) -> None:
    """Outcomes and their times, and the visits that follow; what limen has no measure of is named."""
    module = record.outcomes_module
    written_ones: list[dict[str, Any]] = []
    sheet.fields["outcomes"] = written_ones
    listed = [
        *(("primary", one) for one in module.primary_outcomes),
        *(("secondary", one) for one in module.secondary_outcomes),
        *(("other", one) for one in module.other_outcomes),
    ]
    seen: dict[float, Quantity] = {}
    for rank, one in listed:
        first = rank == "primary" and not any(row.get("primary") for row in written_ones)
        named = _named(one)
        if not named and not first:
            near = everyday(f"{one.measure} {one.description}", 3)
            hint = f"; near: {', '.join(near)}" if near else ""
            sheet.unread(
                ("outcomes",),
                f"{rank} outcome {one.measure!r} ({one.time_frame or 'no time'}): no measure of this name{hint}",
            )
            continue
        for name, word in named[: 1 if first else None] or [(_own(sheet, one), "")]:
            _write_one(sheet, one, (name, word, first), end, seen)
        beside = [
            word for name, word in outcomes_in(one.description) if name not in {name for name, _ in named}
        ]
        if named and beside:
            sheet.unread(("outcomes",), f"the description of {one.measure!r} also names {', '.join(beside)}")
        for name, word in named[1:] if first else []:
            _write_one(sheet, one, (name, word, False), end, seen)
        if rank == "primary" and not first:
            sheet.guess(
                ("outcomes",),
                f"{one.measure!r} is primary in the record too; a protocol has one, the first",
                one.time_frame,
            )
    if not written_ones:
        sheet.fill(("outcomes",), "the record names no primary outcome")
    _write_visits(sheet, seen, end)


def _named(one: Listed) -> list[tuple[str, str]]:
    """Measures that its title names; else those its description does."""
    found = outcomes_in(re.sub(r"\(([^)]*)\)", r" \1 ", one.measure)) or outcomes_in(one.description)
    whole = [OUTCOMES[name].full_name.casefold() for name, _ in found[:1]]
    return [pair for pair in found if pair == found[0] or pair[1].casefold() not in whole[0]]


def _own(sheet: Sheet, one: Listed) -> str:
    """Declare a measure of the protocol's own for a primary outcome that limen does not know."""
    name = re.sub(r"\W+", "_", one.measure.casefold()).strip("_")[:40] or "primary"
    said = next((text for text in sentences(one.description) if _RISES.search(text)), "")
    rises = _RISES.search(said)
    higher = (
        "better" if rises and re.match(r"better|improve|greater well", rises[1], re.IGNORECASE) else "worse"
    )
    sheet.fields["measures"] = {name: {"full_name": one.measure or "primary outcome", "higher_is": higher}}
    how = "as the record says" if rises else "a guess"
    near = everyday(f"{one.measure} {one.description}", 3)
    sheet.guess(
        ("measures", name), f"limen has no measure of this name{f' (near: {chr(44).join(near)})' if near else ''}; higher is {higher} is {how}", said or one.measure
    )  # fmt: skip
    return name


def _write_one(
    sheet: Sheet,
    one: Listed,
    what: tuple[str, str, bool],
    end: Quantity | None,
    seen: dict[float, Quantity],
) -> None:
    name, word, first = what
    rows: list[dict[str, Any]] = sheet.fields["outcomes"]
    here = ("outcomes", len(rows))
    entry = OUTCOMES.get(name)
    found, rough = times_in(one.time_frame)
    weekly = entry is not None and entry.timing == "weekly"
    if entry is not None and entry.timing == DOSE_DAY:
        at: str | None = DOSE_DAY
    else:
        at = written(found[-1]) if found else None if end is None else written(end)
    if any(row["id"] == name and row.get("at") == at for row in rows):
        return
    row: dict[str, Any] = {"id": name, **({"primary": True} if first else {})}
    rows.append(row)
    if at is not None:
        row["at"] = at
    if word and not outcomes_in(one.measure):
        sheet.guess(
            (*here, "id"),
            f"{word!r} of its description is read as {OUTCOMES[name].full_name}",
            one.description,
        )
    for problem in _times(found, rough, end, at):
        sheet.guess((*here, "at"), problem, one.time_frame)
    if weekly and found and found[-1].to("h") < _WITHIN:
        sheet.guess(
            (*here, "at"), "this scale moves in weeks, and is looked at within two days", one.time_frame
        )
    if at is None:
        sheet.fill((*here, "at"), "the record gives no time that can be read", one.time_frame)
    if at != DOSE_DAY:
        seen |= {round(time.to("h"), 6): time for time in (found or ((end,) if end else ()))}


def _times(found: tuple[Quantity, ...], rough: bool, end: Quantity | None, at: str | None) -> Iterator[str]:
    if at == DOSE_DAY:
        return
    if not found and end is not None:
        yield "no time is named; the end of dosing is assumed"
    if len(found) > 1:
        yield f"the last of {', '.join(map(written, found))}; the others become visits"
    if rough:
        yield "a month is taken as 30.44 d, rounded to whole weeks"


def _write_visits(sheet: Sheet, seen: dict[float, Quantity], end: Quantity | None) -> None:
    if end is not None:
        seen.setdefault(round(end.to("h"), 6), end)
    ordered = [seen[hours] for hours in sorted(seen)]
    if not ordered:
        sheet.fill(("visits",), "when people are seen; no time is named")
        return
    sheet.fields["visits"] = ["0 wk", *map(written, ordered)]
    sheet.guess(("visits",), "the first visit, and every time at which an outcome is named")
