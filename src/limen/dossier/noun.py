"""The base of everything an answer is made of, apart so that sections may live in files of their own."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Layer = Literal["parameter", "trial", "person", "sampling"]


class Noun(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(Noun):
    """A number with its interval. `layers` says which kinds of uncertainty the interval holds."""

    value: float
    low: float
    high: float
    level: float = 0.90
    unit: str = ""
    layers: tuple[Layer, ...] = ("parameter",)
