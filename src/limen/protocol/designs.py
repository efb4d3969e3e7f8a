"""Designs: what the word for one means, for whoever reads a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Design = Literal["parallel", "open label", "crossover", "randomised withdrawal", "self-blinding"]


@dataclass(frozen=True)
class DesignKind:
    """`periods`: everybody passes through every arm, a period each; `known`: everybody knows what they take; `blinded`:
    somebody must not. `unsimulated` says what limen leaves out of its trial, where scores are not simulated."""

    periods: bool = False
    known: bool = False
    blinded: bool = False
    unsimulated: str | None = None


DESIGNS: Mapping[Design, DesignKind] = MappingProxyType(
    {
        "parallel": DesignKind(),
        "open label": DesignKind(known=True),
        "crossover": DesignKind(periods=True),
        "randomised withdrawal": DesignKind(
            unsimulated="a design that reacts to response runs the walk in stages, which limen cannot do yet; doses, "
            "noticing and guesses are those of its first stage."
        ),
        "self-blinding": DesignKind(
            blinded=True,
            unsimulated="participants who randomise their own capsules week by week are not simulated yet; doses, noticing "
            "and guesses are those of people who take every capsule of their arm.",
        ),
    }
)
