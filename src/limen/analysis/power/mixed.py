"""The mixed model for repeated measures with dropout, by the information of each pattern of visits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from limen.analysis.power.aims import Aim, t_power
from limen.analysis.power.means import Allocated, Means, correlated, over_imbalance
from limen.errors import LimenError

STRUCTURES = ("compound-symmetry", "ar1", "unstructured")


@dataclass(frozen=True, kw_only=True)
class Mixed(Allocated, Means):
    """The difference at the last of `visits`, where `sd` is the standard deviation, by MMRM with monotone dropout.

    With r_j the share of an arm still seen at visit j (`retention`, or falling evenly from 1 at the first to 1 - dropout at
    the last) and R_j the correlations of the first j visits, a person's information about the visit means is

        I = sum_j (r_j - r_{j+1}) R_j^{-1}   (padded with zeros),    phi = [I^{-1}] at the last visit,

    and se^2 = sd^2 (phi_1/n_1 + phi_0/n_0). Lu K, Luo X, Chen PY 2008, Int J Biostat 4(1):9. They use the normal law; here
    df are the people seen at the last visit less 2. With a `baseline` the first score is a covariate, df are one fewer, and its
    chance imbalance is averaged over as in `Ancova`. That the covariance is estimated is not in it: a small trial has a
    little less power than this says.

    `correlation` is one number for compound symmetry and AR(1), or every correlation below the diagonal, row by row, for an
    unstructured matrix. With `baseline` they are those of baseline and visits.
    """

    test: ClassVar[str] = "a mixed model for repeated measures"
    visits: int
    correlation: tuple[float, ...]
    structure: str = "compound-symmetry"
    retention: tuple[float, ...] = ()
    retention_control: tuple[float, ...] = ()
    baseline: bool = False
    least: ClassVar[int] = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.structure not in STRUCTURES:
            raise LimenError(f"no structure {self.structure!r}", remedy=f"there are: {', '.join(STRUCTURES)}")
        if self.visits < 1:
            raise LimenError(f"{self.visits} visits", remedy="give 1 or more after baseline")
        for one in self.correlation:
            correlated(one)
        points = self.visits + self.baseline
        wanted = points * (points - 1) // 2 if self.structure == "unstructured" else 1
        if len(self.correlation) != wanted:
            raise LimenError(f"{len(self.correlation)} correlations for {points} {self.structure} scores", remedy=f"give {wanted}, row by row below the diagonal" if wanted > 1 else "give one")  # fmt: skip
        if np.linalg.eigvalsh(self._correlations()).min() <= 1e-10:
            raise LimenError(
                "these correlations cannot all hold at once", remedy="give a positive definite matrix"
            )
        for shares in (self.retention, self.retention_control):
            if shares and (len(shares) != self.visits or not shares[0] <= 1 or shares[-1] <= 0 or any(b > a for a, b in pairwise(shares))):  # fmt: skip
                raise LimenError(f"a retention of {', '.join(f'{r:g}' for r in shares)}", remedy=f"give {self.visits} shares that never rise, the first at most 1")  # fmt: skip
        if self.retention and self.dropout:
            raise LimenError("both retention and dropout", remedy="give one of the two")

    def randomised(self, arms: tuple[int, ...]) -> tuple[int, ...]:
        return arms

    def kept(self) -> tuple[Float[np.ndarray, " visits"], Float[np.ndarray, " visits"]]:
        """The share of each arm, active then control, that is seen at each visit."""
        even = (
            np.linspace(1.0, 1 - self.dropout, self.visits)
            if self.visits > 1
            else np.array([1 - self.dropout])
        )
        active = np.array(self.retention) if self.retention else even
        return active, np.array(self.retention_control) if self.retention_control else active

    def inflation(self, kept: Float[np.ndarray, " visits"]) -> float:
        """phi: the variance of the last visit's mean over that of a complete sample, sd^2/n."""
        matrix = self._correlations()
        if self.baseline:
            matrix = matrix[1:, 1:] - np.outer(matrix[1:, 0], matrix[1:, 0])
        information = np.zeros((self.visits, self.visits))
        leaving = kept - np.append(kept[1:], 0.0)
        for j in range(1, self.visits + 1):
            information[:j, :j] += leaving[j - 1] * np.linalg.inv(matrix[:j, :j])
        return float(np.linalg.inv(information)[-1, -1])

    def power(self, effect: float, arms: tuple[int, ...], aim: Aim) -> float:
        if self.baseline:
            return over_imbalance(effect, self.se(arms), self.df(arms) + 1, aim)
        return float(t_power(effect, self.se(arms), self.df(arms), aim))

    def se(self, arms: tuple[int, ...]) -> float:
        """Standard error of the difference at the last visit."""
        phi = (self.inflation(kept) for kept in self.kept())
        return self.sd * math.sqrt(sum(f / n for f, n in zip(phi, arms, strict=True)))

    def df(self, arms: tuple[int, ...]) -> float:
        last = sum(n * float(kept[-1]) for n, kept in zip(arms, self.kept(), strict=True))
        return max(last - 2 - self.baseline, 1.0)

    def words(self) -> str:
        active, control = ([f"{100 * share:.3g}%" for share in kept] for kept in self.kept())
        seen = (
            ", ".join(active)
            if active == control
            else f"{', '.join(active)} on active and {', '.join(control)} on control"
        )
        how = ", ".join(f"{one:g}" for one in self.correlation)
        return (f"standard deviation {self.sd:g} at the last of {self.visits} visits, {self.structure} correlation {how}"
                f"{', baseline as a covariate' if self.baseline else ''}, seen at the visits: {seen}")  # fmt: skip

    def _correlations(self) -> Float[np.ndarray, "points points"]:
        points = self.visits + self.baseline
        step = np.abs(np.subtract.outer(np.arange(points), np.arange(points)))
        if self.structure != "unstructured":
            rho = self.correlation[0]
            return np.where(step == 0, 1.0, rho ** (step if self.structure == "ar1" else np.ones_like(step)))
        made = np.eye(points)
        made[np.tril_indices(points, -1)] = self.correlation
        return made + made.T - np.eye(points)
