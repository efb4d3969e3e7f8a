"""A linear mixed model of rows as they stand: any fixed effects, random effects of a person, structured residuals.

    y = X beta + Z u + e,  u ~ N(0, G) for each person,  e ~ N(0, R),  cov(y_i) = Z_i G Z_i' + R_i

The condition may vary within a person, and people may have any rows they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import block_diag

from limen.analysis import reml
from limen.analysis.blocks import Blocks, Padded, independent, unrelated
from limen.analysis.correlated import structure_named
from limen.analysis.effects import Effects
from limen.analysis.fit import SAME, Fit, orthogonal
from limen.errors import DataError

NO_RANDOM = "no random effect"


@dataclass(frozen=True)
class Grouped:
    """What rows belong to: `owner` the person, `occasion` the visit and `group` whose covariance is its own (both from
    0). `z` are columns that a person's random effects multiply, `weights` the precision of rows beside each other."""

    owner: Int[np.ndarray, " rows"]
    occasion: Int[np.ndarray, " rows"]
    occasions: tuple[str, ...]
    times: tuple[float, ...]
    group: Int[np.ndarray, " rows"]
    groups: int
    z: Float[np.ndarray, "rows random"]
    random: tuple[str, ...]
    weights: Float[np.ndarray, " rows"]


@dataclass(frozen=True)
class MixedRows:
    """The model that was fitted: in words, and which others were tried before it and why they are not it."""

    fit: Fit
    covariance: str
    tried: tuple[str, ...]


def fit_rows(
    effects: Effects,
    outcome: Float[np.ndarray, " rows"],
    who: Grouped,
    structures: tuple[str, ...] = (),
    restricted: bool = True,
) -> MixedRows:
    """Fit by REML, or by maximum likelihood where not `restricted`.

    Residuals are independent without `structures`; otherwise of the first of them that has a maximum. Random effects are
    correlated, then independent, then fewer, where the likelihood has its maximum at the edge. Raises DataError where none
    of them can be fitted, and for effects that cannot be told apart.
    """
    basis, log_size = orthogonal(effects.matrix, effects.columns)
    design = effects.matrix @ basis
    middle = outcome.mean() if "Intercept" in effects.columns else 0.0
    offset = design.T @ (outcome - middle)
    residual = outcome - middle - design @ offset
    if np.sqrt(np.mean(residual**2)) <= SAME * np.abs(outcome).max():
        raise DataError("the outcome is predicted without error", remedy="leave out what repeats it")
    coefficients = basis @ offset + middle * (np.array(effects.columns) == "Intercept")
    pad = Padded.of(who.owner)
    absent = pad(np.zeros(len(outcome)), np.nan)
    tried = list[str]()
    for words, structure, kind, count in _chain(who, structures):
        covariance, loading = _covariance(who, pad, structure, kind, count)
        data = reml.scored(pad(design), absent + pad(residual), pad(loading), restricted)
        try:
            at, steps = reml.maximise(data, covariance, _start(covariance, residual, loading, count > 0))
        except (reml.NoMaximum, np.linalg.LinAlgError):
            tried.append(words)
            continue
        minus2 = at.minus2 + (log_size if restricted else 0.0)
        found = Fit(covariance, data, at, minus2, steps, effects.columns, coefficients, basis)
        return MixedRows(found, words, tuple(tried))
    raise DataError(f"the likelihood of the mixed model has no maximum with {'; nor '.join(tried)}", remedy="fewer effects, or another covariance")  # fmt: skip


def _chain(who: Grouped, structures: tuple[str, ...]) -> Iterator[tuple[str, str, str, int]]:
    """What is tried in turn: words, structure of the residual, kind of G and how many random effects."""
    count = len(who.random)
    each = " by group" if who.groups > 1 else ""
    kinds = [("correlated", count)] if count > 1 else []
    kinds += [("independent", k) for k in range(count, 0, -1)] or [("none", 0)]
    if count and len(structures) == 0:
        kinds.append(("none", 0))
    for kind, k in kinds:
        for structure in structures or ("independent",):
            names = ", ".join(who.random[:k])
            effects = f"random {names} ({kind})" if k > 1 else f"random {names}" if k else NO_RANDOM
            yield f"{effects}, {structure} residuals{each}", structure, kind, k


def _covariance(
    who: Grouped, pad: Padded, structure: str, kind: str, count: int
) -> tuple[Blocks, Float[np.ndarray, "rows effects"]]:
    """Sigma and each row's loading: on the random effects, and on the residual of its group and occasion."""
    rows = len(who.owner)
    if structure == "independent":
        size, place = pad.most, pad.place
        own: Any = independent(size)
    else:
        size, place = len(who.occasions), who.occasion
        own = structure_named(structure, size, who.times)
    residual = np.zeros((rows, who.groups * size))
    residual[np.arange(rows), who.group * size + place] = 1 / np.sqrt(who.weights)
    parts: list[Any] = [own] * who.groups
    sizes = [size] * who.groups
    if count:
        parts.insert(0, structure_named("unstructured", count) if kind == "correlated" else unrelated(count))
        sizes.insert(0, count)
    counts = tuple(len(part.start(np.eye(size))) for part, size in zip(parts, sizes, strict=True))
    return Blocks(tuple(parts), tuple(sizes), counts), np.hstack([who.z[:, :count], residual])


def _start(
    covariance: Blocks,
    residual: Float[np.ndarray, " rows"],
    loading: Float[np.ndarray, "rows effects"],
    random: bool,
) -> Float[np.ndarray, " parameters"]:
    """Half of the variance each to what a person has (the first block, if `random`) and to the rest, neighbours a little
    alike."""
    variance = float(np.mean(residual**2))
    blocks = list[np.ndarray]()
    for number, size in enumerate(covariance.sizes):
        if random and number == 0:
            share = np.maximum((loading[:, :size] ** 2).mean(0), 1e-300)
            blocks.append(np.diag(variance / 2 / size / share))
        else:
            lag = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
            blocks.append(variance * (0.5 if random else 1.0) * 0.4**lag)
    return covariance.start(np.asarray(block_diag(*blocks)))
