"""What every marker declares: its equations, its label, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from limen.engine.declare import Hill, Jump, Signal, State, Turnover


@dataclass(frozen=True)
class Marker:
    """One marker. `equations` may read `x.O` (occupancy), `x.C`, and the parameters under `prefix` as `x.<id>_<name>`.

    `label`: measured, translated or assumption (of the microdose link, the weakest). `within_sd`: parameter that holds
    the month-to-month SD of one person, on the marker's own scale. `switch`: parameter of the spike at zero.
    """

    id: str
    name: str
    unit: str
    label: str
    reads: str
    equations: tuple[Signal | Hill | State | Turnover, ...]
    within_sd: str
    switch: str | None = None
    jumps: tuple[Jump, ...] = ()
    sentence: str = ""
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None
