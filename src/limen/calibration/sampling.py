"""The joint posterior of the fitted parameters, by NUTS on the quadratics that stand for the walk.

z ~ N(0, 1)        L_s^-1 y_s ~ N(L_s^-1 B_s phi(z), 1)  for every set s of participants
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Array, Bool, Float, Int

from limen.calibration.emulate import Emulated
from limen.errors import LimenError
from limen.parameters.draw import sampler_key

CHAINS, WARMUP, KEPT = 4, 1000, 1500
ACCEPT = 0.9  # target acceptance; steps small enough for a curved ridge

Whitened = Float[np.ndarray, " values"]


@dataclass(frozen=True)
class Chains:
    """Coordinates of every kept draw, chain by chain, and what the sampler said of itself."""

    z: Float[np.ndarray, "draws block"]
    r_hat: Float[np.ndarray, " block"]
    ess: Float[np.ndarray, " block"]
    divergences: int


class Sampler:
    """NUTS for one list of quadratics: compiled once, run for any values and any of the sets left out."""

    def __init__(self, emulated: Sequence[Emulated], kept: int = KEPT, warmup: int = WARMUP):
        try:
            import jax
            import numpyro
            from numpyro import distributions as dist
            from numpyro.infer import MCMC, NUTS
        except ImportError:
            raise LimenError("NumPyro is not installed", remedy="pip install 'limen[bayes]'") from None
        self._jax, self._chain = jax, {"num_warmup": warmup, "num_samples": kept, "progress_bar": False}
        loading = np.concatenate([e.loading for e in emulated])
        size = _block_size(loading.shape[1])
        i, j = np.triu_indices(size)

        def model(y: Float[Array, " values"], counted: Float[Array, " values"]) -> None:
            z = numpyro.sample("z", dist.Normal(0.0, 1.0).expand([size]).to_event(1))
            phi = jax.numpy.concatenate([jax.numpy.ones(1), z, z[i] * z[j]])
            off = (y - loading @ phi) * counted
            numpyro.factor("y", -0.5 * (off**2).sum())

        def mcmc(**chains: Any) -> MCMC:
            return MCMC(NUTS(model, target_accept_prob=ACCEPT), **self._chain, **chains)

        self._mcmc = mcmc(num_chains=CHAINS, chain_method="vectorized", jit_model_args=True)
        self._alone = mcmc

    def run(self, y: Whitened, counted: Bool[np.ndarray, " values"], name: str, seed: int) -> Chains:
        """The posterior of whitened values, those that are `counted`."""
        from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

        with self._jax.enable_x64(True):
            key = self._jax.numpy.asarray(sampler_key(f"calibrate/{name}", seed))
            given = (self._jax.numpy.asarray(y), self._jax.numpy.asarray(counted, float))
            self._mcmc.run(key, *given, extra_fields=("diverging",))
            z = np.asarray(self._mcmc.get_samples(group_by_chain=True)["z"], float)
            diverging = int(np.asarray(self._mcmc.get_extra_fields()["diverging"]).sum())
        return Chains(
            z.reshape(-1, z.shape[-1]), np.asarray(split_gelman_rubin(z)), np.asarray(effective_sample_size(z)),
            diverging,
        )  # fmt: skip

    def each(
        self, y: Float[np.ndarray, "trials values"], name: str, seed: int
    ) -> tuple[Float[np.ndarray, "trials kept block"], Int[np.ndarray, " trials"]]:
        """Draws for every row of whitened values, all counted, and divergences: one chain a row, all rows in step."""

        def one(key: Any, given: Any) -> tuple[Any, Any]:
            chain = self._alone(num_chains=1)
            chain.run(key, given, self._jax.numpy.ones_like(given), extra_fields=("diverging",))
            return chain.get_samples()["z"], chain.get_extra_fields()["diverging"]

        with self._jax.enable_x64(True):
            key = self._jax.numpy.asarray(sampler_key(f"calibrate/{name}", seed))
            keys = self._jax.random.split(key, len(y))
            z, diverging = self._jax.jit(self._jax.vmap(one))(keys, self._jax.numpy.asarray(y))
        return np.asarray(z, float), np.asarray(diverging).sum(1)


def _block_size(terms: int) -> int:
    """k of 1 + k + k (k + 1) / 2 terms."""
    return round((np.sqrt(8 * terms + 1) - 3) / 2)
