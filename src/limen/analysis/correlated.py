"""Covariances by variance and correlation, Sigma_ab = s_a s_b C_ab(rho): one variance for all visits, or one for each.

Parameters are variances first, as SAS has them: Kenward and Roger's correction depends on what is called theta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from limen.analysis import covariance
from limen.analysis.covariance import Covariance, Matrix, Theta
from limen.errors import DataError

First = Float[np.ndarray, "parameters visits visits"]
Second = Float[np.ndarray, "parameters parameters visits visits"]
Distances = Float[np.ndarray, "visits visits"]


@runtime_checkable
class Correlation(Protocol):
    """C(rho) with its first and second derivatives, and rho from a sample correlation."""

    def matrix(self, rho: Theta) -> Matrix: ...
    def first(self, rho: Theta) -> First: ...
    def second(self, rho: Theta) -> Second: ...
    def nearest(self, sample: Matrix) -> Theta: ...


@dataclass(frozen=True)
class Patterned:
    """C = I + sum_l rho_l M_l: Toeplitz (M_l marks lag l) and compound symmetry (one M for all pairs)."""

    marks: Float[np.ndarray, "rho visits visits"]

    def matrix(self, rho: Theta) -> Matrix:
        return np.eye(self.marks.shape[-1]) + np.tensordot(rho, self.marks, 1)

    def first(self, rho: Theta) -> First:
        return self.marks

    def second(self, rho: Theta) -> Second:
        return np.zeros((len(rho), *self.marks.shape))

    def nearest(self, sample: Matrix) -> Theta:
        return np.tensordot(self.marks, sample, 2) / self.marks.sum((1, 2))


@dataclass(frozen=True)
class Powers:
    """C_ab = rho^d_ab: AR(1) where visits are one step apart, spatial power where distances are those of their times."""

    distance: Distances

    def matrix(self, rho: Theta) -> Matrix:
        return rho[0] ** self.distance if rho[0] > 0 else self._whole(rho[0])

    def _whole(self, rho: float) -> Matrix:
        """A negative rho has powers of whole numbers only; elsewhere it is off the cone."""
        whole = np.equal(self.distance, np.round(self.distance)).all()
        return rho ** np.round(self.distance) if whole else np.full_like(self.distance, np.nan)

    def first(self, rho: Theta) -> First:
        d, r = self.distance, rho[0]
        return np.where(d == 0, 0.0, d * _power(r, np.where(d == 0, 0.0, d - 1)))[None]

    def second(self, rho: Theta) -> Second:
        d, r = self.distance, rho[0]
        straight = (d == 0) | (d == 1)
        return np.where(straight, 0.0, d * (d - 1) * _power(r, np.where(straight, 0.0, d - 2)))[None, None]

    def nearest(self, sample: Matrix) -> Theta:
        near = self.distance == self.distance[self.distance > 0].min()
        held = float(np.clip(sample[near].mean(), 0.05, 0.9))
        return np.array([held ** (1 / self.distance[near][0])])


def _power(r: float, d: Distances) -> Distances:
    return np.sign(r) ** np.round(d) * np.abs(r) ** d


@dataclass(frozen=True)
class Chained:
    """C_ab = rho_a ... rho_(b-1): each visit depends on the one before (first-order ante-dependence)."""

    visits: int

    @property
    def _within(self) -> Float[np.ndarray, "rho visits visits"]:
        """Which steps lie between two visits."""
        a, b = np.indices((self.visits, self.visits))
        step = np.arange(self.visits - 1)[:, None, None]
        return ((np.minimum(a, b) <= step) & (step < np.maximum(a, b))).astype(float)

    def _but(self, rho: Theta, gone: tuple[int, ...]) -> Matrix:
        """Products over the steps between two visits without those `gone`, zero where they do not lie between."""
        within = self._within
        kept = [np.where(w > 0, r, 1.0) for i, (w, r) in enumerate(zip(within, rho, strict=True)) if i not in gone]  # fmt: skip
        return reduce(np.multiply, kept, np.ones(within.shape[1:])) * within[list(gone)].prod(0)

    def matrix(self, rho: Theta) -> Matrix:
        return self._but(rho, ())

    def first(self, rho: Theta) -> First:
        return np.stack([self._but(rho, (i,)) for i in range(len(rho))])

    def second(self, rho: Theta) -> Second:
        steps = range(len(rho))
        return np.stack([np.stack([self._but(rho, (i, j)) * (i != j) for j in steps]) for i in steps])

    def nearest(self, sample: Matrix) -> Theta:
        return np.clip(np.diagonal(sample, 1), -0.9, 0.9)


@dataclass(frozen=True)
class Scaled:
    """Sigma = D C D, D the standard deviations: theta = (variances, rho), one variance for all or one for each visit."""

    name: str
    shape: Correlation
    visits: int
    heterogeneous: bool

    @property
    def _share(self) -> Float[np.ndarray, "variances visits visits"]:
        """The power of each variance in each element of Sigma."""
        if not self.heterogeneous:
            return np.ones((1, self.visits, self.visits))
        one = np.eye(self.visits)
        return (one[:, :, None] + one[:, None, :]) / 2

    def _parts(
        self, theta: Theta
    ) -> tuple[Float[np.ndarray, " variances"], Float[np.ndarray, " correlations"], Matrix]:
        count = self.visits if self.heterogeneous else 1
        variance, rho = theta[:count], theta[count:]
        spread = np.sqrt(np.maximum(np.broadcast_to(variance, self.visits), 0.0))
        return variance, rho, np.outer(spread, spread)

    def matrix(self, theta: Theta) -> Matrix:
        variance, rho, size = self._parts(theta)
        # Off the cone a square root would hide a negative variance.
        return size * self.shape.matrix(rho) if (variance > 0).all() else -np.eye(self.visits)

    def first(self, theta: Theta) -> First:
        variance, rho, size = self._parts(theta)
        by_variance = size * self.shape.matrix(rho) * self._share / variance[:, None, None]
        return np.concatenate([by_variance, size * self.shape.first(rho)])

    def second(self, theta: Theta) -> Second:
        variance, rho, size = self._parts(theta)
        share, inverse = self._share, 1 / variance[:, None, None]
        same = size * self.shape.matrix(rho) * share[:, None] * share * inverse[:, None] * inverse
        count = np.arange(len(variance))
        same[count, count] -= size * self.shape.matrix(rho) * share * inverse**2
        cross = (share * inverse)[:, None] * (size * self.shape.first(rho))
        curved = size * self.shape.second(rho)
        return np.concatenate(
            [np.concatenate([same, cross], 1), np.concatenate([cross.swapaxes(0, 1), curved], 1)]
        )

    def nearest(self, sample: Matrix) -> Theta:
        variance = np.diag(sample) if self.heterogeneous else np.diag(sample).mean(keepdims=True)
        spread = np.sqrt(np.diag(sample))
        return np.concatenate([variance, self.shape.nearest(sample / np.outer(spread, spread))])

    start = nearest


def structure_named(name: str, visits: int, times: tuple[float, ...] = ()) -> Covariance | Scaled:
    """The structure called `name`; `times` of the visits are for spatial power alone. Raises DataError for a name that is
    none of `ALL`."""
    if name not in ALL:
        raise DataError(f"no covariance structure {name!r}", remedy=f"choose one of {', '.join(ALL)}")
    if visits == 1 or name in covariance.STRUCTURES:
        return covariance.structure(name if visits > 1 else "compound-symmetry", visits)
    a, b = np.indices((visits, visits))
    lag = np.abs(a - b).astype(float)
    when = np.array(times if times else range(visits), float)
    shapes: Mapping[str, Correlation] = {
        "ante-dependence": Chained(visits),
        "heterogeneous-ar1": Powers(lag),
        "heterogeneous-compound-symmetry": Patterned((a != b)[None].astype(float)),
        "heterogeneous-toeplitz": Patterned(
            np.stack([lag == step for step in range(1, visits)]).astype(float)
        ),
        "spatial-power": Powers(np.abs(when[:, None] - when)),
    }
    return Scaled(name, shapes[name], visits, name != "spatial-power")


ALL = (
    *covariance.STRUCTURES, "heterogeneous-toeplitz", "heterogeneous-compound-symmetry", "heterogeneous-ar1",
    "ante-dependence", "spatial-power",
)  # fmt: skip
