"""Covariance of a person's repeated scores: how it depends on its parameters.

All but AR(1) are *linear* in theta, Sigma = sum_k theta_k E_k. That matters: the Kenward-Roger correction is not
invariant to the parameterisation, and the published results use the linear one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.errors import DataError

STRUCTURES = ("unstructured", "toeplitz", "compound-symmetry", "ar1")

Theta = Float[np.ndarray, " parameters"]
Matrix = Float[np.ndarray, "visits visits"]


@dataclass(frozen=True)
class Linear:
    """Sigma(theta) = sum_k theta_k E_k, with `basis` the stacked E_k (parameters x visits x visits)."""

    name: str
    basis: Float[np.ndarray, "parameters visits visits"]

    def matrix(self, theta: Theta) -> Matrix:
        return np.tensordot(theta, self.basis, 1)

    def first(self, theta: Theta) -> Float[np.ndarray, "parameters visits visits"]:
        return self.basis

    def second(self, theta: Theta) -> None:
        return None

    def start(self, sample: Matrix) -> Theta:
        """Least-squares projection of a sample covariance on the basis."""
        columns = self.basis.reshape(len(self.basis), -1).T
        return np.linalg.lstsq(columns, sample.ravel(), rcond=None)[0]


@dataclass(frozen=True)
class Autoregressive:
    """AR(1): Sigma_ab = s2 rho^|a-b|, theta = (s2, rho), visits one step apart."""

    visits: int
    name: str = "ar1"

    def _lag(self) -> Matrix:
        index = np.arange(self.visits)
        return np.abs(index[:, None] - index).astype(float)

    def matrix(self, theta: Theta) -> Matrix:
        s2, rho = theta
        return s2 * rho ** self._lag()

    def first(self, theta: Theta) -> Float[np.ndarray, "parameters visits visits"]:
        s2, rho = theta
        lag = self._lag()
        return np.stack([rho**lag, s2 * lag * rho ** np.maximum(lag - 1, 0)])

    def second(self, theta: Theta) -> Float[np.ndarray, "parameters parameters visits visits"]:
        s2, rho = theta
        lag = self._lag()
        cross = lag * rho ** np.maximum(lag - 1, 0)
        curved = s2 * lag * (lag - 1) * rho ** np.maximum(lag - 2, 0)
        return np.stack([np.stack([np.zeros_like(lag), cross]), np.stack([cross, curved])])

    def start(self, sample: Matrix) -> Theta:
        s2 = float(np.trace(sample)) / self.visits
        neighbours = float(np.diagonal(sample, 1).mean()) / s2
        return np.array([s2, np.clip(neighbours, -0.9, 0.9)])


Covariance = Linear | Autoregressive


def structure(name: str, visits: int) -> Covariance:
    """The structure called `name` for that many visits; raises DataError for a name not in STRUCTURES."""
    if name not in STRUCTURES:
        raise DataError(f"no covariance structure {name!r}", remedy=f"choose one of {', '.join(STRUCTURES)}")
    if name == "ar1" and visits > 1:
        return Autoregressive(visits)
    a, b = np.indices((visits, visits))
    if name == "unstructured":
        masks = [
            ((a == i) & (b == j)) | ((a == j) & (b == i)) for i in range(visits) for j in range(i, visits)
        ]
    elif name == "toeplitz":
        masks = [np.abs(a - b) == lag for lag in range(visits)]
    else:
        masks = [a == b, a != b][: min(visits, 2)]
    return Linear(name, np.array(masks, float))
