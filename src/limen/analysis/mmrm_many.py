"""The mixed model for repeated measures fitted to many data sets at once: the numbers of `mmrm`, iterated together."""

from __future__ import annotations

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis import covariance as cov
from limen.analysis.mmrm import MOST_VISITS_UNSTRUCTURED
from limen.analysis.reml_many import Elements, Point, maximise_many
from limen.analysis.sums import Replicates, Sums, sums
from limen.engine.runs import in_blocks
from limen.errors import DataError

AT_ONCE = ("kenward-roger", "satterthwaite", "asymptotic")
# Replicates in a block, and numbers a block may hold in its largest array.
BLOCK, ROOM = 256, 2_000_000

ByContrast = Float[np.ndarray, "replicates contrasts"]


class ManyFits(eqx.Module):
    """Every arm against the control at one visit, replicate by replicate; NaN unless `fitted`.

    `odd` replicates lack something the common model needs (an arm at a visit, a baseline that varies, ...) and were not
    fitted: a single fit says what. Of the others those not `fitted` have no maximum: they ended at `sigma` after `steps`.
    `minus2` is -2 log restricted likelihood, its constant included; `n` people seen at the visit in both arms.
    """

    estimate: ByContrast
    se: ByContrast
    df: ByContrast
    n: ByContrast
    minus2: Float[np.ndarray, " replicates"]
    sigma: Float[np.ndarray, "replicates visits visits"]
    fitted: Bool[np.ndarray, " replicates"]
    odd: Bool[np.ndarray, " replicates"]
    steps: Int[np.ndarray, " replicates"]


def mmrm_many(
    data: Replicates,
    visit: int,
    structure: str = "unstructured",
    se_method: str = "kenward-roger",
    workers: int = 2,
) -> ManyFits:
    """Fit outcome ~ visit x arm + visit x baseline by REML to every replicate, and compare the arms at `visit` (index).

    Blocks have fixed boundaries, so nothing hangs on the number of `workers`.
    """
    if se_method not in AT_ONCE:
        raise DataError(
            f"no standard error {se_method!r} of many trials at once",
            remedy=f"choose one of {', '.join(AT_ONCE)}",
        )
    replicates, people, visits = data.outcome.shape
    covariance = cov.structure(structure, visits)
    kinds = min(people, 2**visits)
    largest = max(
        kinds * (visits + data.arms + 1) ** 2,
        kinds * visits**2 * (data.arms + 1),
        visits**4,
        people * visits**2,
    )
    block = min(BLOCK, max(1, ROOM // largest), replicates)

    def fit(rows: Int[np.ndarray, " rows"]) -> ManyFits:
        return _fit(data.at(rows), visit, covariance, se_method)

    return in_blocks(fit, replicates, workers, block=block)


def _fit(data: Replicates, visit: int, covariance: cov.Covariance, se_method: str) -> ManyFits:
    replicates, _, visits = data.outcome.shape
    s = sums(data, covariance)
    plain = s.plain & (covariance.name != "unstructured" or visits <= MOST_VISITS_UNSTRUCTURED)
    rows = np.flatnonzero(plain)
    whole, there = np.full((3, replicates, data.arms - 1), np.nan), s.observed[:, visit].astype(float)
    minus2, sigma = np.full(replicates, np.nan), np.full((replicates, visits, visits), np.nan)
    steps, fitted = np.zeros(replicates, int), np.zeros(replicates, bool)
    if len(rows):
        part = s.at(rows)
        found = maximise_many(part, covariance)
        steps[rows], sigma[rows] = found.steps, found.sigma * part.scale[:, None, None] ** 2
        rows, part = rows[found.rows], part.at(found.rows)
        fitted[rows] = True
        whole[:, rows] = _compared(part, covariance, found.at, visit, se_method)
        minus2[rows] = found.at.minus2 + part.constant
    estimate, se, df = whole
    n = there[:, 1:] + there[:, :1]
    return ManyFits(estimate, se, df, n, minus2, sigma, fitted, ~plain, steps)


def _compared(
    s: Sums, covariance: cov.Covariance, at: Point, visit: int, se_method: str
) -> Float[np.ndarray, "3 replicates contrasts"]:
    """Estimate, standard error and degrees of freedom; the formulas are those of `kenward_roger.Inference`."""
    estimate = (s.contrast @ (s.offset[:, visit] + s.scale[:, None] * at.beta[:, visit])[..., None])[..., 0]
    found = [
        _uncertainty(s, covariance, at, visit, s.contrast[:, number], se_method)
        for number in range(s.contrast.shape[1])
    ]
    variance, df = np.stack(found, -1)
    return np.stack([estimate, s.scale[:, None] * np.sqrt(variance), df])


def _uncertainty(
    s: Sums,
    covariance: cov.Covariance,
    at: Point,
    visit: int,
    row: Float[np.ndarray, "replicates z"],
    se_method: str,
) -> tuple[Float[np.ndarray, " replicates"], Float[np.ndarray, " replicates"]]:
    """Variance of one contrast l at `visit` and its degrees of freedom."""
    replicates, visits, m = at.beta.shape
    pairs = Elements.of(visits)
    # Phi l, and of each pattern W Phi l and (W Phi l) Z'Z (W Phi l)'
    weighted = (at.phi.reshape(replicates, visits * m, visits, m)[:, :, visit] @ row[..., None]).reshape(
        at.beta.shape
    )
    variance = (weighted[:, visit] * row).sum(-1)
    if se_method == "asymptotic":
        return variance, np.full(replicates, np.inf)
    moved = at.w @ weighted[:, None]
    spread = moved @ s.zz @ moved.swapaxes(2, 3)
    jacobian = covariance.first(at.theta)[..., pairs.a, pairs.b]
    slope = pairs.twice(spread.sum(1))
    gradient = (jacobian @ slope[..., None])[..., 0]
    inverse = np.linalg.inv(at.observed)
    df = variance**2 / ((inverse @ gradient[..., None])[..., 0] * gradient).sum(-1)
    if se_method == "kenward-roger":
        w = 2 * np.swapaxes(jacobian, -1, -2) @ inverse @ jacobian
        turned = pairs.scores(at.w, moved @ s.zz)
        inner = w * (pairs.traces(spread, at.w) - turned @ at.phi @ turned.swapaxes(1, 2))
        correction = inner.sum((1, 2))
        if (second := covariance.second(at.theta)) is not None:
            bent = (second[..., pairs.a, pairs.b] @ slope[:, None, :, None])[..., 0]
            correction -= (inverse * bent).sum((1, 2)) / 2
        variance = variance + 2 * correction
    return variance, df
