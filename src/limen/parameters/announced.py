"""Which outcome of a protocol is simulated, and why one is not: one law for what `check` announces and what a trial does."""

from __future__ import annotations

from dataclasses import dataclass

from limen.parameters import ParameterSet
from limen.protocol.model import Protocol

SOONEST = 0.5  # week: before it a score model that moves in weeks says nothing


@dataclass(frozen=True)
class Announced:
    """`model` is the stem of the score model of the primary outcome over weeks, `rated` says that it is a dose-day rating
    with a model; `why` says what is missing where it is neither, `instead` what there is."""

    model: str | None = None
    rated: bool = False
    why: str | None = None
    instead: str = ""

    @property
    def told(self) -> str:
        """What an answer will hold, in words."""
        if self.why is None:
            return "yes, on the rating of dosing days" if self.rated else "yes, scores are simulated"
        said = f"{self.why.removesuffix('.')}{self.instead and f'; there is one of {self.instead}'}"
        return f"none: {said}. Everything that does not need a score is answered"


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
        return Announced(
            why=f"limen has no score model of {name} {where}.", instead=_modelled(protocol, parameters)
        )
    if primary.week < SOONEST:
        return Announced(
            why=f"limen's score models move in weeks, and the {name} is analysed {primary.at} after the first visit."
        )
    return Announced(model)


def whole_week(week: float) -> int:
    """The week at whose end a score of a moment is simulated: whole, and not before the first."""
    return max(1, round(week))


def _modelled(protocol: Protocol, parameters: ParameterSet) -> str:
    """The score models nearest to a protocol: of its outcome in other people, of other outcomes in its people."""
    primary, ill = protocol.primary.id, protocol.population.indication
    known = [
        name.split(".")[1:3] for name in parameters if name.startswith("outcomes.") and name.endswith(".mu")
    ]
    people = [other for other, scale in known if scale == primary and other != ill]
    scales = [scale for other, scale in known if other == ill and scale != primary]
    found = [f"it in {', '.join(people)}"] if people else []
    found += ["it on dosing days (at: dose day)"] if f"dose_day.{primary}.mean" in parameters else []
    return " and of ".join(found + ([f"{', '.join(scales)} in {ill}"] if scales else []))
