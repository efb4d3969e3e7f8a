"""Every parameter, what moves the answer, and the references."""

from __future__ import annotations

from pydantic import Field

from limen.dossier.noun import Noun
from limen.parameters.load import EvidenceStatus


class Influence(Noun):
    parameter: str
    description: str
    status: EvidenceStatus
    low: float = Field(description="headline at the parameter's 10% point")
    high: float = Field(description="headline at its 90% point")
    clear: bool = Field(default=True, description="whether it can be told from the noise of so few draws")


class UsedParameter(Noun):
    name: str
    description: str
    value: float
    q05: float
    q95: float
    unit: str
    status: EvidenceStatus
    sources: list[str]
    measured_in: str
    influence: float
    moved: bool = Field(
        description="whether it is drawn from its posterior given published values, not from its prior"
    )


class Provenance(Noun):
    headline: str
    headline_value: float
    noise: float = Field(
        default=0.0,
        description="difference that the largest of so many parameters without influence would show",
    )
    influences: list[Influence] = Field(description="the ten most influential, largest first")
    parameters: list[UsedParameter]
    counts: dict[str, int] = Field(description="how many parameters per status")
    drawn_from: str = Field(description="what the parameters are drawn from, in a sentence")
    moved: int = Field(description="how many of the listed parameters published values have moved")
    references: dict[str, str] = Field(description="citation key to formatted reference with DOI")
    cited_as: dict[str, str] = Field(default_factory=dict, description="citation key to author and year")
