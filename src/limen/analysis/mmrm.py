"""Mixed model for repeated measures (MMRM): fixed effects, fit, and least-squares means and contrasts by visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from limen.analysis import covariance as cov
from limen.analysis import reml
from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError

# The derivative matrices grow with (visits^2/2)^2; beyond this an unstructured fit neither fits in memory nor to data.
MOST_VISITS_UNSTRUCTURED = 15


@dataclass(frozen=True)
class MixedFit:
    """A fitted model. `beta` and the matrices of `at` follow `columns`; covariates are centred at `centre`
    (the point of the least-squares means) and divided by `scale`.

    `minus2` is -2 log restricted likelihood of the uncentred, unscaled model (SAS: -2 Res Log Likelihood).
    """

    data: Longitudinal
    covariance: cov.Covariance
    groups: tuple[reml.Seen, ...]
    at: reml.Evaluation
    minus2: float
    steps: int
    columns: tuple[str, ...]
    centre: Float[np.ndarray, " values"]
    scale: Float[np.ndarray, " values"]
    baseline_by_visit: bool

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

    `structure` is one of covariance.STRUCTURES; `baseline_by_visit=False` gives one slope for all visits.
    Raises DataError where an arm has nobody at a visit, the effects cannot be told apart, two visits are never
    seen in one person, there are too few people, or the likelihood has no maximum.
    """
    data = data.analysed()
    if structure == "unstructured" and len(data.visits) > MOST_VISITS_UNSTRUCTURED:
        raise DataError(
            f"{len(data.visits)} visits are too many for an unstructured covariance",
            remedy="choose toeplitz, compound-symmetry or ar1, or fewer visits",
        )
    seen = np.isfinite(data.outcome)
    _check_cells(data)
    design, columns, centre, scale = _design(data, seen, baseline_by_visit)
    _check_rank(design[seen], columns)
    if structure == "unstructured":
        _check_pairs(data, seen)
    groups = reml.patterns(design, data.outcome)
    covariance = cov.structure(structure, len(data.visits))
    start = _start(covariance, design, data.outcome, seen)
    at, steps = reml.maximise(groups, covariance, start)
    slopes = len(data.visits) if baseline_by_visit else 1
    # |X'V^-1X| of the scaled columns, put back to the user's units.
    unscale = 2 * (slopes * np.log(scale[0]) + np.log(scale[1:]).sum())
    return MixedFit(
        data,
        covariance,
        groups,
        at,
        at.minus2 + float(unscale),
        steps,
        columns,
        centre,
        scale,
        baseline_by_visit,
    )


def _design(
    data: Longitudinal, seen: np.ndarray, baseline_by_visit: bool
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray, np.ndarray]:
    """people x visits x columns: one mean per visit and arm, then baseline and covariates centred and scaled."""
    people, visits = data.outcome.shape
    values = np.column_stack([data.baseline, data.covariates])
    weight = seen.sum(1)
    mean = np.average(values, axis=0, weights=weight)
    reference = np.array([np.nan, *(data.reference or (np.nan,) * data.covariates.shape[1])])
    centre = np.where(np.isnan(reference), mean, reference)
    spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weight))
    scale = np.where(spread > 0, spread, 1.0)
    values = (values - centre) / scale
    cells = np.zeros((people, visits, visits, len(data.arms)))
    for v in range(visits):
        cells[np.arange(people), v, v, data.arm] = 1.0
    baseline = values[:, :1]
    slopes = (
        baseline[:, :, None] * np.eye(visits)
        if baseline_by_visit
        else baseline[:, :, None] * np.ones((visits, 1))
    )
    others = np.repeat(values[:, None, 1:], visits, axis=1)
    design = np.concatenate([cells.reshape(people, visits, -1), slopes, others], -1)
    columns = (
        *(f"{v}:{a}" for v in data.visits for a in data.arms),
        *((f"{v}:baseline" for v in data.visits) if baseline_by_visit else ("baseline",)),
        *data.covariate_names,
    )
    return design, columns, centre, scale


def _check_cells(data: Longitudinal) -> None:
    for visit in data.visits:
        for arm, count in zip(data.arms, data.observed(visit), strict=True):
            if count == 0:
                raise DataError(
                    f"nobody of arm {arm!r} has an outcome at visit {visit!r}",
                    remedy="leave that visit out, or that arm: its mean cannot be estimated",
                )


def _check_rank(rows: np.ndarray, columns: tuple[str, ...]) -> None:
    if len(rows) <= len(columns):
        raise DataError(
            f"{len(rows)} outcomes cannot carry {len(columns)} fixed effects", remedy="too few participants"
        )
    # Add columns one by one: the first that is a combination of those before it is the one to name.
    q, kept = np.zeros((len(rows), 0)), []
    for number, name in enumerate(columns):
        column = rows[:, number]
        rest = column - q @ (q.T @ column)
        rest -= q @ (q.T @ rest)
        size = np.linalg.norm(rest)
        if size <= 1e-9 * max(np.linalg.norm(column), 1.0):
            raise DataError(
                f"the effect {name!r} cannot be told apart from the others (it is constant, or a sum of them)",
                remedy="leave out the covariate, or the visit with too few participants",
            )
        q = np.column_stack([q, rest / size])
        kept.append(name)


def _check_pairs(data: Longitudinal, seen: np.ndarray) -> None:
    together = seen.T.astype(int) @ seen.astype(int)
    for a, b in zip(*np.nonzero(together == 0), strict=True):
        raise DataError(
            f"no participant was seen at both visit {data.visits[a]!r} and visit {data.visits[b]!r}",
            remedy="their covariance cannot be estimated: leave one out, or choose compound-symmetry or ar1",
        )
    if len(data.people) <= len(data.visits) + len(data.arms):
        raise DataError(
            f"{len(data.people)} participants are too few for an unstructured covariance of"
            f" {len(data.visits)} visits",
            remedy="choose compound-symmetry or ar1, or fewer visits",
        )


def _start(
    covariance: cov.Covariance, design: np.ndarray, outcome: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    """Covariance of least-squares residuals over pairs of visits, shrunk to its diagonal until it is definite."""
    beta = np.linalg.lstsq(design[seen], outcome[seen], rcond=None)[0]
    residual = np.where(seen, np.where(seen, outcome, 0.0) - design @ beta, 0.0)
    pairs = np.maximum(seen.T.astype(float) @ seen, 1.0)
    sample = residual.T @ residual / pairs
    variance = np.diag(sample)
    if not (variance > 1e-12 * np.mean(outcome[seen] ** 2)).all():
        raise DataError(
            "the outcome is predicted without error at a visit: there is no residual variance",
            remedy="check the outcome column; a covariate may repeat it",
        )
    for shrink in (1.0, 0.9, 0.7, 0.5, 0.2, 0.0):
        mixed = shrink * sample + (1 - shrink) * np.diag(variance)
        theta = covariance.start(mixed)
        eigenvalues = np.linalg.eigvalsh(covariance.matrix(theta))
        if eigenvalues[0] > 1e-3 * eigenvalues[-1]:
            break
    return theta
