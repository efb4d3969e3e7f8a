"""The verdict as data: prior, data and posterior, and the numbers of the first screen."""

from __future__ import annotations

from pydantic import Field

from limen.dossier.noun import Interval, Noun, Share


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
    settled_wrongly: float | None = Field(
        default=None, description="share of what a trial of that size settles that is settled wrongly"
    )
    settled_for_nothing: float | None = Field(
        default=None, description="how often a trial of that size finds a benefit of a drug that does nothing"
    )
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
