"""Draws for the outer uncertainty loop: one column per parameter, reproducible by name, not by order.

NumPy and SciPy are loaded when something is drawn: commands that only read parameters answer without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limen.errors import ParameterError
from limen.parameters.load import Parameter, ParameterSet

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, UInt32

    Column = Float[np.ndarray, " draws"]


@dataclass(frozen=True)
class Draws:
    """Parameter name to an array of `count` draws. Drawing one more parameter changes no other column."""

    columns: Mapping[str, Column]
    count: int

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise ParameterError(f"no parameter {name!r} was drawn") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def draw(parameters: ParameterSet, count: int, seed: int, names: Iterable[str] | None = None) -> Draws:
    """Stratified draws (one per equal-probability stratum, shuffled per parameter) of every parameter, or of `names`.

    Parameters that were fitted together are rows of their posterior, shuffled by a name of their own: no row comes twice
    before each came once, and what was not fitted is the same draw as without them.
    """
    chosen = list(parameters if names is None else names)
    rows = _rows(parameters, count, seed)
    columns = {
        name: rows[name] if name in rows else quantile(parameters[name], stratified(name, count, seed))
        for name in chosen
    }
    return Draws(columns, count)


def _rows(parameters: ParameterSet, count: int, seed: int) -> dict[str, Column]:
    if parameters.joint is None:
        return {}
    import numpy as np

    columns = parameters.joint.columns
    size = len(next(iter(columns.values())))
    row = _random("posterior", seed).permutation(size)[np.arange(count) % size]
    return {name: x[row] for name, x in columns.items()}


def stratified(name: str, count: int, seed: int) -> Float[np.ndarray, " draws"]:
    """Uniforms of a named draw, one in each of `count` equal strata, shuffled: no other name moves them."""
    random = _random(name, seed)
    return (random.permutation(count) + random.random(count)) / count


def _random(name: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.Generator(np.random.Philox(key=int.from_bytes(_named(name, seed)[:16], "little")))


def sampler_key(name: str, seed: int) -> UInt32[np.ndarray, " 2"]:
    """The key of a named draw, for a sampler that draws for itself."""
    import numpy as np

    return np.frombuffer(_named(name, seed)[:8], dtype="<u4").astype(np.uint32)


def _named(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{name}/{seed}".encode()).digest()


def quantile(
    parameter: Parameter, probability: Float[np.ndarray, "*shape"] | float
) -> Float[np.ndarray, "*shape"]:
    """The parameter's quantile function, after truncation to [low, high]: F^-1( F(low) + u (F(high) - F(low)) )."""
    import numpy as np

    u = np.asarray(probability, dtype=float)
    if parameter.dist == "fixed":
        return np.full(u.shape, parameter.value, dtype=float)
    if parameter.dist == "bernoulli":
        return (u < parameter.spread["probability"]).astype(float)
    start = 0.0 if parameter.low is None else _distribution(parameter, parameter.low)
    end = 1.0 if parameter.high is None else _distribution(parameter, parameter.high)
    return _inverse(parameter, start + u * (end - start))


def _inverse(p: Parameter, u: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    import numpy as np
    from scipy import special

    s, value = p.spread, _centre(p)
    match p.dist:
        case "lognormal":
            return np.exp(np.log(value) + np.log(s["gsd"]) * special.ndtri(u))
        case "normal":
            return value + s["sd"] * special.ndtri(u)
        case "beta":
            return special.betaincinv(s["alpha"], s["beta"], u)
        case "logitnormal":
            return special.expit(special.logit(value) + s["logit_sd"] * special.ndtri(u))
        case "student_t4":
            return value + s["t4_scale"] * special.stdtrit(4, u)
        case _:
            raise ParameterError(f"{p.name} has an unknown distribution {p.dist!r}")


def _distribution(p: Parameter, x: float) -> float:
    import numpy as np
    from scipy import special

    s, value = p.spread, _centre(p)
    match p.dist:
        case "lognormal":
            return float(special.ndtr((np.log(x) - np.log(value)) / np.log(s["gsd"]))) if x > 0 else 0.0
        case "normal":
            return float(special.ndtr((x - value) / s["sd"]))
        case "beta":
            return float(special.betainc(s["alpha"], s["beta"], min(max(x, 0.0), 1.0)))
        case "logitnormal":
            return float(special.ndtr((special.logit(x) - special.logit(value)) / s["logit_sd"]))
        case "student_t4":
            return float(special.stdtr(4, (x - value) / s["t4_scale"]))
        case _:
            raise ParameterError(f"{p.name} has an unknown distribution {p.dist!r}")


def _centre(p: Parameter) -> float:
    """The central value. A beta distribution is given by its two shapes and may have none."""
    if p.value is None and p.dist != "beta":
        raise ParameterError(f"{p.name} has no value", remedy="give it `value`")
    return float("nan") if p.value is None else p.value
