"""Identity: who a row is, for everything that is drawn about it, in every room."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri
from jaxtyping import Array, Float, Int, UInt32

from limen.engine import streams
from limen.engine.stored import stored


class Identity(eqx.Module):
    """One 64-bit number a row, folded from the seed, a name, the trial and the index under that name: never from the
    place of an arm in a file or of a row in a block."""

    words: UInt32[Array, "people 2"]

    def _drawn(self, names: tuple[str, ...], days: Int[Array, " days"]) -> Float[Array, "names days people"]:
        which = jnp.asarray([streams.name_hash(name, 0)[0] for name in names], jnp.uint32)
        bits = streams.threefry(
            self.words[None, None], which[:, None, None], days.astype(jnp.uint32)[None, :, None]
        )
        return streams.unit(*bits)

    def uniforms(
        self, names: tuple[str, ...], days: Int[Array, " days"]
    ) -> dict[str, Float[Array, "days people"]]:
        """Uniforms in (0, 1) by name, for each day and row; a switch, a scenario or another draw moves none."""
        # The barrier keeps XLA from fusing (and so repeating) the draws inside every consumer.
        drawn = jax.lax.optimization_barrier(self._drawn(names, days))
        return dict(zip(names, drawn, strict=True))

    def normals(
        self, names: tuple[str, ...], days: Int[Array, " days"]
    ) -> dict[str, Float[Array, "days people"]]:
        """Standard normals, by the quantile of `uniforms`."""
        drawn = jax.lax.optimization_barrier(ndtri(self._drawn(names, days)))
        return dict(zip(names, drawn, strict=True))

    def once(self, names: tuple[str, ...]) -> dict[str, Float[Array, " people"]]:
        """Standard normals that belong to the row and not to a day."""
        return {name: column[0] for name, column in self.normals(names, jnp.zeros(1, int)).items()}


def identify(
    names: Sequence[str],
    seed: int,
    name_of: Int[np.ndarray, " people"],
    trial: Int[np.ndarray, " people"],
    index: Int[np.ndarray, " people"],
) -> Identity:
    """Identities of rows by the name they stand under (`name_of` says which of `names`), their trial and their index."""
    keys = np.array([streams.name_hash(name, seed) for name in names], np.uint32)[name_of]
    return Identity(_fold(*map(streams.on_device, (keys, trial, index))))


@stored
def _fold(
    key: UInt32[Array, "people 2"], trial: Int[Array, " people"], index: Int[Array, " people"]
) -> UInt32[Array, "people 2"]:
    return jnp.stack(streams.threefry(key, trial.astype(jnp.uint32), index.astype(jnp.uint32)), -1)


class Roll(eqx.Module):
    """Who takes part: parameter `draw`, `trial`, `arm` first met, and identities of the person and of the trial."""

    draw: Int[Array, " people"]
    trial: Int[Array, " people"]
    arm: Int[Array, " people"]
    who: Identity
    where: Identity
