"""The answer as data: what the dossier shows and what its JSON file holds.

Every section is a frozen model; a section whose room is not built, or that the protocol does not call for, is None
and is absent from the page. Benefit is always positive: a difference in favour of the active arm is above zero.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.biology import Mechanism
from limen.dossier.caution import Safety
from limen.dossier.context import Known, Law
from limen.dossier.noun import Band, Interval, Noun, Share, Status

SCHEMA_VERSION = 1


class Arm(Noun):
    name: str
    kind: Literal["active", "inert placebo", "active placebo", "open label"]
    n: int
    dose_text: str = Field(description="the dose as written, with form; empty for an inert placebo")
    base_dose: float | None = Field(
        description="mean dose in ug LSD base or mg psilocybin anhydrate; None for placebos"
    )
    base_unit: str


class LeftOpen(Noun):
    field: str
    assumed: str


class Question(Noun):
    title: str = Field(description="the question in words")
    protocol: str
    status: Literal["conducted", "planned", "claimed, not found"]
    claim: str | None
    sources: list[str] = Field(description="formatted references of the protocol itself")
    compound: str
    indication: str
    arms: list[Arm]
    schedule: str
    n_doses: int
    duration_weeks: float
    primary: str
    primary_name: str
    primary_week: float | None
    primary_bounds: tuple[float, float]
    mcid: float | None
    mcid_source: str | None
    left_open: list[LeftOpen]


class DosingDay(Noun):
    day: int
    noticed: Interval = Field(description="P(something noticed) on that day, across people")
    tolerance_fold: Interval = Field(description="perceptual fold shift 1 + a s_T T met by that dose")


class ArmExposure(Noun):
    arm: str
    concentration: Band = Field(description="plasma, after one dose, hours")
    effect_site: Band
    occupancy: Band = Field(description="5-HT2A occupancy after one dose, hours")
    month: Band = Field(description="daily peak 5-HT2A occupancy over the whole schedule, days")
    tolerance: Band = Field(description="tolerance state T over the whole schedule, days")
    cmax: Interval
    dosing_days: list[DosingDay]


class Exposure(Noun):
    arms: list[ArmExposure] = Field(description="active and open-label arms only")
    threshold: Interval = Field(description="detection threshold at the effect site, across people")
    false_alarm: Interval = Field(description="P(noticed) after an inert placebo")
    analyte: str
    warnings: list[str]
    statuses: dict[Literal["concentration", "threshold", "occupancy", "tolerance"], Status] = Field(
        default_factory=dict,
        description="evidence each curve rests on; an absent one is drawn as an assumption",
    )


class WeeklyGuesses(Noun):
    week: float
    active: float
    dont_know: float
    placebo: float
    active_interval: tuple[float, float]


class PublishedGuess(Noun):
    arm: str
    week: float
    active: float
    n: int
    source: str


class ArmBlinding(Noun):
    arm: str
    guesses: list[WeeklyGuesses]
    bang: Interval
    belief: Band = Field(description="P(I am in the active arm) over weeks, across people")


class Blinding(Noun):
    arms: list[ArmBlinding]
    week: float = Field(description="week the indices refer to")
    d_prime: Interval
    criterion: Interval
    james: Interval
    correct: Interval
    capsule_hit: Interval = Field(description="P(capsule guessed active | active capsule)")
    capsule_false_alarm: Interval
    capsule_d_prime: Interval
    capsule_criterion: Interval
    published: list[PublishedGuess]
    notes: list[str]


class ArmTrajectory(Noun):
    arm: str
    weeks: list[float]
    mean: Band = Field(description="mean score of a trial arm as written, over simulated trials")
    people: list[list[float | None]] = Field(
        description="a sample of twenty individual lines, one list per person; None once the person has left"
    )
    published: list[tuple[float, float]] = Field(description="(week, published arm mean)")
    published_source: str | None


class Channel(Noun):
    name: Literal["selection", "course", "belief", "drug"]
    change: Interval = Field(
        description="mean improvement in points added by this channel in the stated order"
    )
    order_low: float = Field(description="smallest mean over the possible orders")
    order_high: float
    status: Status = Field(default="assumption", description="evidence the channel's size rests on")


class Decomposition(Noun):
    of: str = Field(description="an arm's name, or 'difference between arms'")
    order: list[str]
    channels: list[Channel]
    total: Interval


class Scenario(Noun):
    """What the trial as written would report if the standardised drug effect were `delta`."""

    delta: float | None = Field(description="None: drawn from the posterior")
    label: str
    estimates: list[float] = Field(
        description="quantiles 0.5% to 99.5% (100 of them) of the estimated difference"
    )
    critical: float | None = Field(description="median estimate at which p crosses alpha")
    significant: Share = Field(description="p < alpha, two-sided, in either direction")
    favourable: Share = Field(description="p < alpha in favour of the active arm")
    below_01: Share = Field(description="p < 0.01 in favour of the active arm")
    improved: Share = Field(description="p < 0.01 for improvement from baseline within the active arm alone")


class Reported(Noun):
    """One outcome under several drug effects: the weekly primary, or a dose-day outcome."""

    outcome: str
    outcome_name: str
    timing: Literal["weekly", "dose day"]
    unit: str
    alpha: float
    method: str
    scenarios: list[Scenario]
    type_one: Share | None = Field(description="P(p < alpha) with unblinding on and the drug effect off")
    type_one_blind: Share | None = Field(
        description="the same with belief switched off: the nominal level, as a check"
    )
    note: str


class ExpectedTrial(Noun):
    arms: list[ArmTrajectory]
    decomposition: list[Decomposition]
    weekly: Reported | None = Field(description="None where the primary outcome is a dose-day rating")
    dose_day: Reported | None
    responders: list[tuple[str, Interval]] = Field(
        description="arm, responder percentage at the primary visit"
    )
    retained: list[tuple[str, Interval]] = Field(
        description="arm, percentage still observed at the primary visit"
    )
    control_free_note: str | None = Field(
        description="for a single-arm trial: what cannot be estimated, and why"
    )


class Harm(Noun):
    name: str
    arm: str
    per_100: Interval
    evidence: str
    status: Status


class Prior(Noun):
    label: str
    mean: float
    sd: float
    note: str


class Verdict(Noun):
    """None-valued fields come with `no_verdict`, which says why."""

    no_verdict: str | None
    paragraph: str
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
    settle_limit: int
    settle_meaning: str
    prior: Prior
    data: list[Prior] = Field(
        description="trials that updated the prior, in SD units at the reference regimen"
    )
    posterior: Prior
    share_of_prior: float = Field(description="posterior sd over prior sd: 1 means the data added nothing")
    layers_note: str


class Claimed(Noun):
    """The question put to a trial that is claimed and cannot be found."""

    claim: str
    rows: list[tuple[str, float | None, Share]] = Field(
        description="(what would be reported, delta, how often)"
    )
    sentence: str


class Influence(Noun):
    parameter: str
    description: str
    status: Status
    low: float = Field(description="headline at the parameter's 10% point")
    high: float = Field(description="headline at its 90% point")


class UsedParameter(Noun):
    name: str
    description: str
    value: float
    q05: float
    q95: float
    unit: str
    status: Status
    sources: list[str]
    measured_in: str
    influence: float


class Provenance(Noun):
    headline: str
    headline_value: float
    influences: list[Influence] = Field(description="the ten most influential, largest first")
    parameters: list[UsedParameter]
    counts: dict[str, int] = Field(description="how many parameters per status")
    references: dict[str, str] = Field(description="citation key to formatted reference with DOI")


class Reproduce(Noun):
    version: str
    command: str
    seed: int
    draws: int
    people: int
    trials: int
    protocol_hash: str
    parameter_hash: str
    result_digest: str
    software: dict[str, str]


class Answer(Noun):
    schema_version: Literal[1] = SCHEMA_VERSION
    question: Question
    verdict: Verdict
    exposure: Exposure
    blinding: Blinding
    trial: ExpectedTrial | None
    harms: list[Harm]
    claimed: Claimed | None
    mechanism: Mechanism | None = None
    safety: Safety | None = None
    known: Known | None = None
    law: Law | None = None
    provenance: Provenance
    reproduce: Reproduce
    warnings: list[str]
