"""How much of an error may be spent by a share of the information: the published spending functions, by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from limen.errors import LimenError

Law = Callable[[float, float, float], float]


def _like_obrien_fleming(error: float, t: float, _: float) -> float:
    return 2 * float(special.ndtr(special.ndtri(error / 2) / math.sqrt(t)))


def _like_pocock(error: float, t: float, _: float) -> float:
    return error * math.log1p((math.e - 1) * t)


def _hwang_shih_decani(error: float, t: float, gamma: float) -> float:
    return error * (t if gamma == 0 else math.expm1(-gamma * t) / math.expm1(-gamma))


def _kim_demets(error: float, t: float, rho: float) -> float:
    return error * t**rho


# Functions of (error, information share, parameter), and shapes z_k = C t_k^(shape - 1/2) whose C meets the whole error.
SPENT: dict[str, Law] = {
    "lan-demets-obrien-fleming": _like_obrien_fleming,
    "lan-demets-pocock": _like_pocock,
    "hwang-shih-decani": _hwang_shih_decani,
    "kim-demets": _kim_demets,
}
SHAPES = {"obrien-fleming": 0.0, "pocock": 0.5, "wang-tsiatis": math.nan}
PARAMETER = {"hwang-shih-decani": "gamma", "kim-demets": "rho", "wang-tsiatis": "shape"}


@dataclass(frozen=True)
class Spending:
    """One family of bounds. `parameter` is gamma (Hwang, Shih and DeCani 1990: error (1 - e^{-gamma t})/(1 - e^{-gamma})),
    rho (Kim and DeMets 1987: error t^rho) or the shape of Wang and Tsiatis (z_k = C t_k^{shape - 1/2}; O'Brien and Fleming
    0, Pocock 1/2). Lan and DeMets (1983), in the error of one side: 2 - 2 Phi(z_{error/2}/sqrt t), and
    error ln(1 + (e - 1) t)."""

    name: str
    parameter: float = math.nan

    @classmethod
    def named(cls, said: str) -> Spending:
        """From words such as "pocock", "kim-demets(3)" or "hwang-shih-decani(-4)". Raises LimenError for others."""
        found = re.fullmatch(r"([a-z-]+?)(?:\((-?\d+(?:\.\d+)?)\))?", said.strip().lower())
        name = found[1] if found else ""
        known = [n + (f"({PARAMETER[n]})" if n in PARAMETER else "") for n in (*SHAPES, *SPENT)]
        if found is None or name not in (*SHAPES, *SPENT):
            raise LimenError(f"no bounds are called {said!r}", remedy=f"there are: {', '.join(known)}")
        if (name in PARAMETER) != (found[2] is not None):
            right = next(word for word in known if word.startswith(name))
            raise LimenError(f"{said!r} has {'no' if name in PARAMETER else 'a'} number", remedy=f"write {right}, such as {right.replace(PARAMETER.get(name, '?'), '2')}")  # fmt: skip
        made = cls(name, float(found[2]) if found[2] else SHAPES.get(name, math.nan))
        if name == "kim-demets" and made.parameter <= 0:
            raise LimenError(f"rho of {made.parameter}", remedy="give one above zero")
        return made

    @property
    def by_shape(self) -> bool:
        return self.name in SHAPES

    def spent(self, error: float, t: float) -> float:
        """The error spent when the share `t` of the information is there."""
        return SPENT[self.name](error, min(t, 1.0), self.parameter)

    def __str__(self) -> str:
        return f"{self.name}({self.parameter:g})" if self.name in PARAMETER else self.name
