"""Concentration, occupancy and noticing, per arm that takes the compound."""

from __future__ import annotations

from pydantic import Field

from limen.dossier.noun import Band, Interval, Noun
from limen.parameters.load import EvidenceStatus


class DosingDay(Noun):
    day: int
    noticed: Interval = Field(description="P(something noticed) on that day, across people")
    tolerance_fold: Interval = Field(description="perceptual fold shift 1 + a s_T T met by that dose")


class ArmExposure(Noun):
    """None stands where nobody measured the compound's constants."""

    arm: str
    concentration: Band = Field(description="plasma, after one dose, hours")
    effect_site: Band
    occupancy: Band | None = Field(description="5-HT2A occupancy after one dose, hours")
    month: Band | None = Field(description="daily peak 5-HT2A occupancy over the whole schedule, days")
    tolerance: Band | None = Field(description="tolerance state T over the whole schedule, days")
    cmax: Interval
    dosing_days: list[DosingDay] = Field(description="none where nobody measured what is noticed")


class Exposed(Noun):
    arms: list[ArmExposure] = Field(description="active and open-label arms only")
    threshold: Interval | None = Field(
        description="detection threshold at the effect site, across people; None where the trial model does not hold"
    )
    false_alarm: Interval | None = Field(description="P(noticed) after an inert placebo")
    by_dose: Band | None = Field(
        description="P(something noticed) on a first dose of the base, in the compound's unit; None where it is not known"
    )
    measured: tuple[float, float] | None = Field(description="range of doses of `by_dose` that was measured")
    analyte: str
    warnings: list[str]
    statuses: dict[str, EvidenceStatus] = Field(
        default_factory=dict,
        description="evidence each curve rests on; an absent one is drawn as an assumption",
    )
