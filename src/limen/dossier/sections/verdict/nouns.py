"""The verdict as data: prior, data and posterior, and the numbers of the first screen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Interval, Noun, Share


class Prior(Noun):
    label: str
    mean: float
    sd: float
    note: str


class Held(Noun):
    """A standardised difference with its 95% interval, benefit positive."""

    value: float
    low: float
    high: float


class PooledStudy(Noun):
    """A trial of the evidence base, in SDs of control-arm change, benefit positive."""

    study: str
    compound: str
    indication: str
    outcome: str
    week: float
    reported: Held | None = Field(description="as published; None where only a direction is known")
    direction: str
    belief: float = Field(description="what belief adds to the difference")
    belief_sd: float
    belief_from: str = Field(description="the walk of this trial, or an assumption")
    adjusted: Held | None = Field(description="with belief's part taken off")
    weight: float = Field(description="power of the likelihood: 0.5 for press coverage")
    share: float = Field(
        description="of the effect of the reference regimen that this trial could show at its week"
    )
    moves: float | None = Field(
        description="how far the posterior mean moves by this trial; None where it is left out"
    )
    left_out: bool
    sources: list[str]


class NotUsed(Noun):
    study: str
    reason: str
    sources: list[str]


class SensitivityReading(Noun):
    """The posterior under another prior, or without a trial."""

    name: str
    mean: float
    sd: float
    above_zero: float


class EvidenceBase(Noun):
    """What the posterior rests on: the table of "what is known" and of the verdict."""

    of: str
    compound: str
    indication: str
    own: int = Field(description="trials of this compound in this illness")
    borrowed: int = Field(description="trials of others")
    left_out: list[str] = Field(description="trials that the protocol is itself: predicted without them")
    regimen: float = Field(description="effect of this regimen over that of the reference regimen")
    studies: list[PooledStudy]
    unused: list[NotUsed] = Field(description="known and not used, with the reason")
    sensitivity: list[SensitivityReading]
    note: str


class Headline(Noun):
    """One of at most four numbers of the first screen, each with its interval or the error of its simulation."""

    box: Literal["decides", "unknown"]
    what: str
    said: str
    error: str
    drawer: str = Field(description="the drawer of parameters that stands behind it")


class AsReported(Noun):
    """A published figure of the trial that the protocol is, beside what is predicted for it."""

    what: str
    reported: str
    predicted: Interval | None = Field(description="None where only a direction was reported")
    share_below: float | None = Field(description="simulated share in the reported direction, below zero")
    inside: bool | None = Field(description="whether the figure lies in the interval; None without a figure")
    seen: bool = Field(description="whether the posterior of the drug effect had seen it")
    source: str


class Worth(Noun):
    """What knowing a part of what is not known would gain, in points of the primary outcome per patient."""

    part: str
    points: float
    luck: float = Field(description="what chance alone would show in so many draws")


class TrialSize(Noun):
    """What a trial of so many people in all would do, averaged over what is believed."""

    people: int
    settles: float = Field(description="chance that it settles the question")
    false_benefit: float = Field(description="chance that it finds a benefit of a drug that does nothing")
    power: float = Field(description="chance of p below alpha in favour, if the effect is 0.4 SD")


class Fact(Noun):
    """One line under the boxes: what, and what it is; of a trial's report on the weekly scale and on the rating of the day."""

    box: Literal["decides", "unknown"]
    what: str
    said: str
    on_the_day: str = ""


class Verdict(Noun):
    """None-valued fields come with `no_verdict`, which says why."""

    no_verdict: str | None
    first_words: str = Field(
        description="No verdict, Probably not, Nobody knows, This trial cannot tell, or Probably"
    )
    paragraph: str = Field(description="the first words and what follows from them")
    decides: list[str] = Field(description="what the protocol decides, in sentences")
    unknown: list[str] = Field(description="what nobody knows, in sentences")
    numbers: list[Headline] = Field(description="at most four")
    facts: list[Fact] = Field(description="the rest of both boxes")
    beside: list[AsReported] = Field(description="reported beside predicted, where the trial was done")
    worth: list[Worth] = Field(description="what knowing more would gain, largest first")
    p_above_mcid: Share | None
    p_above_zero: Share | None
    drug_effect: Interval | None = Field(
        description="true drug effect on the primary outcome, points, benefit positive"
    )
    difference: Interval | None = Field(description="expected between-arm difference, points")
    difference_drug: Interval | None
    difference_belief: Interval | None
    belief_share: float | None = Field(
        description="share of the expected difference that is belief; None when near zero"
    )
    power: Share | None
    type_one: Share | None
    participants_to_settle: int | None = Field(description="total; None when more than `settle_limit`")
    settle_low: int | None = Field(
        default=None,
        description="no trial below this size settles it, beyond twice the error of the simulation",
    )
    settle_high: int | None = Field(
        default=None,
        description="every trial from this size on settles it, beyond twice that error; None above `settle_limit`",
    )
    settled_wrongly: float | None = Field(
        default=None, description="share of what a trial of that size settles that is settled wrongly"
    )
    settled_wrongly_error: float | None = Field(default=None, description="Monte Carlo error of that share")
    settled_for_nothing: float | None = Field(
        default=None, description="how often a trial of that size finds a benefit of a drug that does nothing"
    )
    settled_here: float | None = Field(
        default=None, description="how often a trial of the protocol's own size settles the question"
    )
    settled_here_error: float | None = Field(default=None, description="Monte Carlo error of that share")
    wrong_here: float | None = Field(
        default=None, description="share of what such a trial settles that is settled wrongly"
    )
    wrong_here_error: float | None = Field(default=None, description="Monte Carlo error of that share")
    people_here: int | None = Field(
        default=None, description="that size: people in the arms that are compared, each counted once"
    )
    sizes: list[TrialSize] = Field(default_factory=list, description="the same over the number of people")
    settle_limit: int
    settle_meaning: str
    prior: Prior | None
    data: list[Prior] = Field(
        description="trials that updated the prior, in SD units at the reference regimen"
    )
    posterior: Prior | None
    share_of_prior: float | None = Field(
        description="posterior sd over prior sd: 1 means the data added nothing"
    )
    layers_note: str
    evidence: EvidenceBase | None = Field(default=None, description="None where there is no verdict")
