"""What looking early costs and gains: the largest size, where the trial stops, and how many people it takes on average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limen.analysis.power.paths import Exits
from limen.analysis.power.sequential import Bounds
from limen.errors import LimenError
from limen.results import Result, aligned


@dataclass(frozen=True)
class Staged(Result):
    """A group-sequential trial of a given power. `inflation` is its largest information over that of one look with the same
    power; `expected` is the mean information at the stop, on the same scale, without an effect, with half of the effect and with the effect.
    `fixed_n` are the people that one look needs, where known."""

    bounds: Bounds
    power: float
    drift: float
    inflation: float
    without: Exits
    with_effect: Exits
    expected: tuple[float, float, float]
    fixed_n: int | None = None

    @property
    def n(self) -> tuple[int, ...]:
        """People in all at each look; empty where no size of one look is known."""
        if self.fixed_n is None:
            return ()
        most = math.ceil(self.fixed_n * self.inflation - 1e-9)
        return tuple(math.ceil(most * t - 1e-9) for t in self.bounds.information)

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [
            {**row, "n": self.n[k] if self.n else None,
             "stops_for_efficacy": self.with_effect.upper[k], "stops_below": self.with_effect.lower[k],
             "stops_for_efficacy_without_effect": self.without.upper[k], "stops_below_without_effect": self.without.lower[k]}
            for k, row in enumerate(self.bounds.rows())
        ]  # fmt: skip

    def document(self) -> dict[str, Any]:
        names = ("without_effect", "with_half_the_effect", "with_the_effect")
        return {
            **self.bounds.document(), "power": self.power, "drift": self.drift, "inflation": self.inflation,
            "fixed_n": self.fixed_n, "expected_information": dict(zip(names, self.expected, strict=True)),
            "looks": self.rows(), "sentence": self.sentence(),
        }  # fmt: skip

    def lines(self) -> list[str]:
        below = self.bounds.sided == 2 or bool(self.bounds.futility)
        side = "other side" if self.bounds.sided == 2 else "futility"
        kinds = ["efficacy", *([side] if below else [])]
        head = [
            "look",
            *(["people"] if self.n else []),
            *(f"{k}, {w}" for w in ("none", "effect") for k in kinds),
        ]
        rows = []
        for k in range(len(self.bounds.information)):
            each = [
                (e.upper[k], e.lower[k]) if below else (e.upper[k],) for e in (self.without, self.with_effect)
            ]
            rows.append(
                [
                    str(k + 1),
                    *([str(self.n[k])] if self.n else []),
                    *(f"{p:.4f}" for one in each for p in one),
                ]
            )
        unit = "people" if self.fixed_n else "times the information of one look"
        mean = [f"{e * (self.fixed_n or 1):.{1 if self.fixed_n else 4}f}" for e in self.expected]
        return [
            *self.bounds.lines(), "", "where it stops with no effect (none) and with the effect:", *aligned(head, rows), "",
            f"inflation factor {self.inflation:.4f} for power {self.power:g}",
            f"expected: {mean[0]} with no effect, {mean[1]} with half of it, {mean[2]} with the effect ({unit})",
            "", self.sentence(),
        ]  # fmt: skip

    def sentence(self) -> str:
        """The design as a protocol states it."""
        looks = len(self.bounds.information)
        when = ", ".join(f"{100 * t:.4g}%" for t in self.bounds.information[:-1])
        size = f", at most {self.n[-1]} people (one look would need {self.fixed_n})" if self.n else ""
        mean = (
            f" On average {self.expected[2] * self.fixed_n:.0f} people are needed with the effect assumed and {self.expected[0] * self.fixed_n:.0f} without any."
            if self.fixed_n
            else ""
        )
        interim = (
            f"{looks - 1} interim {'analysis' if looks == 2 else 'analyses'} at {when} of the information and "
            if looks > 1
            else ""
        )
        stops = ", ".join(f"{z:.3f}" if math.isfinite(z) else "no stop" for z in self.bounds.efficacy)
        low = ", ".join(f"{z:.3f}" if math.isfinite(z) else "no stop" for z in self.bounds.futility[:-1])
        lower = f", and stops for futility below z {low}" if self.bounds.futility and looks > 1 else ""
        return (f"The trial has {interim}a final one, with {self.bounds.spending} bounds ({self.bounds.words()}): it rejects "
                f"at z {stops}{lower}. Its power is {100 * self.power:g}%{size}.{mean}")  # fmt: skip


def staged(bounds: Bounds, power: float = 0.9, fixed_n: int | None = None) -> Staged:
    """What these bounds cost for a power, beside a trial with one look (`fixed_n` people, if known). Raises LimenError.

    >>> import limen
    >>> plan = limen.staged(limen.bounds([0.5, 1], 0.05, "obrien-fleming"), power=0.9, fixed_n=228)
    >>> round(plan.inflation, 3), plan.n
    (1.007, (115, 230))
    """
    if fixed_n is not None and fixed_n < 2:
        raise LimenError(f"{fixed_n} people with one look", remedy="give the size that limen power found")
    drift, inflation = bounds.drift_for(power), bounds.inflation(power)
    under = (0.0, drift / 2, drift)
    mean = tuple(bounds.expected(one) * inflation for one in under)
    return Staged(
        bounds,
        power,
        drift,
        inflation,
        bounds.exits(0.0),
        bounds.exits(drift),
        (mean[0], mean[1], mean[2]),
        fixed_n,
    )
