"""Identity: who a row is, for everything that is drawn about it, in every room."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, UInt32

from limen.engine import streams


class Identity(eqx.Module):
    """Keys of the named draws under a seed, and the number of each row under them."""

    keys: dict[str, UInt32[Array, 2]]
    number: Int[Array, " people"]

    def uniforms(
        self, names: tuple[str, ...], days: Int[Array, " days"]
    ) -> dict[str, Float[Array, "days people"]]:
        """Uniforms in (0, 1) by name, for each day and row; a switch, a scenario or another draw moves none."""
        key = jnp.stack([self.keys[name] for name in names])
        # The barrier keeps XLA from fusing (and so repeating) the draws inside every consumer.
        drawn = jax.lax.optimization_barrier(streams.uniforms(key, self.number, days))
        return dict(zip(names, drawn, strict=True))

    def normals(
        self, names: tuple[str, ...], days: Int[Array, " days"]
    ) -> dict[str, Float[Array, "days people"]]:
        """Standard normals, likewise."""
        key = jnp.stack([self.keys[name] for name in names])
        drawn = jax.lax.optimization_barrier(streams.normals(key, self.number, days))
        return dict(zip(names, drawn, strict=True))

    def once(self, names: tuple[str, ...]) -> dict[str, Float[Array, " people"]]:
        """Standard normals that belong to the row and not to a day."""
        return {name: column[0] for name, column in self.normals(names, jnp.zeros(1, int)).items()}


class Roll(eqx.Module):
    """Who takes part: parameter `draw`, `trial`, `arm` first met, and identities of the person and of the trial."""

    draw: Int[Array, " people"]
    trial: Int[Array, " people"]
    arm: Int[Array, " people"]
    who: Identity
    where: Identity
