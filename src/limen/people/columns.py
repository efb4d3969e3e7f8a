"""PerDrawModule over parameter draws, and their values for each person."""

from __future__ import annotations

from typing import TypeVar

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from limen.engine.streams import on_device

PerDraw = Float[Array, " people"]
PerDrawModule = TypeVar("PerDrawModule", bound=eqx.Module)


def per_draw(values: Float[np.ndarray, "*kinds draws"]) -> Float[Array, "*kinds draws"]:
    """One value a parameter draw, for the walk."""
    return on_device(values, float)


def at(module: PerDrawModule, draw: Int[Array, " people"]) -> PerDrawModule:
    """The values that each person's parameter draw gives, from columns over draws."""

    def of_each(values: Shaped[Array, "*kinds draws"]) -> Shaped[Array, "*kinds people"]:
        return values[..., draw]

    return jax.tree.map(of_each, module)
