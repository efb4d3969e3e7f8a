"""The answer's two sections that no simulation makes: what is known, and the law where the trial runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Noun

Pooling = Literal["pooled", "too few to pool", "nothing"]
Certainty = Literal["in force", "cannot tell", "no record"]
Outcome = Literal["met", "not met", "cannot tell", "not applicable"]


class KnownStudy(Noun):
    study: str
    year: int | None
    design: str
    dose: str
    dose_class: str
    control: str
    people: str
    n: int | None = Field(description="analysed, else randomised")
    result: str
    status: str
    verification: str
    sources: list[str]


class ForestLine(Noun):
    kind: Literal["trial", "pooled", "predicted", "absent", "comparator", "heading"]
    label: str
    detail: str
    y: float | None
    low: float | None
    high: float | None
    weight: float | None


class ForestPicture(Noun):
    title: str
    subtitle: str
    axis: str
    left: str
    right: str
    lines: list[ForestLine]
    footnotes: list[str]


class Effect(Noun):
    """A standardised effect with its 95% interval, benefit positive."""

    value: float
    low: float
    high: float
    of: str = Field(description="what it is an effect of: the pool, or one trial with the prior")


class Refused(Noun):
    study: str
    outcome: str
    reason: str


class KnownClaim(Noun):
    id: str
    claim: str
    verdict: str
    literature: str
    sources: list[str]
    verification: str
    asked: bool = Field(description="among the nearest to the protocol's own claim or question, by its words")


class AlsoAsking(Noun):
    trial: str
    registry_id: str
    sponsor: str
    country: str
    dose: str
    regimen: str
    comparator: str
    population: str
    n: str
    status: str
    under_way: bool
    result: str
    alike: list[str] = Field(description="in what it is like the protocol: compound, condition")
    sources: list[str]
    verification: str


class Known(Noun):
    """What is already known that bears on the protocol."""

    outcome: str = Field(description="what the primary outcome measures")
    dose_class: str = Field(description="class of the largest dose given; empty where unknown")
    condition: str
    studies: list[KnownStudy]
    pooling: Pooling
    pooled: Effect | None
    absence: str = Field(description="why there is no pooled effect; empty where there is one")
    one_trial: Effect | None = Field(description="the single trial under the stated prior")
    prior: str
    second_trial: str = Field(description="what a second trial would add to the single one")
    cautions: list[str]
    refused: list[Refused]
    forest: ForestPicture | None
    claims: list[KnownClaim]
    others: list[AlsoAsking]


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
