"""Small steps from simulated arrays to the nouns of an answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import ArrayLike, Float, Int, Shaped

from limen.design.noise import Quiet, share_error
from limen.dossier.noun import Band, Interval, Layer, Paired, Share

Values = Shaped[ArrayLike, "..."]  # NumPy's or JAX's, converted once
PARAMETER: tuple[Layer, ...] = ("parameter",)
POPULATION: tuple[Layer, ...] = ("parameter", "person")
TRIALS: tuple[Layer, ...] = ("parameter", "trial", "person", "sampling")


def interval(
    values: Values, unit: str, layers: tuple[Layer, ...], value: float | None = None, level: float = 0.90
) -> Interval:
    """Mean (or the given value) with the central interval of the finite values."""
    values = np.asarray(values)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Interval(value=np.nan, low=np.nan, high=np.nan, level=level, unit=unit, layers=layers)
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    centre = float(finite.mean()) if value is None else value
    return Interval(value=centre, low=float(low), high=float(high), level=level, unit=unit, layers=layers)


def of_parameters(quiet: Quiet, unit: str) -> Interval:
    """The interval that holds what is not known of the parameters and nothing of the simulation, whose error is beside."""
    found = interval(quiet.draws, unit, PARAMETER)
    return found.model_copy(update={"monte_carlo_se": quiet.error if np.isfinite(quiet.error) else None})


def averaged(chances: Float[np.ndarray, " draws"]) -> Share:
    """The mean over parameter draws of chances that are exact in each: its error is that of a mean, not of a count."""
    error = float(chances.std(ddof=1) / np.sqrt(chances.size)) if chances.size > 1 else float("inf")
    return Share(value=float(chances.mean()), monte_carlo_se=error, of=int(chances.size))


def share(hits: Shaped[np.ndarray, ...]) -> Share:
    """A simulated proportion; its Monte Carlo standard error is that of independent counts, and of none not a number."""
    n = int(hits.size)
    if n == 0:
        return Share(value=np.nan, monte_carlo_se=np.nan, of=0)
    p = float(np.mean(hits))
    return Share(value=p, monte_carlo_se=share_error(p, n), of=n)


def paired(
    on: Shaped[np.ndarray, " trials"], off: Shaped[np.ndarray, " trials"], draw: Int[np.ndarray, " trials"]
) -> Paired:
    """Mean of on - off over trials; trials of one parameter draw are one cluster of the standard error."""
    difference = np.asarray(on, float) - np.asarray(off, float)
    if difference.size == 0:
        return Paired(value=np.nan, monte_carlo_se=np.nan, of=0)
    means = by_draw(difference, draw, int(draw.max()) + 1)
    means = means[np.isfinite(means)]
    error = float(means.std(ddof=1) / np.sqrt(means.size)) if means.size > 1 else float("inf")
    if error == 0.0:  # no trial differed
        error = share_error(0.0, difference.size)
    return Paired(value=float(difference.mean()), monte_carlo_se=error, of=int(difference.size))


def band(
    at: Sequence[float] | Shaped[np.ndarray, " at"],
    at_unit: str,
    values: Values,
    unit: str,
    layers: tuple[Layer, ...],
) -> Band:
    """Quantiles over the last axis of `values` [at, samples]."""
    q = np.nanquantile(np.asarray(values), [0.5, 0.05, 0.25, 0.75, 0.95], axis=-1)
    names = ("median", "q05", "q25", "q75", "q95")
    curves = {name: [float(x) for x in row] for name, row in zip(names, q, strict=True)}
    return Band(at=[float(x) for x in at], at_unit=at_unit, unit=unit, layers=layers, **curves)


def by_draw(
    values: Shaped[ArrayLike, " values"], draw: Int[np.ndarray, " values"], count: int
) -> Float[np.ndarray, " draws"]:
    """Mean of finite values per parameter draw."""
    values = np.asarray(values)
    there = np.isfinite(values)
    weight = np.bincount(draw[there], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.bincount(draw[there], values[there], count) / weight
