"""The answer's safety section as data: who would interact, what is watched, and what nobody has measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Noun

Standing = Literal["permitted", "partly permitted", "excluded", "partly excluded", "not mentioned"]


class Interaction(Noun):
    """One rule about a class of comedication, with the dose its evidence was obtained at."""

    rule: str
    comedication: str = Field(description="the class asked about")
    standing: Standing = Field(description="what the protocol says of the class")
    about: str = Field(description="the drugs the rule itself speaks of")
    names_class: bool = Field(description="about the class rather than single drugs of it; shown on the page")
    drugs: list[str]
    effect: str
    estimate: str
    exposure: dict[str, float] = Field(description="ratios of exposure the rule states: AUC, Cmax")
    severity: str
    trials: str = Field(description="what trials do about it")
    basis: str = Field(description="whether that is a trial's rule, a review's or a proposal")
    dose: str = Field(description="dose at which the evidence was obtained; empty where nobody was dosed")
    evidence: str
    sources: list[str]
    verification: str
    read_across: str = Field(description="the compound the rule was written for, where it is another one")


class WatchedCheck(Noun):
    rule: str
    domain: str
    what: str
    instrument: str
    threshold: str
    logic: str
    action: str
    level: str
    basis: str
    sign_off: str = Field(description="words about a proposed threshold; empty for a published one")
    sources: list[str]
    verification: str


class WatchedVisit(Noun):
    name: str = Field(description="visits with the same checks stand together: 'weeks 2, 4 and 6'")
    weeks: list[float]
    watched: list[str] = Field(description="what is looked at, in few words")
    limits: list[str] = Field(description="findings that hold, stop or escalate, with their thresholds")
    checks: list[WatchedCheck]


class SeenEvent(Noun):
    """A count from one trial at microdoses; `high` is 3/n where nobody had it."""

    event: str
    category: str
    study: str
    dose: str
    population: str
    seen: int
    of: int
    per_100: float
    low: float
    high: float
    method: str
    sources: list[str]
    verification: str


class ValveFact(Noun):
    row: str
    what: str
    where: str
    said: str
    sources: list[str]
    verification: str


class Safety(Noun):
    """Facts about eligibility and monitoring; never advice to start, stop or change a treatment."""

    interactions: list[Interaction]
    unplaced: list[str] = Field(description="what the protocol says of medicines that names no known drug")
    evidence_note: str
    visits: list[WatchedVisit]
    chronic: bool = Field(description="dosing runs long enough for the rules on repeated 5-HT2B exposure")
    events: list[SeenEvent] = Field(description="trials at microdoses, one entry a study and event")
    unseen: str = Field(description="what counts of zero leave possible")
    valves: list[ValveFact]
    valve_note: str = Field(description="why no exposure margin is given")
