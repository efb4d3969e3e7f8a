"""Settle: how large a trial would have to be to end the argument, averaged over what is believed (assurance)."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

LIMIT = 20_000
ASSURANCE = 0.8
MEANING = (
    "the 95% interval excludes zero in favour of the active arm, or excludes the smallest difference that matters; "
    "80% assurance over what is believed now"
)


def chance_of_settling(
    difference: Float[np.ndarray, " draws"],
    se: Float[np.ndarray, " draws"],
    mcid: float,
    people: int,
    size: int,
) -> float:
    """P(lower 95% limit > 0, or upper 95% limit < MCID) in a trial of `size`, averaged over parameter draws.

    The estimate is Normal(difference_d, se_d sqrt(people/size)), where `se` belongs to a trial of `people` and
    `difference` is what such a trial estimates, bias by belief included.
    """
    s = se * np.sqrt(people / size)
    z = 1.959963984540054
    above, below = ndtr(difference / s - z), ndtr((mcid - difference) / s - z)
    # Both can hold at once only where the interval lies between zero and the MCID.
    both = np.maximum(ndtr((mcid - difference) / s - z) - ndtr(z - difference / s), 0.0)
    return float((above + below - both).mean())


def participants(
    difference: Float[np.ndarray, " draws"], se: Float[np.ndarray, " draws"], mcid: float, people: int
) -> int | None:
    """The smallest even total with `chance_of_settling` of at least 80%; None above LIMIT."""
    sizes = np.arange(10, LIMIT + 1, 2)
    low, high = 0, len(sizes) - 1
    if chance_of_settling(difference, se, mcid, people, int(sizes[high])) < ASSURANCE:
        return None
    while low < high:
        middle = (low + high) // 2
        enough = chance_of_settling(difference, se, mcid, people, int(sizes[middle])) >= ASSURANCE
        low, high = (low, middle) if enough else (middle + 1, high)
    return int(sizes[low])
