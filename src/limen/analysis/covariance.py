"""Covariance of a person's repeated scores: how it depends on its parameters.

All but AR(1) are *linear* in theta, Sigma = sum_k theta_k E_k. That matters: the Kenward-Roger correction is not
invariant to the parameterisation, and the published results use the linear one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from limen.errors import DataError

STRUCTURES = ("unstructured", "toeplitz", "compound-symmetry", "ar1")

# One covariance or many: what stands before the last axes of theta stands before those of the matrix.
Theta = Float[np.ndarray, "*many parameters"]
Matrix = Float[np.ndarray, "*many visits visits"]
First = Float[np.ndarray, "*many parameters visits visits"]
Second = Float[np.ndarray, "*many parameters parameters visits visits"]


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
        return np.linalg.lstsq(columns, sample.reshape(*sample.shape[:-2], -1).T, rcond=None)[0].T


@dataclass(frozen=True)
class Autoregressive:
    """AR(1): Sigma_ab = s2 rho^|a-b|, theta = (s2, rho), visits one step apart."""

    visits: int
    name: str = "ar1"

    def _lag(self) -> Matrix:
        index = np.arange(self.visits)
        return np.abs(index[:, None] - index).astype(float)

    def matrix(self, theta: Theta) -> Matrix:
        s2, rho = self._parts(theta)
        return s2 * rho ** self._lag()

    def _parts(self, theta: Theta) -> tuple[np.ndarray, np.ndarray]:
        return theta[..., 0, None, None], theta[..., 1, None, None]

    def first(self, theta: Theta) -> First:
        s2, rho = self._parts(theta)
        lag = self._lag()
        return np.stack([rho**lag, s2 * lag * rho ** np.maximum(lag - 1, 0)], -3)

    def second(self, theta: Theta) -> Second:
        s2, rho = self._parts(theta)
        lag = self._lag()
        cross = lag * rho ** np.maximum(lag - 1, 0)
        curved = s2 * lag * (lag - 1) * rho ** np.maximum(lag - 2, 0)
        rows = ((np.zeros_like(cross), cross), (cross, curved))
        return np.stack([np.stack(row, -3) for row in rows], -4)

    def start(self, sample: Matrix) -> Theta:
        s2 = np.trace(sample, axis1=-2, axis2=-1) / self.visits
        neighbours = np.diagonal(sample, 1, -2, -1).mean(-1) / s2
        return np.stack([s2, np.clip(neighbours, -0.9, 0.9)], -1)


@runtime_checkable
class Covariance(Protocol):
    """What a likelihood asks of one, whatever its structure."""

    @property
    def name(self) -> str: ...
    def matrix(self, theta: Theta) -> Matrix: ...
    def first(self, theta: Theta) -> First: ...
    def second(self, theta: Theta) -> Second | None: ...
    def start(self, sample: Matrix) -> Theta: ...


def begin(covariance: Covariance, sample: Matrix) -> Theta:
    """Where to begin: a sample covariance shrunk to its diagonal until it is definite."""
    diagonal = sample * np.eye(sample.shape[-1])
    theta = covariance.start(sample)
    for shrink in (0.9, 0.7, 0.5, 0.2, 0.0):
        eigenvalues = np.linalg.eigvalsh(covariance.matrix(theta))
        near = ~(eigenvalues[..., 0] > 1e-3 * eigenvalues[..., -1])
        if not near.any():
            break
        theta = np.where(near[..., None], covariance.start(shrink * sample + (1 - shrink) * diagonal), theta)
    return theta


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
