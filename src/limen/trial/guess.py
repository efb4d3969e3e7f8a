"""Guess: a response, not a belief. One law for the weekly guess, one for the guess about a single capsule."""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy.special import expit, logit
from jaxtyping import Array, Bool, Float

GUESS_PLACEBO, GUESS_ACTIVE, DONT_KNOW = 0.0, 1.0, jnp.nan


def weekly_guess(
    belief: Float[Array, "weeks people"],
    bias: Float[Array, " people"],
    slope: Float[Array, " people"],
    dont_know: Float[Array, " people"],
    u: Float[Array, "weeks people"],
) -> Float[Array, "weeks people"]:
    """1 active, 0 placebo, NaN don't know, from the latent b + c logit(belief) + logistic noise.

    Beyond +-`dont_know` the guess is made; P(guess active) = logistic(b + c logit belief) where the band is zero.
    """
    latent = bias + slope * logit(belief) + logit(u)
    made = jnp.abs(latent) > dont_know
    return jnp.where(made, jnp.where(latent > 0, GUESS_ACTIVE, GUESS_PLACEBO), DONT_KNOW)


def capsule_probability(
    noticed: Bool[Array, "doses people"],
    base_rate: Float[Array, " people"],
    assumed_active: Float[Array, " people"],
    assumed_placebo: Float[Array, " people"],
    bias: Float[Array, " people"],
    slope: Float[Array, " people"],
) -> Float[Array, "doses people"]:
    """P(guess 'active' about one capsule): starts from the capsule base rate and does not accumulate.

    logistic( b + c [ logit(base rate) + LLR(percept) ] ).
    """
    yes = jnp.log(assumed_active) - jnp.log(assumed_placebo)
    no = jnp.log1p(-assumed_active) - jnp.log1p(-assumed_placebo)
    evidence = logit(base_rate) + jnp.where(noticed, yes, no)
    return expit(bias + slope * evidence)
