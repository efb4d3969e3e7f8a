"""Randomness by name: a draw depends on the seed, the name of the draw, the participant and the day, on nothing else.

Switching a channel off, adding a draw, or running people in other blocks therefore changes no other draw. Importing
this module turns on float64, which everything above the engine assumes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri
from jax.typing import DTypeLike
from jaxtyping import Array, ArrayLike, Float, Int, Shaped, UInt32

jax.config.update("jax_enable_x64", True)

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


def on_device(
    values: Shaped[ArrayLike, ...] | Sequence[Any], kind: DTypeLike | None = None
) -> Shaped[Array, ...]:
    """Values as a JAX array, converted before they get there: `jnp.asarray` compiles a program for each shape it meets."""
    return jax.device_put(np.asarray(values, kind))


def name_hash(name: str, seed: int) -> tuple[int, int]:
    """The 64-bit key of a named draw under a seed, the same in every process (Python's `hash` is not)."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def keys(names: tuple[str, ...], seed: int) -> UInt32[Array, "names 2"]:
    """One key per name."""
    return on_device([name_hash(name, seed) for name in names], np.uint32)


def threefry(
    key: UInt32[Array, "... 2"], x0: UInt32[Array, ...], x1: UInt32[Array, ...]
) -> tuple[UInt32[Array, ...], UInt32[Array, ...]]:
    """Threefry-2x32, 20 rounds, written flat so that it fuses: a rolled loop costs ten times as much on a CPU.

    Equal to `jax.extend.random.threefry_2x32`; all arguments broadcast.
    """
    ks = (key[..., 0], key[..., 1], key[..., 0] ^ key[..., 1] ^ jnp.uint32(_PARITY))
    x0, x1 = x0 + ks[0], x1 + ks[1]
    for step in range(5):
        for rotation in _ROTATIONS[step % 2]:
            x0 = x0 + x1
            x1 = (x1 << rotation) | (x1 >> (32 - rotation))
            x1 = x0 ^ x1
        x0 = x0 + ks[(step + 1) % 3]
        x1 = x1 + ks[(step + 2) % 3] + jnp.uint32(step + 1)
    return x0, x1


def uniforms(
    key: UInt32[Array, "names 2"], people: Int[Array, " people"], days: Int[Array, " days"]
) -> Float[Array, "names days people"]:
    """Uniforms in (0, 1) for every name, day and participant: one Threefry block each, counter (participant, day)."""
    shape = (key.shape[0], days.shape[0], people.shape[0])
    high, low = threefry(
        key[:, None, None, :],
        jnp.broadcast_to(people.astype(jnp.uint32), shape),
        jnp.broadcast_to(days.astype(jnp.uint32)[:, None], shape),
    )
    return unit(high, low)


def unit(high: UInt32[Array, ...], low: UInt32[Array, ...]) -> Float[Array, ...]:
    """64 random bits as a uniform: 53 of them, centred in their cell, so that 0 and 1 never occur and the normal
    quantile stays finite."""
    bits = (high.astype(jnp.uint64) << 32) | low.astype(jnp.uint64)
    return ((bits >> 11).astype(jnp.float64) + 0.5) * 2.0**-53


def normals(
    key: UInt32[Array, "names 2"], people: Int[Array, " people"], days: Int[Array, " days"]
) -> Float[Array, "names days people"]:
    """Standard normals by the quantile of `uniforms`."""
    return ndtri(uniforms(key, people, days))
