"""What is measured of each link, each marker twice, and a day of cortisol."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Band, Interval, Noun
from limen.parameters.load import EvidenceStatus

Seen = Literal["found", "mixed", "null", "against", "partly", "none", "not stated"]


class Link(Noun):
    """One link of the chain. `against`: measured, and pointing away from what is claimed; `null`: looked for, not seen."""

    id: str
    link: str
    human_microdose: Seen
    human_microdose_words: str
    human_full_dose: Seen
    human_full_dose_words: str
    animal_or_in_vitro: Seen
    animal_words: str
    default: str = Field(description="whether the model has the link on, with how much")
    sources: list[str]


class Needed(Noun):
    """How many people per arm would tell one kind of change from the marker's own month-to-month variation."""

    what: Literal["full dose", "if the link holds", "expected", "one dose, own share"]
    said: str = Field(description="which change that is, in words")
    change: float = Field(
        description="on the marker's scale: median size over draws; of `expected` the mean over the prior, signed"
    )
    per_arm: float | None = Field(
        description="at 80% power, two-sided 5%; None where there is no change to see"
    )
    low: float | None = Field(description="5% point over draws; None where the change is one for everybody")
    high: float | None


class BaselineShift(Noun):
    """How the protocol's indication moves the marker's usual level against healthy people."""

    shift: Interval | None = Field(description="None where limen's tables hold no measurement")
    status: EvidenceStatus
    said: str


class MarkerPicture(Noun):
    """One marker with its switch at 0 and at 1. Bands are prior-predictive: they hold parameters and people."""

    id: str
    name: str
    group: str
    unit: str
    status: EvidenceStatus
    switch: bool = Field(description="False where the link is on whatever a switch says")
    switched: tuple[str, str] = Field(description="what the switch means at 0 and at 1")
    switch_probability: float | None = Field(description="prior probability that the link is there")
    off: Band
    on: Band
    needed: list[Needed]
    baseline: BaselineShift
    sentence: str


class Sample(Noun):
    """Cortisol at one clock time of a dosing day."""

    clock: str
    before_dose: bool
    without: Interval = Field(description="level without the drug, ug/dL")
    change: Interval = Field(description="by the drug, %, lasting change off")
    with_lasting: Interval = Field(description="by the drug, %, lasting change on")


class CortisolDay(Noun):
    """A hormone with a daily rhythm over the last dosing day by clock hour, lasting change off."""

    marker: str = "cortisol"
    name: str = "Cortisol"
    group: str = "HPA"
    dose_clock: str
    dose_stated: bool = Field(description="False where the clock time is assumed")
    samples_stated: bool
    without: Band
    with_drug: Band
    samples: list[Sample]


class MarkerParameter(Noun):
    name: str
    description: str
    value: float
    q05: float
    q95: float
    unit: str
    status: EvidenceStatus
    sources: list[str]


class Mechanism(Noun):
    """Everything the page says of what happens between the dose and a symptom."""

    arm: str
    dose: str
    course: str = Field(description="the doses that were followed, in words")
    draws: int
    count: str = Field(description="how many links have been measured in people at a microdose, in words")
    links: list[Link]
    markers: list[MarkerPicture]
    cortisol: CortisolDay | None = Field(description="None where no marker has a level by the clock")
    scenario: str | None = Field(description="the scenario in which markers move symptoms; None by default")
    assumes: str | None = Field(description="what the page assumes by that scenario, printed in red")
    mediated: Interval | None = Field(
        description="points of benefit through markers at the primary visit; None without a scenario"
    )
    parameters: list[MarkerParameter]
    notes: list[str]
    sources: list[str]
