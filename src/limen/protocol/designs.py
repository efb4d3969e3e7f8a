"""Designs: what the word for one means, for whoever reads a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

DesignName = Literal[
    "parallel", "open label", "crossover", "factorial", "dose-ranging", "escalation", "delayed start", "placebo lead-in",
    "randomised withdrawal", "self-blinding", "cluster",
]  # fmt: skip
_WORDS = {
    "open label": "open-label, single arm, single-arm, single group",
    "crossover": "cross over, two-way crossover, three-way crossover, four-way crossover, latin square, latin-square crossover, cross-over, within-subject, within-participant, within-person, within subject",
    "factorial": "balanced placebo, balanced-placebo, 2x2 factorial, 2x2",
    "dose-ranging": "dose ranging, dose-finding, dose finding, dose-response, dose response",
    "escalation": "dose escalation, dose-escalation, ascending dose, ascending, within-person escalation, within-subject escalation, titration",
    "delayed start": "delayed-start, waiting list, waitlist, wait-list",
    "placebo lead-in": "placebo run-in, lead-in, run-in",
    "randomised withdrawal": "randomized withdrawal, withdrawal, randomised discontinuation, randomized discontinuation",
    "self-blinding": "self-blinded, self blinding, self-blind",
    "cluster": "cluster randomised, cluster randomized, cluster-randomised, cluster-randomized",
    "parallel": "parallel group, parallel groups, parallel-group",
}
_CALLED = {word: name for name, words in _WORDS.items() for word in words.split(", ")}


def _named(value: Any) -> Any:
    """The design's own name for any of its names; whatever else as it is."""
    word = " ".join(value.casefold().split()) if isinstance(value, str) else ""
    return _CALLED.get(word, word if word in _WORDS else value)


Design = Annotated[DesignName, BeforeValidator(_named)]


STAGES = (
    "a design that reacts to response runs the walk in stages, which limen cannot do yet; doses, noticing and guesses are those "
    "of the arms as they are written, from the first dose on."
)


@dataclass(frozen=True)
class DesignKind:
    """`periods`: everybody passes through every arm, a period each; `known`: everybody knows what they take; `blinded`:
    somebody must not; `alone`: everybody is their own control, so that no control arm is needed. `unsimulated` says what limen leaves out of its trial, where scores are not simulated; `by_steps`: they are all the same
    where the doses of each arm are written over time and nobody has to respond first."""

    periods: bool = False
    known: bool = False
    blinded: bool = False
    alone: bool = False
    unsimulated: str | None = None
    by_steps: bool = False


DESIGNS: Mapping[DesignName, DesignKind] = MappingProxyType(
    {
        "parallel": DesignKind(),
        "open label": DesignKind(known=True),
        "crossover": DesignKind(periods=True),
        "factorial": DesignKind(blinded=True),
        "dose-ranging": DesignKind(),
        "escalation": DesignKind(alone=True),
        "delayed start": DesignKind(),
        "placebo lead-in": DesignKind(),
        "cluster": DesignKind(
            unsimulated="people of one cluster are alike and talk to each other, and limen simulates people who do not: it would "
            "promise too much power; doses, noticing and guesses are those of people randomised one by one."
        ),
        "randomised withdrawal": DesignKind(unsimulated=STAGES, by_steps=True),
        "self-blinding": DesignKind(
            blinded=True,
            unsimulated="participants who randomise their own capsules week by week are not simulated yet; doses, noticing "
            "and guesses are those of people who take every capsule of their arm.",
        ),
    }
)
