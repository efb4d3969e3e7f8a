"""What is measured and when: registered outcomes, and the composites and measures a protocol declares."""

from __future__ import annotations

import re
from math import inf
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from limen.protocol.fields import Filled, Mistake, Number, Part, measured, refuse_all, when, written
from limen.protocol.register import DOSE_DAY, OUTCOMES, Direction, Registered, outcome_named
from limen.units import Quantity

OutcomeId = Annotated[Filled, BeforeValidator(outcome_named)]


class Measure(Part):
    """An outcome of the protocol's own, of which limen has no score model."""

    full_name: Filled
    bounds: tuple[Number, Number] | None = Field(
        default=None,
        description="lowest and highest possible value; left out for counts, times and concentrations",
    )
    higher_is: Direction = Field(description="whether a higher value is worse or better")
    unit: Filled = "points"

    @model_validator(mode="after")
    def _ordered(self) -> Measure:
        if self.bounds is not None and self.bounds[0] >= self.bounds[1]:
            raise refuse_all([Mistake(("bounds",), f"bounds {list(self.bounds)} are not low, high")])
        return self

    def registered(self, name: str) -> Registered:
        """The measure as an entry of the register."""
        low, high = self.bounds or (-inf, inf)
        return Registered(
            name, self.full_name, low, high, self.higher_is, "any", "measure", unit=self.unit, construct=self.full_name.lower()
        )  # fmt: skip


class Composite(Part):
    """A named outcome made of registered ones, with its own bounds."""

    components: tuple[OutcomeId, ...] = Field(min_length=1, description="ids of registered outcomes")
    bounds: tuple[Number, Number] = Field(description="lowest and highest possible score")
    higher_is: Direction = Field(description="whether a higher score is worse or better")

    @model_validator(mode="after")
    def _ordered(self) -> Composite:
        if self.bounds[0] >= self.bounds[1]:
            raise refuse_all([Mistake(("bounds",), f"bounds {list(self.bounds)} are not low, high")])
        return self

    def registered(self, name: str) -> Registered:
        """The composite as an entry of the register: on dose days where every component is."""
        known = [OUTCOMES[part] for part in self.components if part in OUTCOMES]
        timing = DOSE_DAY if known and all(part.timing == DOSE_DAY for part in known) else "weekly"
        return Registered(
            name,
            f"Composite of {', '.join(self.components)}",
            *self.bounds,
            self.higher_is,
            timing,
            "composite",
        )


_FROM_BASELINE = re.compile(r"^change from baseline (?:at|to|on|in) ", re.IGNORECASE)


def _moment(value: Any) -> Quantity | str:
    if isinstance(value, str):
        value = _FROM_BASELINE.sub(
            "", value.strip()
        )  # the change and the score differ by what is adjusted for
    return DOSE_DAY if value in (DOSE_DAY, "dosing day", "dose days") else measured("time", True)(when(value))


Moment = Annotated[
    Quantity | Literal["dose day"],
    PlainValidator(_moment),
    PlainSerializer(lambda at: at if isinstance(at, str) else written(at), str),
    WithJsonSchema({"type": "string", "examples": ["6 wk", DOSE_DAY]}),
]


class Outcome(Part):
    """What is measured and when: a registered outcome, at a week after the first visit or on dose days."""

    id: OutcomeId = Field(
        description="a registered outcome, or a composite or measure declared in this protocol"
    )
    primary: bool = Field(default=False, strict=True, description="exactly one outcome is primary")
    at: Moment = Field(description="when it is analysed: a week such as '6 wk', or 'dose day'")
    mcid: Number | None = Field(
        default=None, gt=0, description="smallest difference that matters, in points of the scale"
    )
    mcid_source: Filled | None = Field(default=None, description="citation key of the MCID, or 'assumption'")
    _entry: Registered | None = PrivateAttr(None)

    def model_post_init(self, _: Any) -> None:
        self.register(OUTCOMES.get(self.id))

    def register(self, entry: Registered | None) -> None:
        """Tie the outcome to its entry; an MCID the protocol leaves out is the registered default."""
        self._entry = entry
        if entry is not None and self.mcid is None and entry.mcid_default is not None:
            object.__setattr__(self, "mcid", entry.mcid_default)
            object.__setattr__(self, "mcid_source", entry.mcid_source)

    @property
    def registered(self) -> Registered:
        """The entry of the register, or of the protocol's composites."""
        assert self._entry is not None, f"outcome {self.id!r} is not registered"
        return self._entry

    @property
    def kind(self) -> str:
        return self.registered.kind

    @property
    def higher_is(self) -> Direction:
        return self.registered.higher_is

    @property
    def bounds(self) -> tuple[float, float]:
        return self.registered.bounds

    @property
    def on_dose_days(self) -> bool:
        return self.at == DOSE_DAY

    @property
    def week(self) -> float | None:
        """The week of the analysis, None on dose days."""
        return None if isinstance(self.at, str) else self.at.to("wk")


__all__ = ["DOSE_DAY", "OUTCOMES", "Composite", "Direction", "Measure", "Outcome", "OutcomeId", "Registered"]
