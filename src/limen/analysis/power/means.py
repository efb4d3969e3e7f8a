"""Designs that compare means, each with the exact power of its t test."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from limen.analysis.power.aims import Aim, ends, shown, spread, t_power
from limen.errors import LimenError

# Gauss-Legendre nodes over the chance imbalance of the baseline, whose law is cut where e^-40 of it is left.
NODES, FURTHEST = 64, 9.0
WELCH_NODES = 64  # over each of two variances


@dataclass(frozen=True, kw_only=True)
class Design(ABC):
    """What every design says of itself. `dropout` is the share who are randomised and not analysed."""

    test: ClassVar[str]
    groups: ClassVar[tuple[str, ...]] = ("active", "control")
    least: ClassVar[int] = 2  # people in the smaller arm
    smooth: ClassVar[bool] = True  # power never falls as people are added
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise LimenError(f"a dropout of {self.dropout:g}", remedy="give a share such as 0.15")

    def arms(self, size: int) -> tuple[int, ...]:
        """People in each group where the last has `size`."""
        return (size,) * len(self.groups)

    def split(self, n: int) -> tuple[int, ...]:
        """`n` people over the groups, as the allocation asks; the last is the smaller where it does not come out even."""
        size = n // len(self.groups)
        return (n - size * (len(self.groups) - 1), *[size] * (len(self.groups) - 1))

    def randomised(self, arms: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(math.ceil(one / (1 - self.dropout) - 1e-9) for one in arms)

    @abstractmethod
    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        """The chance of the aim where the effect is so large."""

    def most_effect(self, aim: Aim) -> float:
        """An effect that is looked for is below it."""
        return aim.margin if aim.kind == "equivalence" else math.inf

    @abstractmethod
    def words(self) -> str:
        """What is assumed, in words."""

    def size(self, difference: float) -> str:
        """A difference as a sentence says it."""
        return f"{difference:.4g}"


@dataclass(frozen=True, kw_only=True)
class Means(Design):
    """`sd` is the standard deviation of the outcome within a group."""

    sd: float

    def __post_init__(self) -> None:
        super().__post_init__()
        above_zero("standard deviation", self.sd)

    @property
    def unit(self) -> float:
        """What an effect is looked for in multiples of."""
        return self.sd

    def words(self) -> str:
        return f"standard deviation {self.sd:g}"


@dataclass(frozen=True, kw_only=True)
class OneSample(Means):
    """The mean of one group against a fixed value: df = n - 1, se = sd/sqrt(n)."""

    test: ClassVar[str] = "a one-sample t test"
    groups: ClassVar[tuple[str, ...]] = ("",)

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        return float(t_power(effect, self.sd / math.sqrt(arms[0]), arms[0] - 1, aim))


@dataclass(frozen=True, kw_only=True)
class Paired(OneSample):
    """Two scores of each person whose `correlation` is known: the difference has the SD sd sqrt(2 (1 - correlation))."""

    test: ClassVar[str] = "a paired t test"
    correlation: float

    def __post_init__(self) -> None:
        super().__post_init__()
        correlated(self.correlation)

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        sd = self.sd * math.sqrt(2 * (1 - self.correlation))
        return float(t_power(effect, sd / math.sqrt(arms[0]), arms[0] - 1, aim))

    def words(self) -> str:
        return f"{super().words()}, correlation within a person {self.correlation:g}"


@dataclass(frozen=True, kw_only=True)
class Crossover(Paired):
    """Two periods in both orders, period removed: df = n - 2, se^2 = sd^2 (1 - correlation) (1/n_1 + 1/n_2)/2 with n_1, n_2
    people in the two sequences. No carry-over is taken into account."""

    test: ClassVar[str] = "a two-period crossover, period adjusted for,"
    groups: ClassVar[tuple[str, ...]] = ("active first", "control first")

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        se = self.sd * math.sqrt((1 - self.correlation) * sum(1 / one for one in arms) / 2)
        return float(t_power(effect, se, sum(arms) - 2, aim))


@dataclass(frozen=True, kw_only=True)
class Allocated(Design):
    """Two arms, with `allocation` people on active for each on control."""

    allocation: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        above_zero("allocation", self.allocation)

    def arms(self, size: int) -> tuple[int, ...]:
        if self.allocation >= 1:
            return (math.ceil(size * self.allocation - 1e-9), size)
        return (size, math.ceil(size / self.allocation - 1e-9))

    def split(self, n: int) -> tuple[int, ...]:
        active = math.ceil(n * self.allocation / (1 + self.allocation) - 1e-9)
        return (active, n - active)


@dataclass(frozen=True, kw_only=True)
class TwoSample(Allocated, Means):
    """Student's test: df = n_1 + n_0 - 2, se = sd sqrt(1/n_1 + 1/n_0). With another SD in the control arm Welch's, whose
    width t_{1 - tail, nu} sqrt(s_1^2/n_1 + s_0^2/n_0) and df nu are estimated: the mean over both variances, exact."""

    test: ClassVar[str] = "a two-sample t test"
    sd_control: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sd_control is not None:
            above_zero("standard deviation in the control arm", self.sd_control)

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        n1, n0 = arms
        if self.sd_control is None:
            return float(t_power(effect, self.sd * math.sqrt(1 / n1 + 1 / n0), n1 + n0 - 2, aim))
        (s1, w1), (s0, w0) = (_variances(n - 1) for n in arms)
        v1, v0 = (s1 * self.sd) ** 2 / n1, (s0 * self.sd_control) ** 2 / n0
        total = v1[:, None] + v0
        nu = total**2 / (v1[:, None] ** 2 / (n1 - 1) + v0**2 / (n0 - 1))
        se = math.sqrt(self.sd**2 / n1 + self.sd_control**2 / n0)
        found = shown(effect, se, -special.stdtrit(nu, aim.tail) * np.sqrt(total), aim)
        return float(w1 @ found @ w0)

    def words(self) -> str:
        if self.sd_control is None:
            return super().words()
        return f"standard deviations {self.sd:g} on active and {self.sd_control:g} on control, Welch's test"


def _variances(df: int) -> tuple[np.ndarray, np.ndarray]:
    return spread(df, *ends(df), WELCH_NODES)


@dataclass(frozen=True, kw_only=True)
class Ancova(Allocated, Means):
    """Outcome ~ arm + baseline under randomisation, baseline and outcome jointly normal with this `correlation`.

    The residual SD is sd sqrt(1 - r^2), df = n - 3, and chance imbalance of the baseline widens the variance of the difference:

        var = sd^2 (1 - r^2) (1/n_1 + 1/n_0) [1 + F/(n - 2)],   F ~ F(1, n - 2),

    because (x_1 - x_0)^2/S_xx is that multiple of an F ratio. The power is the mean over F: exact, not the usual
    sample-size approximation that leaves F out. For change from baseline pass the SD and correlation of the final
    score: the analysis is the same.
    """

    test: ClassVar[str] = "an analysis of covariance"
    correlation: float

    def __post_init__(self) -> None:
        super().__post_init__()
        correlated(self.correlation)

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        se = self.sd * math.sqrt((1 - self.correlation**2) * sum(1 / one for one in arms))
        return over_imbalance(effect, se, sum(arms) - 2, aim)

    def words(self) -> str:
        return f"{super().words()}, correlation of baseline and outcome {self.correlation:g}"


def over_imbalance(effect: float, se: float, nu: float, aim: Aim) -> float:
    """Mean power with df = nu - 1 over what a chance imbalance of the baseline adds: se^2 (1 + F/nu), F ~ F(1, nu)."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    # F = T^2 with T = sqrt(nu) tan(a): its law in the angle a is cos^(nu - 1), smooth, and 1 + F/nu is 1/cos^2.
    end = min(math.pi / 2, FURTHEST / math.sqrt(nu))
    angle = end * (nodes + 1) / 2
    weight = np.exp((nu - 1) * np.log(np.cos(angle)) - special.betaln(0.5, nu / 2)) * end * weights
    return float(weight @ t_power(effect, se / np.cos(angle), nu - 1, aim))


def above_zero(what: str, value: float) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise LimenError(f"{what}: {value:g}", remedy="give a number above zero")


def correlated(value: float) -> None:
    if not -1 < value < 1:
        raise LimenError(f"a correlation of {value:g}", remedy="give one above -1 and below 1")
