"""A generator by name for what is not simulated: imputation, resampling. Loads no JAX."""

from __future__ import annotations

import hashlib

import numpy as np

Random = np.random.Generator


def generator(name: str, seed: int) -> Random:
    """The generator of a named draw under a seed, the same in every process; no other name moves it."""
    key = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return Random(np.random.Philox(key=int.from_bytes(key[:16], "little")))
