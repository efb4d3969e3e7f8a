"""Columns over parameter draws, and their values for each person."""

from __future__ import annotations

from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from limen.engine import streams

assert streams  # float64 is on before a column is made
Column = Float[Array, " people"]
Columns = TypeVar("Columns", bound=eqx.Module)


def column(values: Float[np.ndarray, " draws"]) -> Column:
    """One value a parameter draw, for the walk."""
    return jnp.asarray(values, float)


def at(module: Columns, draw: Int[Array, " people"]) -> Columns:
    """The values that each person's parameter draw gives, from columns over draws."""
    return jax.tree.map(lambda values: values[..., draw], module)
