"""A fitted mixed model, as every inference takes it, and the regressors made orthonormal before they are fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.analysis import reml
from limen.analysis.covariance import Covariance
from limen.errors import DataError

# Differences of this share of the values themselves are rounding; so is what a column of length one keeps beside others.
SAME, COLLINEAR = 1e-13, 1e-9


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    With X = Q R over all observations and b the least-squares coefficients, the fit works on Q and on the residuals
    y - X b, so that neither the unit nor the zero of a score, nor how large it is beside its residuals, costs digits.
    The coefficients of `columns` are b + `basis` times those of `at`, with `basis` = R^-1 and `offset` = b. `minus2` is
    -2 log likelihood of X itself (SAS: -2 Res Log Likelihood where it is the restricted one).
    """

    covariance: Covariance
    groups: reml.Scored
    at: reml.Evaluation
    minus2: float
    steps: int
    columns: tuple[str, ...]
    offset: Float[np.ndarray, " columns"]
    basis: Float[np.ndarray, "columns columns"]

    @property
    def parameters(self) -> int:
        """What information criteria count: the covariance's, and the effects' where the likelihood is not restricted."""
        return len(self.at.theta) + (0 if self.groups.restricted else len(self.columns))

    @property
    def aic(self) -> float:
        return self.minus2 + 2 * self.parameters

    @property
    def bic(self) -> float:
        """With people as what is independent, as SAS counts."""
        return self.minus2 + float(np.log(len(self.groups.scores))) * self.parameters


def orthogonal(
    rows: Float[np.ndarray, "scores columns"], columns: tuple[str, ...]
) -> tuple[Float[np.ndarray, "columns columns"], float]:
    """R^-1 of rows = Q R, and 2 log|det R|. Raises DataError naming the first column that is a sum of those before it."""
    if len(rows) <= len(columns):
        raise DataError(
            f"{len(rows)} outcomes cannot carry {len(columns)} fixed effects",
            remedy="more participants, or fewer visits or covariates",
        )
    size = np.linalg.norm(rows, axis=0)
    for name, length in zip(columns, size, strict=True):
        if length == 0:
            raise DataError(
                f"the effect {name!r} cannot be told apart from the others: it is constant",
                remedy="leave out the covariate, or the visit at which it has one value",
            )
    r = np.linalg.qr(rows / size, mode="r")
    for name, rest in zip(columns, np.abs(np.diag(r)), strict=True):
        if rest <= COLLINEAR:
            raise DataError(
                f"the effect {name!r} cannot be told apart from the others: it is a sum of them",
                remedy="leave out the covariate, or the visit at which it repeats the others",
            )
    basis = np.linalg.inv(r) / size[:, None]
    return basis, float(2 * np.log(np.abs(np.diag(r)) * size).sum())
