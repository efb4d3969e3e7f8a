"""Differences between arms as a person writes them: "drug - placebo", "0.5 low + 0.5 high - placebo", and the trend over
doses, "linear(placebo=0, low=5, high=20)": points of the outcome for each unit.

    trend = sum_a w_a mean_a,  w_a = (x_a - x) / sum_b (x_b - x)^2,  x the mean of the x_a
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from limen.errors import DataError

EXAMPLE = 'such as "drug - placebo", "0.5 low + 0.5 high - placebo" or "linear(placebo=0, low=5, high=20)"'
_TREND = re.compile(r"linear\((.*)\)", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?))?(?:\s*\*\s*|\s+)")


@dataclass(frozen=True)
class Contrast:
    """A combination of arm means; the weights add up to zero."""

    name: str
    weights: Mapping[str, float]

    @property
    def pair(self) -> tuple[str, str] | None:
        """The two arms, if it is the first minus the second."""
        by_weight = {weight: arm for arm, weight in self.weights.items()}
        plain = len(self.weights) == 2 and set(by_weight) == {1.0, -1.0}
        return (by_weight[1.0], by_weight[-1.0]) if plain else None


def difference(one: str, other: str) -> Contrast:
    return Contrast(f"{one} - {other}", {one: 1.0, other: -1.0})


def contrast(said: str, arms: Sequence[str]) -> Contrast:
    """What is `said`, of these arms. Raises DataError for what names no arm, and for weights that are no difference."""
    trend = _TREND.fullmatch(said.strip())
    weights = _slopes(said, trend.group(1), arms) if trend else _sum(said, arms)
    weights = {arm: weight for arm, weight in weights.items() if weight}
    size = max((abs(weight) for weight in weights.values()), default=0.0)
    if not weights or abs(sum(weights.values())) > 1e-3 * size:
        raise DataError(f"the weights of {said!r} add up to {sum(weights.values()):g}: no difference", remedy=f"those of a difference add up to 0, {EXAMPLE}")  # fmt: skip
    return Contrast(" ".join(said.split()), weights)


def _slopes(said: str, inside: str, arms: Sequence[str]) -> dict[str, float]:
    doses = dict[str, float]()
    for part in inside.split(","):
        name, _, dose = (word.strip() for word in part.rpartition("="))
        try:
            doses[_known(name, arms, said)] = float(dose)
        except ValueError:
            raise DataError(f"{part.strip()!r} in {said!r} gives no dose", remedy=EXAMPLE) from None
    middle = sum(doses.values()) / len(doses)
    spread = sum((dose - middle) ** 2 for dose in doses.values())
    if not spread:
        raise DataError(f"every dose in {said!r} is the same", remedy="a trend needs two doses")
    return {arm: (dose - middle) / spread for arm, dose in doses.items()}


def _sum(said: str, arms: Sequence[str]) -> dict[str, float]:
    """Arms are sought by their longest name, since a name may hold a number or a hyphen of its own."""
    weights, rest, sign = dict[str, float](), said.strip(), 1.0
    ordered = sorted(arms, key=len, reverse=True)
    while rest:
        if rest[0] in "+-":
            sign, rest = (1.0 if rest[0] == "+" else -1.0), rest[1:].strip()
        here = next((arm for arm in ordered if _starts(rest, arm)), None)
        factor = 1.0
        if here is None and (number := _NUMBER.match(rest)):
            factor = float(number.group(1)) / float(number.group(2) or 1)
            rest = rest[number.end() :]
            here = next((arm for arm in ordered if _starts(rest, arm)), None)
        if here is None:
            _known(re.split(r"\s[+-]\s", rest)[0].strip(), arms, said)
            raise DataError(f"{said!r} is no difference of arms", remedy=EXAMPLE)
        weights[here] = weights.get(here, 0.0) + sign * factor
        rest = rest[len(here) :].strip()
        if rest and rest[0] not in "+-":
            raise DataError(f"{rest!r} in {said!r} is neither + nor -", remedy=EXAMPLE)
    return weights


def _starts(rest: str, arm: str) -> bool:
    """Whether the name stands here whole: what follows it is a sign with blanks around it, or nothing."""
    return rest.startswith(arm) and re.match(r"\s*$|\s+[+-]\s|\s*[+-]\s*\S", rest[len(arm) :]) is not None


def _known(name: str, arms: Sequence[str], said: str) -> str:
    if name not in arms:
        raise DataError(f"{said!r} names {name!r}, which is no arm", remedy=f"arms: {', '.join(arms)}")
    return name
