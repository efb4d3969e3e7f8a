"""The register of outcomes: scales of the facts, dose-day ratings, and composites a protocol declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, PrivateAttr, WithJsonSchema, model_validator

from limen.facts.read import Row, read
from limen.protocol.fields import Filled, Mistake, Number, Part, measured, refuse_all, written
from limen.units import Quantity

DOSE_DAY = "dose day"
Direction = Literal["worse", "better"]


@dataclass(frozen=True)
class Registered:
    """One outcome limen knows: bounds, direction, when it is taken, and the default MCID with its source."""

    id: str
    full_name: str
    low: float
    high: float
    higher_is: Direction
    timing: Literal["weekly", "dose day"]
    kind: Literal["scale", "vas", "panas", "composite"]
    mcid_default: float | None = None
    mcid_source: str | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


# Which fact is the default MCID: the anchor-based figure, or the low end of the published plausible range.
_MCID_FACT = {
    "madrs": "mid_range_low",
    "hamd17": "mid_range_low",
    "bdi2": "mid_range_low",
    "gad7": "mcid_anchor",
    "phq9": "mcid_mean_ed50",
    "pcl5": "mid_anchor_low",
}
# These state one figure in `scales.csv`; other scales state a reliable change or nothing, which is no MCID.
_MCID_COLUMN = ("hama", "wemwbs", "cgi-s")


def _mcid(scale: Row) -> tuple[float | None, str | None]:
    name = scale["scale_id"]
    if name in _MCID_FACT:
        (fact,) = read("outcomes/scale_facts").where(scale_id=name, field=_MCID_FACT[name])
        return fact.number("value"), fact["source"]
    if name in _MCID_COLUMN:
        match = re.match(r"[\d.]+", scale["mcid_points"])
        assert match is not None
        return float(match.group()), scale["mcid_source"] or scale["source"]
    return None, None


def _scales() -> dict[str, Registered]:
    """Every scale with a better and a worse end; expectancy and suggestibility are traits, not outcomes."""
    found: dict[str, Registered] = {}
    for row in read("outcomes/scales"):
        low, high, end = row.number("min"), row.number("max"), row["higher_is"]
        if low is None or high is None or end not in ("worse", "better"):
            continue
        mcid, source = _mcid(row)
        found[row["scale_id"]] = Registered(
            row["scale_id"], row["full_name"], low, high, end, "weekly", "scale", mcid, source
        )
    return found


def _dose_day() -> dict[str, Registered]:
    panas = read("outcomes/scales").row("panas")
    low, high = panas.number("min"), panas.number("max")
    assert low is not None
    assert high is not None
    span = high - low
    ratings = {
        "vas_mood": "Visual analogue scale of mood",
        "vas_energy": "Visual analogue scale of energy",
        "vas_creativity": "Visual analogue scale of creativity",
        # Neither end is a benefit; scored upwards so that a drug that is felt has a positive effect.
        "vas_drug_intensity": "Visual analogue scale of the intensity of drug effect",
    }
    vas = [Registered(id, name, 0.0, 100.0, "better", DOSE_DAY, "vas") for id, name in ratings.items()]
    name = panas["full_name"]
    affect = [
        Registered("panas", f"{name}, positive affect", low, high, "better", DOSE_DAY, "panas"),
        Registered("panas_na", f"{name}, negative affect", low, high, "worse", DOSE_DAY, "panas"),
        Registered(
            "panas_balance", f"{name}, positive minus negative", -span, span, "better", DOSE_DAY, "panas"
        ),
    ]
    return {entry.id: entry for entry in (*vas, *affect)}


OUTCOMES: Mapping[str, Registered] = MappingProxyType({**_scales(), **_dose_day()})


class Composite(Part):
    """A named outcome made of registered ones, with its own bounds."""

    components: tuple[Filled, ...] = Field(min_length=1, description="ids of registered outcomes")
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


def _moment(value: Any) -> Quantity | str:
    return DOSE_DAY if isinstance(value, str) and value.strip() == DOSE_DAY else measured("time", True)(value)


Moment = Annotated[
    Quantity | Literal["dose day"],
    PlainValidator(_moment),
    PlainSerializer(lambda at: at if isinstance(at, str) else written(at), str),
    WithJsonSchema({"type": "string", "examples": ["6 wk", DOSE_DAY]}),
]


class Outcome(Part):
    """What is measured and when: a registered outcome, at a week after the first visit or on dose days."""

    id: Filled = Field(description="a registered outcome, or a composite declared in this protocol")
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


__all__ = ["DOSE_DAY", "OUTCOMES", "Composite", "Direction", "Outcome", "Registered"]
