"""Calibrate: the free parameters fitted jointly to published summaries, as a whole and without each study in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtri

from limen.calibration.block import ParticipantSet, block, participant_sets, valued
from limen.calibration.emulate import (
    Emulated,
    coordinates,
    emulate,
    features,
    informed,
    off_scale,
    on_scale,
    summaries,
)
from limen.calibration.forecast import Effort, Job
from limen.calibration.posterior import Calibrated, FittedValue, fingerprint_of_fit
from limen.calibration.sampling import Chains, Sampler
from limen.parameters import Parameter, ParameterSet, quantile
from limen.parameters import load as parameters_of_limen
from limen.parameters.draw import stratified
from limen.parameters.joint import EVERYTHING
from limen.parameters.posterior import FittedParameter, SampledPosterior, fingerprint_of_priors

DESIGN, KEPT_DRAWS = 1500, 400
TAILS = (0.05, 0.5, 0.95)


def calibrate(
    design: int = DESIGN,
    seed: int = 1,
    tick: Callable[[int], None] | None = None,
    parameters: ParameterSet | None = None,
) -> Calibrated:
    """Simulate one trial of every set of participants at each point of a design, fit quadratics, sample.

    Raises LimenError where NumPyro is missing, FactsError for a published value that cannot be used.
    """
    known, sets = parameters or parameters_of_limen(), participant_sets()
    z = coordinates(known, design, seed)
    seen = summaries(sets, known, z, seed, tick)
    emulated = emulate(sets, z, seen, informed(sets, known))
    chains = posteriors(emulated, published(sets), seed)
    return _told(known, emulated, chains, (design, seed))


def simulated_people(design: int = DESIGN) -> int:
    """How many people a calibration simulates, for a progress bar."""
    known, protocols = parameters_of_limen(), {s.protocol: s for s in participant_sets()}
    return sum(Job(s.targets).people(known, Effort(design, 1)) for s in protocols.values())


def published(sets: Sequence[ParticipantSet]) -> list[Float[np.ndarray, " values"]]:
    """The published values of each set, on the scale of the fit."""
    return [
        np.array([float(on_scale(t.quantity, np.array(t.published, float))) for t in s.targets]) for s in sets
    ]


def posteriors(
    emulated: Sequence[Emulated], values: Sequence[Float[np.ndarray, " values"]], seed: int
) -> dict[str, Chains]:
    """The posterior of everything, and without each study in turn."""
    sampler = Sampler(emulated)
    y = np.concatenate([e.whitened(v[None])[0] for e, v in zip(emulated, values, strict=True)])
    whose = np.concatenate([[e.of.source] * len(e.of.targets) for e in emulated])
    without = dict.fromkeys((EVERYTHING, *whose.tolist()))
    return {name: sampler.run(y, _counted(whose, name), name, seed) for name in without}


def _counted(whose: np.ndarray, name: str) -> Bool[np.ndarray, " values"]:
    return whose != name


def _told(
    parameters: ParameterSet,
    emulated: Sequence[Emulated],
    chains: Mapping[str, Chains],
    size: tuple[int, int],
) -> Calibrated:
    priors, whole = block().priors(parameters), chains[EVERYTHING]
    after = valued(priors, whole.z)
    r_hat = np.max([c.r_hat for c in chains.values()], axis=0)
    ess = np.min([c.ess for c in chains.values()], axis=0)
    fitted = tuple(
        FittedParameter(
            p.name, p.unit, _of_prior(p), _quantiles(after[p.name]), _shrunk(whole.z[:, k]), float(r_hat[k]),
            float(ess[k]),
        )
        for k, p in enumerate(priors)
    )  # fmt: skip
    sampled = tuple(
        SampledPosterior(name, float(c.r_hat.max()), float(c.ess.min()), c.divergences)
        for name, c in chains.items()
    )
    values = tuple(v for e in emulated for v in _values(e, chains, size[1]))
    draws = {name: valued(priors, _thinned(c.z)) for name, c in chains.items()}
    return Calibrated(
        fitted, values, sampled, fingerprint_of_fit(parameters), fingerprint_of_priors(parameters, after),
        parameters.digest, *size, draws=draws,
    )  # fmt: skip


def _values(e: Emulated, chains: Mapping[str, Chains], seed: int) -> list[FittedValue]:
    """Each value of a set beside what the fit expects of a trial of its size, having seen it and not."""
    found = [_predicted(e, chains[name], seed) for name in (EVERYTHING, e.of.source)]
    return [
        FittedValue(
            t.name, e.of.source, e.of.protocol, float(t.published or 0.0), _quantiles(seen), _quantiles(unseen),
            float(e.explained[k]), float(e.inflation[k]),
        )
        for k, t in enumerate(e.of.targets)
        for seen, unseen in [[off_scale(t.quantity, y[:, k]) for y in found]]
    ]  # fmt: skip


def _predicted(e: Emulated, chains: Chains, seed: int) -> Float[np.ndarray, "draws values"]:
    luck = np.stack(
        [ndtri(stratified(f"calibrate/luck/{t.name}", len(chains.z), seed)) for t in e.of.targets], 1
    )
    return features(chains.z) @ e.weights.T + luck @ e.root.T


def _quantiles(x: Float[np.ndarray, " draws"]) -> tuple[float, float, float]:
    low, median, high = (float(q) for q in np.quantile(x, TAILS))
    return low, median, high


def _of_prior(p: Parameter) -> tuple[float, float, float]:
    low, median, high = (float(quantile(p, q)) for q in TAILS)
    return low, median, high


def _shrunk(z: Float[np.ndarray, " draws"]) -> float:
    """1 - variance over that of the prior: 0 where the published values say nothing of a parameter."""
    return 1 - float(z.var())


def _thinned(z: Float[np.ndarray, "draws block"]) -> Float[np.ndarray, "kept block"]:
    return z[np.linspace(0, len(z) - 1, KEPT_DRAWS).astype(int)]
