"""The Bayesian random-effects meta-analysis, sampled with NUTS. The only module of this room that loads JAX.

Model: y_i ~ N(θ, v_i + τ²); θ ~ N(m0, s0²); τ ~ half-normal(A) or half-Cauchy(A). Trial effects are
integrated out and drawn afterwards, which leaves two parameters and no funnel to get stuck in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.errors import LimenError
from limen.evidence.few import Prior
from limen.evidence.pool import Listed
from limen.parameters.draw import sampler_key, stratified

CHAINS, WARMUP, DRAWS = 4, 1000, 2000
R_HAT, ESS = 1.01, 400.0  # the usual thresholds for trusting a sampler


@dataclass(frozen=True)
class Diagnostics:
    """r-hat and effective sample size of θ and τ, and divergent transitions; `sound` when all are good."""

    r_hat: float
    ess: float
    divergences: int

    @property
    def sound(self) -> bool:
        return self.r_hat <= R_HAT and self.ess >= ESS and self.divergences == 0


@dataclass(frozen=True)
class Sampled:
    """Posterior of the mean effect and the heterogeneity SD, with each trial's shrunken effect."""

    prior: Prior
    mean: float
    sd: float
    low: float
    high: float
    below_zero: float
    tau_median: float
    tau_low: float
    tau_high: float
    predicted_low: float
    predicted_high: float
    trials: tuple[tuple[float, float, float], ...]
    diagnostics: Diagnostics


def random_effects(y: Listed, v: Listed, given: Prior, *, seed: int = 20, level: float = 0.95) -> Sampled:
    """Sample the model for k effects y with variances v. Raises LimenError where NumPyro is not installed."""
    try:
        import jax
        import numpyro
        from numpyro import distributions as dist
        from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
        from numpyro.infer import MCMC, NUTS
        from scipy.special import ndtri
    except ImportError:
        raise LimenError("NumPyro is not installed", remedy="pip install 'limen[bayes]'") from None

    effects, variances = np.asarray(y, float), np.asarray(v, float)
    spread = {"half_normal": dist.HalfNormal, "half_cauchy": dist.HalfCauchy}[given.heterogeneity]

    def model() -> None:
        theta = numpyro.sample("theta", dist.Normal(given.mean, given.sd))
        tau = numpyro.sample("tau", spread(given.scale))
        numpyro.sample("y", dist.Normal(theta, (variances + tau**2) ** 0.5), obs=effects)

    with jax.enable_x64(True):
        sampler = MCMC(
            NUTS(model, target_accept_prob=0.99), num_warmup=WARMUP, num_samples=DRAWS, num_chains=CHAINS,
            chain_method="sequential", progress_bar=False,
        )  # fmt: skip
        sampler.run(jax.numpy.asarray(sampler_key("meta-analysis", seed)), extra_fields=("diverging",))
        found = sampler.get_samples(group_by_chain=True)
        chains = {name: np.asarray(draws, np.float64) for name, draws in found.items()}
        diverging = int(np.sum(np.asarray(sampler.get_extra_fields()["diverging"])))
    theta, tau = chains["theta"].ravel(), chains["tau"].ravel()
    noise = np.column_stack(
        [ndtri(stratified(f"meta-analysis/{i}", len(theta), seed)) for i in range(len(effects) + 1)]
    )
    shrink = tau[:, None] ** 2 / (tau[:, None] ** 2 + variances)
    trials = shrink * effects + (1 - shrink) * theta[:, None] + np.sqrt(shrink * variances) * noise[:, 1:]
    predicted = theta + tau * noise[:, 0]
    tail = [50 * (1 - level), 50 * (1 + level)]
    return Sampled(
        prior=given,
        mean=float(theta.mean()),
        sd=float(theta.std()),
        low=_at(theta, tail[0]),
        high=_at(theta, tail[1]),
        below_zero=float((theta < 0).mean()),
        tau_median=_at(tau, 50),
        tau_low=_at(tau, tail[0]),
        tau_high=_at(tau, tail[1]),
        predicted_low=_at(predicted, tail[0]),
        predicted_high=_at(predicted, tail[1]),
        trials=tuple((float(t.mean()), _at(t, tail[0]), _at(t, tail[1])) for t in trials.T),
        diagnostics=Diagnostics(
            r_hat=max(float(split_gelman_rubin(draws)) for draws in chains.values()),
            ess=min(float(effective_sample_size(draws)) for draws in chains.values()),
            divergences=diverging,
        ),
    )


def _at(draws: Float[np.ndarray, ...], percent: float) -> float:
    return float(np.percentile(draws, percent))
