"""Posterior of a multivariate regression with missing outcomes, by data augmentation, many chains at once.

    y_i = B' z_i + e_i,  e_i ~ N(0, Sigma),  p(B, Sigma) ~ |Sigma|^-(V+1)/2,  outcomes missing at random

Each chain alternates between Sigma | Y (inverse Wishart, n - p degrees of freedom), B | Sigma, Y, and what is missing of
Y | B, Sigma (Schafer 1997, chapter 5), and gives one draw: draws are independent of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.engine.generator import Random

# Steps a chain takes before its draw. What is left of its start shrinks with the share of missing information, to the
# power of this.
BURN_IN = 60


@dataclass(frozen=True)
class Posterior:
    """By chain: coefficients of orthonormal regressors, and a root of Sigma = F F'."""

    b: Float[np.ndarray, "chains columns visits"]
    root: Float[np.ndarray, "chains visits visits"]

    @property
    def sigma(self) -> Float[np.ndarray, "chains visits visits"]:
        return self.root @ self.root.swapaxes(1, 2)


@dataclass(frozen=True)
class Observed:
    """Scores (NaN where missing) and regressors q with q'q = 1; everybody has regressors."""

    outcome: Float[np.ndarray, "people visits"]
    q: Float[np.ndarray, "people columns"]

    def patterns(self) -> Iterator[tuple[Int[np.ndarray, " some"], Bool[np.ndarray, " visits"]]]:
        """People who miss the same visits, and which they miss; those who miss none are left out."""
        missing = np.isnan(self.outcome)
        for kind in np.unique(missing, axis=0):
            if kind.any():
                yield np.flatnonzero((missing == kind).all(1)), kind


def posterior(data: Observed, chains: int, random: Random, steps: int = BURN_IN) -> Posterior:
    """One draw of (B, Sigma) a chain, each begun at least squares of what was seen."""
    seen = np.isfinite(data.outcome)
    y = np.broadcast_to(np.where(seen, data.outcome, _begin(data)), (chains, *data.outcome.shape)).copy()
    draws = _given_complete(data, y, random)
    for _ in range(steps):
        fill(data, y, data.q @ draws.b, draws, random)
        draws = _given_complete(data, y, random)
    return draws


def fill(
    data: Observed, y: Float[np.ndarray, "chains people visits"], mean: Float[np.ndarray, "chains people visits"],
    draws: Posterior, random: Random,
) -> None:  # fmt: skip
    """Put into `y` a draw of what each person misses, given what was seen of them: normal about `mean`, with Sigma."""
    sigma = draws.sigma
    for people, missing in data.patterns():
        gone, there = np.flatnonzero(missing), np.flatnonzero(~missing)
        drawn = mean[:, people[:, None], gone]
        rest = sigma[:, gone[:, None], gone]
        if len(there):
            across = sigma[:, there[:, None], gone]
            slope = np.linalg.solve(sigma[:, there[:, None], there], across)
            away = data.outcome[people[:, None], there] - mean[:, people[:, None], there]
            drawn = drawn + away @ slope
            rest = rest - across.swapaxes(1, 2) @ slope
        noise = random.standard_normal(drawn.shape)
        y[:, people[:, None], gone] = drawn + noise @ np.linalg.cholesky(rest).swapaxes(1, 2)


def _begin(data: Observed) -> Float[np.ndarray, "people visits"]:
    """Fitted values of each visit's own regression of those seen there."""
    values = np.empty(data.outcome.shape)
    for visit, column in enumerate(data.outcome.T):
        seen = np.isfinite(column)
        values[:, visit] = data.q @ np.linalg.lstsq(data.q[seen], column[seen], rcond=None)[0]
    return values


def _given_complete(
    data: Observed, y: Float[np.ndarray, "chains people visits"], random: Random
) -> Posterior:
    """Sigma from its inverse Wishart by Bartlett's decomposition, B given Sigma from its normal."""
    chains, people, visits = y.shape
    columns = data.q.shape[1]
    fitted = data.q.T @ y
    residual = y - data.q @ fitted
    root = np.linalg.cholesky(residual.swapaxes(1, 2) @ residual)
    bartlett = np.tril(random.standard_normal((chains, visits, visits)), -1)
    free = people - columns - np.arange(visits)
    bartlett[:, np.arange(visits), np.arange(visits)] = np.sqrt(random.chisquare(free, (chains, visits)))
    root = root @ np.linalg.inv(bartlett).swapaxes(1, 2)
    noise = random.standard_normal((chains, columns, visits))
    return Posterior(fitted + noise @ root.swapaxes(1, 2), root)
