"""The law where the trial runs, and what guidance asks of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Noun

Certainty = Literal["in force", "cannot tell", "no record"]
Outcome = Literal["met", "not met", "cannot tell", "not applicable"]


class LawEvent(Noun):
    id: str
    date: str = Field(description="as precisely as it is known")
    precision: Literal["day", "month", "year", "none"]
    authority: str
    status: str
    details: str
    sources: list[str]
    verification: str


class Right(Noun):
    right: str
    says: str
    event: str


class PlaceLaw(Noun):
    """What is in force in one place for what the trial gives."""

    place: str
    name: str
    answered_for: str
    compound: str
    status: str
    certainty: Certainty
    event: LawEvent | None
    before: str = Field(description="where it cannot be told: what held before the change")
    after: str
    allows: list[Right] = Field(description="a right nobody wrote about is missing, not denied")
    pending: list[LawEvent]
    next: list[LawEvent]
    national: str | None
    international: str | None
    remarks: list[str]


class GuidanceFinding(Noun):
    rule: str
    issuer: str
    strength: Literal["must", "should", "consider", "info"]
    requirement: str
    outcome: Outcome
    why: str
    field: str
    advisory: bool = Field(description="recalled and not read again: never fails a check")
    sources: list[str]
    locator: str


class LawStretch(Noun):
    place: str
    start: str
    end: str
    status: str
    kind: Literal["prohibiting", "access", "programme", "open", "uncertain"]
    event: str


class LawMark(Noun):
    place: str
    when: str
    event: str
    words: str
    effect: str


class TimelinePicture(Noun):
    compound: str
    start: str
    end: str
    stretches: list[LawStretch]
    marks: list[LawMark]


class Law(Noun):
    """Where the protocol may be studied, on a day, and what guidance asks of it."""

    on: str
    reach: str = Field(description="the day the data reach to; later changes are not known here")
    compound: str
    places: list[PlaceLaw]
    note: str = Field(description="said where the protocol names no jurisdiction; empty otherwise")
    counts: dict[Outcome, int]
    findings: list[GuidanceFinding] = Field(description="every rule of guidance, in the order of its table")
    timeline: TimelinePicture | None
