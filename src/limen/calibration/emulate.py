"""The walk's published summaries as quadratic functions of the fitted parameters, with what that leaves over.

For a set of participants, with y the summaries of one simulated trial of its size on a scale of even spread,

    y = B phi(z) + e        e ~ N(0, S)        phi(z) = 1, z_i, z_i z_j

z are standard normal coordinates of the priors. S is the covariance of leave-one-out residuals, over what the fit does not
hold: the luck of one trial, differences between trials, every other parameter, and the error of the quadratic itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import ndtri

from limen.calibration.block import ParticipantSet, block, valued
from limen.calibration.estimators import estimator_named
from limen.calibration.forecast import Job
from limen.design.operate import Given, draw_parameters, operate
from limen.design.whatifs import AS_BELIEVED, WHAT_IFS
from limen.parameters import Draws, ParameterSet
from limen.parameters.draw import stratified

CLEAR = 3.0  # a term is kept whose coefficient is this many standard errors from zero
FLOOR = 1e-3

Coordinates = Float[np.ndarray, "draws block"]
Summaries = Float[np.ndarray, "draws values"]


@dataclass(frozen=True)
class Emulated:
    """One set: coefficients, the root of S, and shares of variance: what the quadratic explains, leaving one draw out, and
    by how much its leave-one-out error exceeds its error in sample."""

    of: ParticipantSet
    weights: Float[np.ndarray, "values terms"]
    root: Float[np.ndarray, "values values"]
    explained: Float[np.ndarray, " values"]
    inflation: Float[np.ndarray, " values"]

    def whitened(self, y: Summaries) -> Summaries:
        """L^-1 y, S = L L'."""
        return np.linalg.solve(self.root, y.T).T

    @property
    def loading(self) -> Float[np.ndarray, "values terms"]:
        return np.linalg.solve(self.root, self.weights)


def features(z: Coordinates) -> Float[np.ndarray, "draws terms"]:
    """1, z_i, and z_i z_j for i <= j."""
    i, j = np.triu_indices(z.shape[1])
    return np.concatenate([np.ones((len(z), 1)), z, z[:, i] * z[:, j]], axis=1)


def coordinates(parameters: ParameterSet, count: int, seed: int) -> Coordinates:
    """A design: stratified standard normals, a named stream for each parameter."""
    return np.stack(
        [ndtri(stratified(f"calibrate/{p.name}", count, seed)) for p in block().priors(parameters)], 1
    )


def summaries(
    sets: Sequence[ParticipantSet],
    parameters: ParameterSet,
    z: Coordinates,
    seed: int,
    tick: Callable[[int], None] | None = None,
) -> dict[str, Summaries]:
    """What one trial of each set reports at each point of a design, on the scale of the fit; everything else drawn as usual.

    The drug does nothing: only arms without it, noticing and guesses are fitted.
    """
    drawn = draw_parameters(parameters, len(z), seed)
    draws = Draws(dict(drawn.columns) | valued(block().priors(parameters), z), len(z))
    given = Given(draws, np.zeros(len(z)), tuple(w for w in WHAT_IFS if w.name == AS_BELIEVED))
    found: dict[str, Summaries] = {}
    for protocol in dict.fromkeys(s.protocol for s in sets):
        those = [s for s in sets if s.protocol == protocol]
        run = operate(
            Job(those[0].targets).plan(parameters), parameters, people=1, seed=seed, tick=tick, given=given
        )
        for s in those:
            read = [estimator_named(t)(run, t, AS_BELIEVED) for t in s.targets]
            found[s.name] = np.stack(
                [on_scale(t.quantity, y) for t, y in zip(s.targets, read, strict=True)], 1
            )
    return found


def on_scale(quantity: str, y: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """arcsin of the root of a share, whose spread does not hang on it; ln of an SD; points as they are."""
    if _is_share(quantity):
        return np.arcsin(np.sqrt(np.clip(y / 100, 0.0, 1.0)))
    return np.log(np.maximum(y, FLOOR)) if quantity.startswith("SD") else y


def off_scale(quantity: str, y: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """The published unit again."""
    if _is_share(quantity):
        return 100 * np.sin(np.clip(y, 0.0, np.pi / 2)) ** 2
    return np.exp(y) if quantity.startswith("SD") else y


def _is_share(quantity: str) -> bool:
    return not quantity.startswith(("change", "SD"))


def informed(
    sets: Sequence[ParticipantSet], parameters: ParameterSet
) -> dict[str, Bool[np.ndarray, " block"]]:
    """Which parameters a set may inform: of the scales, the one it was scored on. Where no scale is modelled the walk
    carries another along, whose course must not be learned from people who were not ill."""
    names = list(block().wider)

    def may(name: str, model: str | None) -> bool:
        return not name.startswith("outcomes.") or (
            model is not None and name.startswith((f"{model}.", "outcomes.shared."))
        )

    models = {s.name: Job(s.targets).plan(parameters).model for s in sets}
    return {s.name: np.array([may(name, models[s.name]) for name in names]) for s in sets}


def emulate(
    sets: Sequence[ParticipantSet],
    z: Coordinates,
    seen: Mapping[str, Summaries],
    informs: Mapping[str, Bool[np.ndarray, " block"]],
) -> tuple[Emulated, ...]:
    """A quadratic for every set, in the parameters it informs. Points at which a set reported nothing of one of its values
    are left out for that set."""
    phi = features(z)
    i, j = np.triu_indices(z.shape[1])
    found: list[Emulated] = []
    for s in sets:
        may = informs[s.name]
        terms = np.concatenate([[True], may, may[i] & may[j]])
        found.append(_emulated(s, phi, seen[s.name], np.flatnonzero(terms)))
    return tuple(found)


def _emulated(
    of: ParticipantSet,
    phi: Float[np.ndarray, "draws terms"],
    y: Summaries,
    allowed: Int[np.ndarray, " allowed"],
) -> Emulated:
    whole = np.isfinite(y).all(1)
    phi, y = phi[whole], y[whole]
    weights, left = np.zeros((y.shape[1], phi.shape[1])), np.empty_like(y)
    inside = np.empty_like(y)
    for k in range(y.shape[1]):
        terms = allowed[_clear(phi[:, allowed], y[:, k])]
        x = phi[:, terms]
        fitted, hat = _least_squares(x, y[:, k])
        weights[k, terms], inside[:, k] = fitted, y[:, k] - x @ fitted
        left[:, k] = inside[:, k] / (1 - hat)
    s = left.T @ left / len(left)
    return Emulated(
        of, weights, np.linalg.cholesky(s + 1e-9 * np.diag(np.diag(s))), 1 - left.var(0) / y.var(0),
        left.std(0) / inside.std(0) - 1,
    )  # fmt: skip


def _clear(phi: Float[np.ndarray, "draws terms"], y: Float[np.ndarray, " draws"]) -> Int[np.ndarray, " kept"]:
    """Terms whose coefficients are clear of zero in the full quadratic; the constant always."""
    fitted, _ = _least_squares(phi, y)
    free = max(len(y) - phi.shape[1], 1)
    noise = ((y - phi @ fitted) ** 2).sum() / free
    error = np.sqrt(noise * np.diag(np.linalg.inv(phi.T @ phi)))
    return np.flatnonzero((np.abs(fitted) > CLEAR * error) | (np.arange(len(fitted)) == 0))


def _least_squares(
    x: Float[np.ndarray, "draws terms"], y: Float[np.ndarray, " draws"]
) -> tuple[Float[np.ndarray, " terms"], Float[np.ndarray, " draws"]]:
    """Coefficients, and the leverage of each draw."""
    q, r = np.linalg.qr(x)
    return np.linalg.solve(r, q.T @ y), (q**2).sum(1)
