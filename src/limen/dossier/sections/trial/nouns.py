"""The expected trial: courses, the split of the improvement, and what would be reported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Band, Interval, Noun, Paired, Share
from limen.parameters.load import EvidenceStatus


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
    status: EvidenceStatus = Field(default="assumption", description="evidence the channel's size rests on")


DIFFERENCE = "difference between arms"


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
    significant: Share = Field(description="p < alpha in either direction; a one-sided test has one")
    favourable: Share = Field(description="p < alpha in favour of the active arm")
    below_01: Share = Field(description="p < 0.01 in favour of the active arm")
    improved: Share = Field(description="p < 0.01 for improvement from baseline within the active arm alone")


class Stopping(Noun):
    """Interim looks, and where a trial of a drug that does nothing ends."""

    at: list[float] = Field(description="shares of the people whose outcome is in")
    spending: str
    early: Share = Field(description="trials that stop before the last look")
    people: Interval = Field(description="people in it when it stops, over trials")


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
    by_belief: Paired | None = Field(
        default=None, description="type_one minus type_one_blind on the same trials; None where either is"
    )
    stopping: Stopping | None = Field(default=None, description="None without interim looks")
    note: str


class ArmsCompared(Noun):
    """Two arms of a trial with more than two, benefit positive, by ANCOVA within participants or between."""

    arm: str
    control: str
    primary: bool = Field(description="the comparison that the protocol calls primary, else the first")
    difference: Interval = Field(description="difference as believed")
    by_belief: Interval = Field(description="difference with no drug effect at all")
    for_nothing: Share = Field(description="p < alpha, in either direction, with no drug effect")
    favourable: Share = Field(description="p < alpha in favour of `arm`, as believed")


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
    comparisons: list[ArmsCompared] = Field(
        default_factory=list, description="every pair of arms, where there are more than two"
    )
    control_free_note: str | None = Field(
        description="for a single-arm trial: what cannot be estimated, and why"
    )
