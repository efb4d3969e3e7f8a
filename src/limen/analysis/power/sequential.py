"""Group-sequential bounds: how far a statistic must be at each look, what that costs, and where a trial stops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scipy import special

from limen.analysis.power.aims import root
from limen.analysis.power.paths import Exits, Path, exits
from limen.analysis.power.spending import Spending
from limen.errors import LimenError
from limen.results import Result, aligned

FAR = 37.5  # the normal tail beyond it is no longer a number
MOST_LOOKS, CLOSEST = 50, 1e-4


@dataclass(frozen=True)
class Futility:
    """When to stop because the effect will not be shown: the statistic below `z` at each look but the last, or bounds that
    spend `beta` by a spending function. A bound that binds lets the bounds for efficacy be lower; one that does not may be
    overruled, and they are as if it were not there."""

    z: tuple[float, ...] = ()
    beta: float | None = None
    spending: str = ""
    binding: bool = False


@dataclass(frozen=True)
class Bounds(Result):
    """Bounds for z at each look. `efficacy` is the upper one (and, mirrored, the lower one of a two-sided test); `futility`
    is empty where there is none, and meets `efficacy` at the last look. `spent` is the one-sided error spent so far, and `drift` the mean
    of z at the end for which bounds of a spent beta reach the power 1 - beta."""

    information: tuple[float, ...]
    alpha: float
    sided: int
    spending: str
    efficacy: tuple[float, ...]
    futility: tuple[float, ...] = ()
    binding: bool = False
    spent: tuple[float, ...] = ()
    drift: float | None = None

    @property
    def p(self) -> tuple[float, ...]:
        """The p-value, with as many sides as the test, below which each look stops for efficacy."""
        return tuple(float(self.sided * special.ndtr(-z)) for z in self.efficacy)

    @property
    def lower(self) -> tuple[float, ...]:
        """What the statistic falls below to stop: the other side, or futility; minus infinity where there is neither."""
        none = (-math.inf,) * len(self.efficacy)
        return tuple(-z for z in self.efficacy) if self.sided == 2 else self.futility or none

    def exits(self, drift: float) -> Exits:
        """Where the trial stops if z at the end has this mean."""
        return exits(self.information, self.lower, self.efficacy, drift)

    def power(self, drift: float) -> float:
        """Probability to reject on the side of the effect."""
        return sum(self.exits(drift).upper)

    def drift_for(self, power: float) -> float:
        """The mean of z at the end that has this power."""
        if not self.alpha < power < 1:
            raise LimenError(f"a power of {power:g}", remedy=f"give one between alpha ({self.alpha:g}) and 1")
        top = self.fixed_drift(power) + 1
        while self.power(top) < power:
            top *= 1.5
            if top > FAR:
                raise LimenError("the bounds for futility leave no such power", remedy="lower them")
        return root(lambda drift: self.power(drift) - power, 0.0, top)

    def fixed_drift(self, power: float) -> float:
        """The mean of z of a trial with one look: z_{alpha/sided} + z_{1 - power}."""
        return float(special.ndtri(power) - special.ndtri(self.alpha / self.sided))

    def inflation(self, power: float) -> float:
        """Information at the last look over that of a trial with one look and the same power."""
        return (self.drift_for(power) / self.fixed_drift(power)) ** 2

    def expected(self, drift: float) -> float:
        """Mean share of the planned information at which the trial stops."""
        found = self.exits(drift)
        stopped = [up + down for up, down in zip(found.upper, found.lower, strict=True)]
        before = stopped[:-1]
        return sum(t * p for t, p in zip(self.information, [*before, 1 - sum(before)], strict=True))

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [
            {"look": k + 1, "information": t, "efficacy": self.efficacy[k], "p": self.p[k],
             "futility": self.futility[k] if self.futility else None, "spent": self.spent[k]}
            for k, t in enumerate(self.information)
        ]  # fmt: skip

    def document(self) -> dict[str, Any]:
        return {"schema_version": 1, "alpha": self.alpha, "sided": self.sided, "spending": self.spending,
                "binding": self.binding, "drift": self.drift, "looks": self.rows()}  # fmt: skip

    def lines(self) -> list[str]:
        head = [
            "look",
            "information",
            "z",
            "p",
            *(["futility z"] if self.futility else []),
            "alpha spent, one side",
        ]
        rows = [
            [str(k + 1), f"{t:.4g}", _z(self.efficacy[k]), f"{self.p[k]:.4g}",
             *([_z(self.futility[k])] if self.futility else []), f"{self.spent[k]:.6f}"]
            for k, t in enumerate(self.information)
        ]  # fmt: skip
        return [f"{self.spending} bounds, {self.words()}", "", *aligned(head, rows), "", self.sentence()]

    def sentence(self) -> str:
        """The bounds as a protocol states them."""
        count = len(self.information)
        when = ", ".join(f"{t:.4g}" for t in self.information)
        stops = ", ".join(_z(z) for z in self.efficacy)
        below = f"; below z {', '.join(_z(z) for z in self.futility[:-1])} it stops for futility" if self.futility and count > 1 else ""  # fmt: skip
        return f"At {count} looks (information {when}) the trial rejects beyond z {stops}, by {self.spending} bounds at a {self.words()}{below}."  # fmt: skip

    def words(self) -> str:
        sides = f"{'two' if self.sided == 2 else 'one'}-sided level of {100 * self.alpha:g}%"
        return f"{sides}, {'binding' if self.binding else 'non-binding'} futility" if self.futility else sides


def bounds(
    information: Sequence[float],
    alpha: float = 0.05,
    spending: str = "lan-demets-obrien-fleming",
    sided: int = 2,
    futility: Futility | None = None,
) -> Bounds:
    """Bounds at shares `information` of what is planned (any unit: the last is all of it), with error `alpha` over all
    looks. `spending` is "obrien-fleming", "pocock", "wang-tsiatis(shape)", "lan-demets-obrien-fleming", "lan-demets-pocock",
    "hwang-shih-decani(gamma)" or "kim-demets(rho)"; with two sides each spends half of alpha. Raises LimenError.

    >>> import limen
    >>> [round(z, 3) for z in limen.bounds([1, 2, 3, 4, 5], 0.05, "obrien-fleming").efficacy]
    [4.562, 3.226, 2.634, 2.281, 2.04]
    """
    times = _shares(information)
    if sided not in (1, 2) or not 0 < alpha < 1:
        raise LimenError(
            f"a test with {sided} sides at {alpha:g}", remedy="give 1 or 2 sides and an alpha such as 0.05"
        )
    family, error = Spending.named(spending), alpha / sided
    _check(futility, times, sided, family)
    z = futility.z if futility else ()
    floor = (*z, -math.inf) if z else (-math.inf,) * len(times)
    held = floor if futility and futility.binding else (-math.inf,) * len(times)
    if futility and futility.beta is not None:
        drift, high, low = _beta_spent(times, error, family, futility)
    else:
        high, drift = _efficacy(times, error, family, sided, held), None
        low = (*z, high[-1]) if z else ()
    return Bounds(
        times, alpha, sided, str(family), high, low, bool(futility and futility.binding),
        _cumulated(exits(times, _lower(times, high, low, sided, futility), high, 0.0).upper), drift,
    )  # fmt: skip


def _lower(
    times: Sequence[float], high: Sequence[float], low: Sequence[float], sided: int, futility: Futility | None
) -> Sequence[float]:
    """What the level is counted with: the other side, or futility where it binds."""
    if sided == 2:
        return [-z for z in high]
    return low if futility and futility.binding else (-math.inf,) * len(times)


def _efficacy(
    times: Sequence[float], error: float, family: Spending, sided: int, floor: Sequence[float]
) -> tuple[float, ...]:
    if family.by_shape:
        shape = [t ** (family.parameter - 0.5) for t in times]

        def excess(c: float) -> float:
            high = [c * s for s in shape]
            low = [-z for z in high] if sided == 2 else [min(f, z) for f, z in zip(floor, high, strict=True)]
            return sum(exits(times, low, high, 0.0).upper) - error

        c = root(excess, -0.5 * float(special.ndtri(error)), 3 - 3 * float(special.ndtri(error)))
        return tuple(c * s for s in shape)
    path, spent, found = Path.start(0.0), 0.0, []
    for k, t in enumerate(times):
        z = _above(path, t, family.spent(error, t) - spent)
        spent = family.spent(error, t)
        found.append(z)
        if k + 1 < len(times):
            path = path.on(t, -z if sided == 2 else min(floor[k], z), z, times[k + 1])
    return tuple(found)


def _beta_spent(
    times: Sequence[float], error: float, family: Spending, futility: Futility
) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """The drift at which both errors are spent at the last look, where the two bounds meet, and the bounds."""
    beta, by = futility.beta or 0.0, Spending.named(futility.spending or "lan-demets-obrien-fleming")
    alone = None if futility.binding else _efficacy(times, error, family, 1, (-math.inf,) * len(times))

    def walk(drift: float) -> tuple[float, list[float], list[float]]:
        null, other, high, low, missed = Path.start(0.0), Path.start(drift), [], [], 0.0
        for k, t in enumerate(times):
            before = family.spent(error, times[k - 1]) if k else 0.0
            up = alone[k] if alone else _above(null, t, family.spent(error, t) - before)
            last = k + 1 == len(times)
            down = up if last else min(up, _below(other, t, by.spent(beta, t) - missed))
            missed += other.below(t, down)
            high.append(up)
            low.append(down)
            if not last:
                null, other = null.on(t, down, up, times[k + 1]), other.on(t, down, up, times[k + 1])
        return missed, high, low

    least = -float(special.ndtri(error) + special.ndtri(beta))
    drift = root(lambda eta: walk(eta)[0] - beta, 0.9 * least, 2.5 * least)
    _, high, low = walk(drift)
    return drift, tuple(high), tuple(low)


def _above(path: Path, t: float, error: float) -> float:
    """The z that the next look exceeds with probability `error`."""
    if error < 1e-300 or path.above(t, -FAR) < error:
        return math.inf if error < 1e-300 else -math.inf
    return root(lambda z: path.above(t, z) - error, -FAR, FAR)


def _below(path: Path, t: float, error: float) -> float:
    if error < 1e-300 or path.below(t, FAR) < error:
        return -math.inf if error < 1e-300 else math.inf
    return root(lambda z: path.below(t, z) - error, -FAR, FAR)


def _cumulated(each: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(each[: k + 1]) for k in range(len(each)))


def _shares(information: Sequence[float]) -> tuple[float, ...]:
    given = [float(one) for one in information]
    if not given or not all(0 < a < math.inf for a in given) or any(b - a < CLOSEST * given[-1] for a, b in pairwise(given)):  # fmt: skip
        raise LimenError("information that does not grow from look to look", remedy="such as 0.5, 0.75, 1")
    if len(given) > MOST_LOOKS:
        raise LimenError(f"{len(given)} looks", remedy=f"give {MOST_LOOKS} at most")
    return tuple(one / given[-1] for one in given)


def _check(futility: Futility | None, times: Sequence[float], sided: int, family: Spending) -> None:
    if futility is None:
        return
    if sided == 2:
        raise LimenError("futility with a two-sided test", remedy="give one side, and half of alpha")
    if bool(futility.z) == (futility.beta is not None):
        raise LimenError("futility needs bounds for z, or a beta to spend", remedy="give one of the two")
    if futility.z and len(futility.z) != len(times) - 1:
        raise LimenError(f"{len(futility.z)} bounds for futility at {len(times)} looks", remedy="give one for each look but the last")  # fmt: skip
    if futility.beta is not None:
        if not 0 < futility.beta < 1 or len(times) < 2:
            raise LimenError(f"a beta of {futility.beta:g} over {len(times)} looks", remedy="give one such as 0.1, and two looks or more")  # fmt: skip
        if Spending.named(futility.spending or "lan-demets-obrien-fleming").by_shape:
            raise LimenError(f"{futility.spending!r} spends no beta", remedy="give a spending function, such as hwang-shih-decani(-4)")  # fmt: skip
        if futility.binding and family.by_shape:
            raise LimenError(f"binding futility by a spent beta beside {family}", remedy="let alpha be spent by a function too")  # fmt: skip


def _z(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "none"
