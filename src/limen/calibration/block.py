"""What is fitted to what: the free parameters with the priors of the fit, and the published values by sets of participants."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from limen.calibration.targets import CALIBRATED, Target, targets
from limen.errors import FactsError, Place
from limen.parameters import Parameter, ParameterSet, quantile

FILE = "block.toml"


@dataclass(frozen=True)
class Block:
    """`wider`: parameter to how many times as wide its prior is in the fit; what is left out of the fit, and why."""

    wider: Mapping[str, float]
    not_used: Mapping[str, str]
    elsewhere: Mapping[str, str]

    def priors(self, parameters: ParameterSet) -> tuple[Parameter, ...]:
        """The priors of the fit, in order."""
        return tuple(widened(parameters[name], by) for name, by in self.wider.items())

    def why_not(self, target: Target) -> str:
        """Why a value that parameters were set with in sight is not fitted; empty for one that is."""
        if target.group in self.elsewhere:
            return self.elsewhere[target.group]
        if target.protocol == "first_capsule":
            return "these capsules are counted by dose already"
        return next((why for start, why in self.not_used.items() if target.name.startswith(start)), "")


@dataclass(frozen=True)
class ParticipantSet:
    """Published values of the same people: one contribution to the likelihood, `source` by `protocol`."""

    source: str
    protocol: str
    targets: tuple[Target, ...]

    @property
    def name(self) -> str:
        return f"{self.source}, {self.protocol}"


@cache
def block() -> Block:
    """The shipped block. Raises FactsError for a file that is none."""
    try:
        read = tomllib.loads(files("limen.calibration").joinpath(FILE).read_text(encoding="utf-8"))
        wider = {name: float(by) for name, by in read["block"].items()}
        return Block(
            MappingProxyType(wider), MappingProxyType(read["not_used"]), MappingProxyType(read["elsewhere"])
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise FactsError(f"this is no block of parameters: {error}", Place(file=FILE)) from None


def participant_sets(asked: Sequence[Target] | None = None) -> tuple[ParticipantSet, ...]:
    """The fitted values, one set for the values that a study gives of the people of one protocol."""
    found: dict[tuple[str, str], list[Target]] = {}
    for target in asked or targets():
        if target.role == CALIBRATED and not block().why_not(target):
            found.setdefault((target.sources[0], target.protocol), []).append(target)
    return tuple(
        ParticipantSet(source, protocol, tuple(those)) for (source, protocol), those in found.items()
    )


def widened(p: Parameter, by: float) -> Parameter:
    """The same prior, `by` times as wide on its own scale: ln of a lognormal, logit of a logit-normal."""
    kind, spread = next(iter(p.spread.items()), ("", 0.0))
    if kind not in ("gsd", "sd", "logit_sd"):
        raise FactsError(f"{p.name} has no spread that can be widened", Place(file=FILE), "leave it out")
    return replace(p, spread=MappingProxyType({kind: spread**by if kind == "gsd" else spread * by}))


def valued(
    priors: Sequence[Parameter], z: Float[np.ndarray, "draws block"]
) -> dict[str, Float[np.ndarray, " draws"]]:
    """Values of parameters at standard normal coordinates: F^-1(Phi(z)) of each prior."""
    return {p.name: quantile(p, ndtr(z[:, k])) for k, p in enumerate(priors)}
