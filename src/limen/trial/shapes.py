"""Few shapes: columns over draws are padded to shared sizes, so that runs share compiled programs."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, ArrayLike, Float

from limen.engine.runs import padded
from limen.engine.streams import on_device

DRAWS = (256, 1024, 4096)


def to_draws(column: Float[ArrayLike, "... draws"]) -> Float[Array, "... padded"]:
    """A column over draws, the last axis, padded to a shared size by its last value; nobody has a padded draw."""
    values = np.asarray(column, float)
    more = padded(values.shape[-1], DRAWS) - values.shape[-1]
    return on_device(np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, more)], "edge"))
