"""Mixed model for repeated measures (MMRM): fixed effects, fit, and least-squares means and contrasts by visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from limen.analysis import covariance as cov
from limen.analysis import reml
from limen.analysis.correlated import structure_named
from limen.analysis.fit import SAME, Fit, orthogonal
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError

# The derivative matrices grow with (visits^2/2)^2; beyond this an unstructured fit neither fits in memory nor to data.
MOST_VISITS_UNSTRUCTURED = 15


class NotFitted(DataError):
    """A covariance that these data cannot be fitted with; another may do."""


@dataclass(frozen=True)
class MixedFit(Fit):
    """A fitted model of visits by arms. Covariates are centred at `centre`, the point of the least-squares means."""

    data: Longitudinal
    centre: Float[np.ndarray, " values"]

    def cell(self, visit: str, arm: str) -> Float[np.ndarray, " columns"]:
        """The combination of coefficients that is the least-squares mean of `arm` at `visit`."""
        row = np.zeros(len(self.columns))
        row[self.columns.index(f"{visit}:{arm}")] = 1.0
        return row

    def difference(self, visit: str, arm: str, control: str) -> Float[np.ndarray, " columns"]:
        """`arm` minus `control` at `visit`."""
        return self.cell(visit, arm) - self.cell(visit, control)


def mmrm(data: Longitudinal, structure: str = "unstructured", baseline_by_visit: bool = True) -> MixedFit:
    """Fit outcome ~ visit x arm + visit x baseline + covariates by REML.

    y_iv = mu_{v,arm(i)} + b_v (baseline_i - centre) + sum_k g_k z_ik + e_iv,  e_i ~ N(0, Sigma),
    people independent, outcomes missing at random. One visit makes it an analysis of covariance.

    `structure` is one of correlated.ALL; `baseline_by_visit=False` gives one slope for all visits.
    Raises DataError where an arm has nobody at a visit, the effects cannot be told apart, two visits are never
    seen in one person, there are too few people, or the likelihood has no maximum.
    """
    data = data.analysed()
    if structure == "unstructured" and len(data.visits) > MOST_VISITS_UNSTRUCTURED:
        raise NotFitted(
            f"{len(data.visits)} visits are too many for an unstructured covariance",
            remedy="choose toeplitz, compound-symmetry or ar1, or fewer visits",
        )
    seen = np.isfinite(data.outcome)
    _check_cells(data)
    design, columns, centre = _design(data, seen, baseline_by_visit)
    basis, log_size = orthogonal(design[seen], columns)
    if structure == "unstructured":
        _check_pairs(data, seen)
    design = design @ basis
    offset = design[seen].T @ (data.outcome[seen] - (middle := data.outcome[seen].mean()))
    residual = data.outcome - middle - design @ offset
    _check_residual(data, residual)
    groups = reml.scored(design, residual)
    covariance = structure_named(structure, len(data.visits))
    start = _start(covariance, residual, seen)
    try:
        at, steps = reml.maximise(groups, covariance, start)
    except reml.NoMaximum as stopped:
        raise no_maximum(stopped.sigma, len(data.people), data.visits, structure) from None
    cells = len(data.visits) * len(data.arms)
    coefficients = basis @ offset + middle * (np.arange(len(columns)) < cells)
    return MixedFit(
        covariance, groups, at, at.minus2 + log_size, steps, columns, coefficients, basis, data, centre
    )


def _design(
    data: Longitudinal, seen: Bool[np.ndarray, "people visits"], baseline_by_visit: bool
) -> tuple[Float[np.ndarray, "people visits columns"], tuple[str, ...], Float[np.ndarray, " values"]]:
    """people x visits x columns: one mean per visit and arm, then baseline and covariates centred."""
    people, visits = data.outcome.shape
    values = np.column_stack([data.baseline, data.covariates])
    mean = np.average(values, axis=0, weights=seen.sum(1))
    reference = np.array([np.nan, *(data.reference or (np.nan,) * data.covariates.shape[1])])
    centre = np.where(np.isnan(reference), mean, reference)
    # What is left of a constant column after centring is rounding, whatever its unit.
    constant = np.ptp(values, axis=0) <= SAME * np.abs(values).max(0)
    values = np.where(constant, 0.0, values - centre)
    cells = np.zeros((people, visits, visits, len(data.arms)))
    for v in range(visits):
        cells[np.arange(people), v, v, data.arm] = 1.0
    baseline = values[:, :1]
    slopes = baseline[:, :, None] * (np.eye(visits) if baseline_by_visit else np.ones((visits, 1)))
    names = tuple(f"{v}:baseline" for v in data.visits) if baseline_by_visit else ("baseline",)
    if constant[0]:  # none was measured, or everybody has the same: there is nothing to adjust for
        slopes, names = slopes[..., :0], ()
    others = np.repeat(values[:, None, 1:], visits, axis=1)
    design = np.concatenate([cells.reshape(people, visits, -1), slopes, others], -1)
    columns = (*(f"{v}:{a}" for v in data.visits for a in data.arms), *names, *data.covariate_names)
    return design, columns, centre


def _check_cells(data: Longitudinal) -> None:
    for visit in data.visits:
        for arm, count in zip(data.arms, data.observed(visit), strict=True):
            if count == 0:
                raise DataError(
                    f"nobody of arm {arm!r} has an outcome at visit {visit!r}",
                    remedy="leave that visit out, or that arm: its mean cannot be estimated",
                )


def _check_pairs(data: Longitudinal, seen: np.ndarray) -> None:
    together = seen.T.astype(int) @ seen.astype(int)
    for a, b in zip(*np.nonzero(together == 0), strict=True):
        raise NotFitted(
            f"no participant was seen at both visit {data.visits[a]!r} and visit {data.visits[b]!r}",
            remedy="their covariance cannot be estimated: leave one out, or choose compound-symmetry or ar1",
        )
    if len(data.people) <= len(data.visits) + len(data.arms):
        raise NotFitted(
            f"{len(data.people)} participants are too few for an unstructured covariance of"
            f" {len(data.visits)} visits",
            remedy="choose compound-symmetry or ar1, or fewer visits",
        )


def _check_residual(data: Longitudinal, residual: Float[np.ndarray, "people visits"]) -> None:
    spread = np.sqrt(np.nanmean(residual**2, axis=0))
    size = np.nanmax(np.abs(data.outcome), axis=0)
    for visit, left, largest in zip(data.visits, spread, size, strict=True):
        if left <= SAME * largest:
            raise DataError(
                f"the outcome at visit {visit!r} is predicted without error: there is no residual variance",
                remedy="leave out the visit, or the covariate that repeats the outcome",
            )


def _start(
    covariance: cov.Covariance,
    residual: Float[np.ndarray, "people visits"],
    seen: Bool[np.ndarray, "people visits"],
) -> Float[np.ndarray, " parameters"]:
    """From the covariance of least-squares residuals over pairs of visits."""
    left = np.where(seen, residual, 0.0)
    sample = left.T @ left / np.maximum(seen.T.astype(float) @ seen, 1.0)
    return cov.begin(covariance, sample)


def no_maximum(
    sigma: Float[np.ndarray, "visits visits"], people: int, visits: tuple[str, ...], structure: str
) -> NotFitted:
    """Why the likelihood has no maximum, as far as it is known: two visits that repeat each other, or only that the
    covariance it ends in, `sigma`, is singular."""
    spread = np.sqrt(np.diag(sigma))
    correlation = np.abs(sigma / np.outer(spread, spread)) - np.eye(len(sigma))
    a, b = np.unravel_index(int(np.argmax(correlation)), sigma.shape)
    what = "the likelihood of the mixed model has no maximum with a positive definite covariance"
    last = ", ".join(f"{visit} {s:.3g}" for visit, s in zip(visits, spread, strict=True))
    if correlation[a, b] > 1 - 1e-6:
        first, second = sorted((int(a), int(b)))
        return NotFitted(
            f"{what}: visits {visits[first]!r} and {visits[second]!r} repeat each other",
            remedy="leave one of them out",
        )
    simpler = {"unstructured": "toeplitz, compound-symmetry or ar1"}.get(structure, "another covariance")
    return NotFitted(
        f"{what} ({people} people, {len(visits)} visits; it was left at standard deviations {last})",
        remedy=f"limen cannot tell why: try {simpler}, or fewer visits",
    )
