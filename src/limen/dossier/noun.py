"""The base of everything an answer is made of, apart so that sections may live in files of their own."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Layer = Literal["parameter", "trial", "person", "sampling"]

Made = TypeVar("Made", bound="Noun")


class Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def like(cls: type[Made], thing: object, **given: Any) -> Made:
        """What another room's record calls by the same names, and what is `given` beside or instead."""
        names = (name for name in cls.model_fields if name not in given and hasattr(thing, name))
        return cls.model_validate({name: getattr(thing, name) for name in names} | given)


class Interval(Noun):
    """A number with its interval. `layers` says which kinds of uncertainty the interval holds."""

    value: float
    low: float
    high: float
    level: float = 0.90
    unit: str = ""
    layers: tuple[Layer, ...] = ("parameter",)
    monte_carlo_se: float | None = Field(
        default=None,
        description="of the value; the interval holds no variance of the simulation where it is given",
    )


class Share(Noun):
    """A simulated proportion with its Monte Carlo standard error."""

    value: float
    monte_carlo_se: float
    of: int = Field(description="number of simulated trials or people it was counted in")


class Paired(Noun):
    """A share with something switched on minus the same share with it off, counted on the same simulated trials."""

    value: float
    monte_carlo_se: float
    of: int

    @property
    def clear(self) -> bool:
        """Whether the difference exceeds twice its Monte Carlo standard error, so that a cause may be named."""
        return abs(self.value) > 2 * self.monte_carlo_se


class Band(Noun):
    """A curve with its 50% and 90% bands. All lists have the length of `at`."""

    at: list[float]
    at_unit: str
    median: list[float]
    q05: list[float]
    q25: list[float]
    q75: list[float]
    q95: list[float]
    unit: str
    layers: tuple[Layer, ...]
