"""Sufficient statistics of many data sets at once: cross-products by pattern of visits seen, replicates first.

Every visit has the same regressors z (a mean for each arm, and baseline), so X_i = I (x) z_i' and a pattern needs only
Z'Z, Z'Y and Y'Y: nothing that comes after grows with the number of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis.covariance import Covariance

# What a baseline keeps beside the means of the arms, and a score beside its regression; below it a single fit decides.
APART = 1e-6


@dataclass(frozen=True)
class Replicates:
    """Many data sets of one shape. NaN in `outcome` is a missing visit; `arm` counts from the control, 0."""

    outcome: Float[np.ndarray, "replicates people visits"]
    arm: Int[np.ndarray, "replicates people"]
    baseline: Float[np.ndarray, "replicates people"]
    arms: int

    def at(self, rows: Int[np.ndarray, " chosen"] | Bool[np.ndarray, " replicates"]) -> Replicates:
        """The replicates of `rows`."""
        return Replicates(self.outcome[rows], self.arm[rows], self.baseline[rows], self.arms)


@dataclass(frozen=True)
class Sums:
    """What a fit needs of each replicate. `kinds`: visits (indices) of each pattern; `n` people of it; `zz`, `zy`, `yy`
    cross-products of regressors and of residuals about least squares, visit by visit (coefficients `offset`), in units
    of `scale`; `constant`: what -2 log likelihood has besides, so that it is that of scores and
    regressors as they were; `contrast`: rows that compare each arm with the control at one visit; `plain`: replicates that have
    everything a fit needs."""

    kinds: tuple[Int[np.ndarray, " _"], ...]
    n: Float[np.ndarray, "replicates patterns"]
    zz: Float[np.ndarray, "replicates patterns z z"]
    zy: Float[np.ndarray, "replicates patterns z visits"]
    yy: Float[np.ndarray, "replicates patterns visits visits"]
    sample: Float[np.ndarray, "replicates visits visits"]
    offset: Float[np.ndarray, "replicates visits z"]
    scale: Float[np.ndarray, " replicates"]
    contrast: Float[np.ndarray, "replicates contrasts z"]
    observed: Int[np.ndarray, "replicates visits arms"]
    constant: Float[np.ndarray, " replicates"]
    plain: Bool[np.ndarray, " replicates"]

    def at(self, rows: Int[np.ndarray, " chosen"] | Bool[np.ndarray, " replicates"]) -> Sums:
        """The replicates of `rows`."""
        chosen = {name: value[rows] for name, value in vars(self).items() if name != "kinds"}
        return Sums(self.kinds, **chosen)


def sums(data: Replicates, covariance: Covariance) -> Sums:
    """Sums of every replicate. Those who lack a baseline or every outcome count nowhere."""
    seen = np.isfinite(data.outcome) & np.isfinite(data.baseline)[..., None]
    y = np.where(seen, data.outcome, 0.0)
    z, contrast, log_size, apart = _regressors(data, np.any(seen, -1))
    counts = seen.astype(float)
    m = z.shape[-1]
    squares = (z[..., None] * z[..., None, :]).reshape(*z.shape[:2], m * m)
    gram = (counts.swapaxes(1, 2) @ squares).reshape(len(z), -1, m, m)
    plain, observed = _plain(data, seen, gram, covariance.name == "unstructured")
    plain &= apart
    gram[~plain] = np.eye(z.shape[-1])
    middle = y.sum((1, 2)) / np.maximum(counts.sum((1, 2)), 1)
    y = np.where(seen, y - middle[:, None, None], 0.0)
    offset = np.linalg.solve(gram, (y.swapaxes(1, 2) @ z)[..., None])[..., 0]
    residual = np.where(seen, y - z @ offset.swapaxes(1, 2), 0.0)
    together = counts.swapaxes(1, 2) @ counts
    spread = (residual**2).sum(1) / np.maximum(np.einsum("rvv->rv", together), 1)
    plain &= (np.sqrt(spread) > APART * np.abs(y).max(1)).all(-1)
    scale = np.where(plain, np.sqrt(spread.mean(-1)), 1.0)
    residual /= scale[:, None, None]
    sample = residual.swapaxes(1, 2) @ residual / np.maximum(together, 1)
    scores = counts.sum((1, 2)) - z.shape[-1] * counts.shape[-1]
    constant = scores * np.log(2 * np.pi * scale**2) + counts.shape[-1] * log_size
    kinds, n, products = _by_pattern(seen, np.concatenate([z, residual], -1))
    return Sums(
        kinds, n, products[..., :m, :m], products[..., :m, m:], products[..., m:, m:], sample, offset, scale, contrast,
        observed, constant, plain,
    )  # fmt: skip


def _regressors(
    data: Replicates, here: Bool[np.ndarray, "replicates people"]
) -> tuple[
    Float[np.ndarray, "replicates people z"],
    Float[np.ndarray, "replicates contrasts z"],
    Float[np.ndarray, " replicates"],
    Bool[np.ndarray, " replicates"],
]:
    """Orthonormal over the people of a replicate: 1/sqrt(n_a) in arm a, and (x - mean of the own arm) / sqrt(S_xx);
    the contrasts in these; 2 log of how much longer the regressors were; and where baseline is apart from the arms."""
    member = (data.arm[..., None] == np.arange(data.arms)) & here[..., None]
    x = np.where(here, data.baseline, 0.0)
    n = np.maximum(member.sum(1), 1)
    x = np.where(here, x - (x.sum(1) / np.maximum(here.sum(1), 1))[:, None], 0.0)
    mean = (member * x[..., None]).sum(1) / n
    within = np.where(here, x - (member * mean[:, None]).sum(-1), 0.0)
    size = np.sqrt((within**2).sum(1))
    apart = size > APART * np.sqrt((np.where(here, data.baseline, 0.0) ** 2).sum(1))
    size = np.where(apart, size, 1.0)
    root = np.sqrt(n)
    z = np.concatenate([member / root[:, None], within[..., None] / size[:, None, None]], -1)
    rows = np.zeros((len(x), data.arms - 1, data.arms + 1))
    rows[:, :, 0] = -1 / root[:, :1]
    rows[:, np.arange(data.arms - 1), np.arange(1, data.arms)] = 1 / root[:, 1:]
    rows[:, :, -1] = (mean[:, :1] - mean[:, 1:]) / size[:, None]
    return z, rows, 2 * (np.log(root).sum(-1) + np.log(size)), apart


def _plain(
    data: Replicates,
    seen: Bool[np.ndarray, "replicates people visits"],
    gram: Float[np.ndarray, "replicates visits z z"],
    unstructured: bool,
) -> tuple[Bool[np.ndarray, " replicates"], Int[np.ndarray, "replicates visits arms"]]:
    """Where every arm is seen at every visit, baseline varies within them, and there is data for each parameter."""
    visits = seen.shape[-1]
    member = data.arm[..., None] == np.arange(data.arms)
    observed = (seen.swapaxes(1, 2).astype(float) @ member.astype(float)).astype(int)
    here = seen.any(-1)
    plain = (observed > 0).all((1, 2)) & (seen.sum((1, 2)) > visits * (data.arms + 1))
    # Of one unit of S_xx over all people, what the baseline keeps within the arms of those seen at a visit.
    slope = gram[..., -1, -1] - (gram[..., -1, :-1] ** 2 / np.maximum(_diagonal(gram)[..., :-1], 1e-300)).sum(
        -1
    )
    plain &= (slope > APART**2).all(-1)
    if unstructured:
        pairs = seen.swapaxes(1, 2).astype(float) @ seen.astype(float)
        plain &= (pairs > 0).all((1, 2)) & (here.sum(1) > visits + data.arms)
    return plain, observed


def _diagonal(a: Float[np.ndarray, "... n n"]) -> Float[np.ndarray, "... n"]:
    return np.einsum("...ii->...i", a)


def _by_pattern(
    seen: Bool[np.ndarray, "replicates people visits"], rows: Float[np.ndarray, "replicates people columns"]
) -> tuple[
    tuple[Int[np.ndarray, " _"], ...],
    Float[np.ndarray, "replicates patterns"],
    Float[np.ndarray, "replicates patterns columns columns"],
]:
    """Patterns there are in any replicate; people and cross-products of each, zero where a replicate has none of it.
    Sums run over people as they stand in the replicate."""
    replicates, people, visits = seen.shape
    codes = seen @ (1 << np.arange(visits))
    found, place = np.unique(codes[codes > 0], return_inverse=True)
    number = np.full(codes.shape, len(found))
    number[codes > 0] = place
    order = np.argsort(number, axis=1, kind="stable")
    number = np.take_along_axis(number, order, 1) + (len(found) + 1) * np.arange(replicates)[:, None]
    starts = np.flatnonzero(np.diff(number.ravel(), prepend=-1))
    columns = np.moveaxis(rows, -1, 0).reshape(rows.shape[-1], -1)
    columns = columns[:, (order + people * np.arange(replicates)[:, None]).ravel()]
    upper = np.triu_indices(len(columns))
    added = np.stack(
        [np.add.reduceat(columns[a] * columns[b], starts) for a, b in zip(*upper, strict=True)], 1
    )
    flat = number.ravel()[starts]
    products = np.zeros((replicates * (len(found) + 1), rows.shape[-1], rows.shape[-1]))
    products[flat[:, None], upper[0], upper[1]] = added
    products[flat[:, None], upper[1], upper[0]] = added
    n = np.zeros(len(products))
    n[flat] = np.diff(starts, append=replicates * people)
    kinds = tuple(np.flatnonzero(code >> np.arange(visits) & 1) for code in found)
    shape = (replicates, len(found) + 1)
    return kinds, n.reshape(shape)[:, :-1], products.reshape(*shape, *products.shape[1:])[:, :-1]
