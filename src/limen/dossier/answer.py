"""The answer as data: what every dossier has. The sections add a field each; `assembled.py` puts them together.

A section whose room is not built, or that the protocol does not call for, is None and is absent from the page. Benefit
is always positive: a difference in favour of the active arm is above zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from limen.dossier.noun import Noun

SCHEMA_VERSION = 1


class Reproduce(Noun):
    """What gives the same numbers again."""

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
    """What every answer has, beside the noun of each section."""

    schema_version: Literal[1] = SCHEMA_VERSION
    reproduce: Reproduce
    warnings: list[str]
    beyond: str | None = Field(
        default=None, description="why no trial model holds here: exposure, law, safety and evidence only"
    )

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
