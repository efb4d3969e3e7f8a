"""What every marker declares: its equations, its label, and what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from limen.engine.declare import Expression, Hill, Jump, Signal, State, Turnover
from limen.parameters.load import EvidenceStatus

Column = Float[np.ndarray, " people"]
Reference = Callable[[str, Column], Mapping[str, Column]]
Derive = Callable[[dict[str, Column], Reference], Mapping[str, Column]]
DEPRESSED = ("MDD", "TRD", "bipolar depression")


@dataclass(frozen=True)
class Shift:
    """Where a condition moves the marker's usual level: `parameter` (SD, people with it against healthy people) times
    the between-person SD. `status` is assumption where `borrowed` names the condition it was measured in instead."""

    indications: tuple[str, ...]
    parameter: str
    borrowed: str = ""
    note: str = ""

    @property
    def status(self) -> EvidenceStatus:
        return "assumption" if self.borrowed else "measured"


@dataclass(frozen=True)
class Marker:
    """One marker, complete: a file with this and a TOML with its numbers is all that adding one takes.

    Equations may read, beside every equation above their own:
    `x.O` (5-HT2A occupancy), `x.C` and `x.Ce` (ug/L in plasma and at the effect site);
    `x.t` and `x.tad` (h since the first and the last dose), `x.dose` (that dose), `x.clock` (clock hour of dosing);
    `x.o_full` and `x.auc_full` (peak and area of occupancy after the full dose, 25 mg psilocybin), `x.full_dose` (1 where
    the dose given is a full one), `x.plastic_share` (drive of plasticity as a share of the full dose's);
    and its numbers: parameter `response_il6.tau` is `x.il6_tau`. A number that differs between the drugs stands in the
    TOML twice, ending in `_lsd` and `_psi`, and is read without the ending.

    `label`: measured, translated or assumption (of the link from a microdose, the weakest).
    `within_sd`: parameter with the month-to-month SD of one person, on the marker's own scale; `between_sd` likewise
    between people. `switch`: name that is 0 or 1 in the equations, `probability` the parameter with its prior,
    `switched` what 0 and 1 mean in words, `forced` whether a full dose, which is what the effect was measured at, always has it on.
    `single`: parameter with the share of the full-dose effect that one microdose may have, for a second opinion.
    `derive`: further parameters from the drawn ones and from `reference(compound, dose)`, the exposure to one dose
    of a typical person (`peak` and `auc` of occupancy, area of `concentration`). `coupling`: parameter with the correlation to symptoms.
    `also`: further equations to look at. `after`: markers this one reads. `quiet`, `longest` (h): see the
    engine's Model; what a clock drives needs panels of a day.
    """

    id: str
    name: str
    unit: str
    label: EvidenceStatus
    reads: str
    equations: tuple[Signal | Hill | State | Turnover, ...]
    within_sd: str
    between_sd: str | None = None
    group: str = "your own"
    shown: Literal["day", "course"] = "course"
    switch: str | None = None
    probability: str | None = None
    forced: bool = True
    switched: tuple[str, str] = ("no link", "as if the link holds")
    single: str | None = None
    jumps: tuple[Jump, ...] = ()
    derive: Derive | None = None
    shifts: tuple[Shift, ...] = ()
    coupling: str | None = None
    also: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    quiet: Expression | None = None
    longest: float = 168.0
    sentence: str = ""

    def shift(self, indication: str) -> Shift | None:
        """What is known of this marker's level in an indication, or None where nothing is."""
        named = indication.casefold().replace("_", " ")
        return next((s for s in self.shifts if named in [i.casefold() for i in s.indications]), None)
