"""Who would interact, what is watched, and what nobody has measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Interval, Noun

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


class Margin(Noun):
    """A typical person's peak over one recorded potency at 5-HT2B: 1 means that the peak reaches it."""

    row: str
    arm: str
    potency: str = Field(description="EC50 or Ki, as recorded")
    potency_nm: float
    beyond: bool = Field(
        description="the potency is recorded as above this value, so the ratio is an upper limit"
    )
    peak_nm: Interval = Field(description="total plasma, after the highest dose of the arm")
    total: Interval = Field(description="total plasma peak over potency: the upper limit")
    unbound: Interval = Field(description="the same for an assumed unbound share")
    sources: list[str]
    verification: str


class Lost(Noun):
    """People a rule keeps out, each counted once, at the gravest rule that bears on them."""

    rule: str
    severity: str
    classes: list[str] = Field(description="what those people take")
    held: bool = Field(description="left to a clinician, who lets an assumed share in")
    lost: Interval = Field(description="per 100 who would come; not counted at a graver rule")
    touched: Interval = Field(description="per 100 who would come, whatever else bears on them")
    left: float = Field(description="mean number left of 100 after this rule")


class Recruitment(Noun):
    """Of 100 people of the indication who would come: how many each rule on comedication loses."""

    indication: str
    steps: list[Lost]
    let_in: Interval
    note: str = Field(description="what the counts rest on and what they leave out")


class Carried(Noun):
    """A comedication of the virtual participants: how many take it, what it does, and who notices a first dose."""

    classes: str
    per_100: Interval = Field(description="of the people in the trial")
    effect: str
    noticed: Interval | None = Field(
        description="share who notice the first dose of the arm that takes the compound; None where hardly anybody is"
    )


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
    valve_note: str = Field(description="the range of margins across assays, and what is not known")
    margins: list[Margin] = Field(default_factory=list, description="one for each arm and recorded potency")
    recruitment: Recruitment | None = None
    carried: list[Carried] = Field(default_factory=list, description="what the people in the trial take")
