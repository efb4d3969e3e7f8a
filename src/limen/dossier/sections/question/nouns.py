"""What is asked: compound, arms, schedule, primary outcome, and what the source leaves open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from limen.dossier.noun import Noun


class AskedArm(Noun):
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
    arms: list[AskedArm]
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
