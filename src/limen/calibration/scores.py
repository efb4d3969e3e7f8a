"""How good a set of forecasts was: coverage, sharpness, the continuous ranked probability score, and what it is held against.

Scores are taken on a scale on which targets of one quantity can be put together: concentrations and areas per unit of dose
and times as logarithms, points of a symptom scale over the SD that its change has in control arms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import binomtest, energy_distance

LEVEL = 0.9
LOW, HIGH = (1 - LEVEL) / 2, (1 + LEVEL) / 2
EXPECTED = (0.80, 0.97)  # coverage within which nothing is remarked
FEWEST = 3  # published values of other trials that make a climatology
CLIMATOLOGY = (
    "the climatology forecast of a target is the plain list of what other trials published of the same quantity (of the same "
    f"compound, where it is an exposure): no model, no dose, no protocol. With fewer than {FEWEST} such values it is not scored"
)


def crps(forecast: Float[np.ndarray, " members"], seen: float) -> float:
    """The continuous ranked probability score of an ensemble, in its unit; less is better.

    E|X - y| - E|X - X'| / 2, half the squared energy distance. Of one member it is the absolute error. Source: Gneiting
    and Raftery 2007.
    """
    return float(energy_distance(forecast, [seen])) ** 2 / 2


def percentile(forecast: Float[np.ndarray, " members"], seen: float) -> float:
    """The share of the ensemble below a value, with half of those that equal it."""
    return float(np.mean(forecast < seen) + 0.5 * np.mean(forecast == seen))


@dataclass(frozen=True)
class Coverage:
    """How many published values lie in their 90% interval, with the 95% interval of that share if they were independent."""

    inside: int
    of: int

    @property
    def share(self) -> float:
        return self.inside / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper and Pearson's."""
        found = binomtest(self.inside, self.of).proportion_ci(0.95, method="exact")
        return float(found.low), float(found.high)

    @property
    def remarkable(self) -> bool:
        return not EXPECTED[0] <= self.share <= EXPECTED[1]


def coverage(inside: Sequence[bool]) -> Coverage | None:
    """Of some forecasts; None of none."""
    return Coverage(sum(inside), len(inside)) if inside else None


def off(forecast: Float[np.ndarray, " members"], seen: float) -> float:
    """How far a value is from the median, in half widths of the 90% interval on its side: above 1 it lies outside."""
    low, middle, high = np.quantile(forecast, [LOW, 0.5, HIGH])
    half = (high - middle) if seen > middle else (middle - low)
    gap = abs(seen - middle)
    return 0.0 if gap == 0 else float("inf") if half == 0 else float(gap / half)
