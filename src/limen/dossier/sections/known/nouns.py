"""What is already known that bears on the protocol."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Noun

Pooling = Literal["pooled", "too few to pool", "nothing"]


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
    of: str = Field(description="what it is an effect of")


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
    cautions: list[str]
    refused: list[Refused]
    forest: ForestPicture | None
    claims: list[KnownClaim]
    others: list[AlsoAsking]
