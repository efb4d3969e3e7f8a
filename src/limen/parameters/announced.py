"""Which outcome of a protocol is simulated, and why one is not: one law for what `check` announces and what a trial does."""

from __future__ import annotations

from dataclasses import dataclass

from limen.parameters import ParameterSet
from limen.protocol.model import Protocol

SOONEST = 0.5  # week: before it a score model that moves in weeks says nothing


@dataclass(frozen=True)
class Announced:
    """`model` is the stem of the score model of the primary outcome over weeks, `rated` says that it is a dose-day rating
    with a model; `why` says what is missing where it is neither."""

    model: str | None = None
    rated: bool = False
    why: str | None = None

    @property
    def told(self) -> str:
        """What an answer will hold, in words."""
        if self.why is None:
            return "yes, on the rating of dosing days" if self.rated else "yes, scores are simulated"
        return f"none: {self.why.removesuffix('.')}. Everything that does not need a score is answered"


def announced(protocol: Protocol, parameters: ParameterSet) -> Announced:
    """Whether the primary outcome of a protocol is simulated."""
    primary, ill = protocol.primary, protocol.population.indication
    name = primary.registered.full_name
    if protocol.unsimulated is not None:
        return Announced(why=protocol.unsimulated)
    if primary.on_dose_days and protocol.compared[1] is None:
        return Announced(why="there is no control arm, and a rating of dosing days is compared between arms.")
    if primary.on_dose_days and f"dose_day.{primary.id}.mean" in parameters:
        return Announced(rated=True)
    model = f"outcomes.{ill}.{primary.id}"
    if primary.week is None or f"{model}.mu" not in parameters:
        people = "healthy people" if ill == "healthy" else ill
        where = "on dosing days" if primary.on_dose_days else f"in {people}"
        return Announced(why=f"limen has no score model of {name} {where}.")
    if primary.week < SOONEST:
        return Announced(
            why=f"limen's score models move in weeks, and the {name} is analysed {primary.at} after the first visit."
        )
    return Announced(model)
