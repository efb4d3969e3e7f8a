"""Could a trial see it? People per arm at 80% power against a marker's own variation from month to month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri

from limen.response.marker import Column
from limen.response.respond import Markers

POWER, ALPHA = 0.8, 0.05
POWERED = float((ndtri(1 - ALPHA / 2) + ndtri(POWER)) ** 2)  # 7.849, the normal quantiles
NEVER = 1e12  # more people than that is no size: the change is not there
FULL, HOLDS, EXPECTED, SINGLE = "full dose", "if the link holds", "expected", "one dose, own share"


@dataclass(frozen=True)
class Size:
    """People per arm for one kind of change. `change`: median size over draws, whatever its sign (of `expected` the mean
    over the prior, signed), on the marker's scale; `per_arm` with its 90% spread, None where half of the draws have no
    change to see."""

    what: str
    change: float
    per_arm: float | None
    low: float | None
    high: float | None


def largest(value: Float[np.ndarray, "draws times"]) -> Float[np.ndarray, " draws"]:
    """The change of largest size over the times of each draw, with its sign."""
    return np.take_along_axis(value, np.abs(value).argmax(axis=1)[:, None], axis=1)[:, 0]


def people(change: Column, within_sd: Column) -> Column:
    """Per arm, with one sample before and one after: n = 2 (z_0.975 + z_0.8)^2 (2 SD^2) / change^2."""
    with np.errstate(divide="ignore"):
        return np.minimum(np.ceil(2 * POWERED * 2 * within_sd**2 / change**2), NEVER)


def sizes(found: Markers, marker: str, full: Markers | None = None) -> list[Size]:
    """What a trial would need, per kind of change, always said apart:

    the full-dose reference; the course as given if the link holds (switch at 1); the change that the prior expects, which
    is the mean over draws with the switch on as often as its probability says; and, for a second opinion, one dose that
    has the share of the full-dose effect which the notes on mechanism suggest, in place of the ratio of drives.
    """
    within = found.within_sd[marker]
    off, on = (largest(value) for value in found.values[marker])
    chance = found.probability[marker]
    chance = 1.0 if chance is None else chance
    rows = [_median(HOLDS, on, within), _of_mean(chance * on.mean() + (1 - chance) * off.mean(), within)]
    if full is not None:
        peak = largest(full.values[marker][1])
        rows.insert(0, _median(FULL, peak, within))
        if marker in found.single:
            rows.append(_median(SINGLE, found.single[marker] * peak, within))
    return rows


def _median(what: str, change: Column, within: Column) -> Size:
    middle, low, high = np.quantile(people(change, within), (0.5, 0.05, 0.95))
    there = middle < NEVER
    typical = float(np.median(np.abs(change)))
    return Size(what, typical, float(middle), float(low), float(high)) if there else Size(what, typical, None, None, None)  # fmt: skip


def _of_mean(change: float, within: Column) -> Size:
    """The size for one change that is the same for everybody: nothing is left to spread over."""
    needed = float(people(np.array([change]), np.sqrt(np.mean(within**2, keepdims=True)))[0])
    return Size(EXPECTED, float(change), None if needed >= NEVER else needed, None, None)
