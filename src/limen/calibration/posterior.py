"""A calibration as it is kept: the posterior that simulations draw from, and beside it each published value that it was fitted
to, with what is expected of it by a fit that has seen its study and by one that has not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from limen.calibration.block import block, participant_sets
from limen.calibration.scores import Coverage, coverage
from limen.errors import FactsError, Place
from limen.files import json_text, together
from limen.parameters import ParameterSet, load
from limen.parameters.joint import EVERYTHING
from limen.parameters.posterior import (
    RECORD,
    REMEDY,
    TABLE,
    FittedParameter,
    SampledPosterior,
    Triple,
    fingerprint_of_priors,
    fingerprint_of_record,
    hash_of,
    read_posterior,
    tupled,
)
from limen.results import Result

COMMAND = "limen calibrate"


@dataclass(frozen=True)
class FittedValue:
    """A published value beside what a trial of its size would report, the fit having seen it, and having seen nothing of
    its study; the share of variance over the design that the quadratic explains, and by how much its leave-one-out error
    exceeds its error in sample."""

    name: str
    source: str
    protocol: str
    published: float
    fitted: Triple
    left_out: Triple
    explained: float
    inflation: float

    @property
    def inside(self) -> bool:
        return self.left_out[0] <= self.published <= self.left_out[2]

    @property
    def met(self) -> bool:
        return self.fitted[0] <= self.published <= self.fitted[2]


@dataclass(frozen=True)
class Calibrated(Result):
    """A calibration: parameters, values, what the sampler said, and draws by the study left out."""

    fitted: tuple[FittedParameter, ...]
    values: tuple[FittedValue, ...]
    sampled: tuple[SampledPosterior, ...]
    inputs: str
    priors: str
    parameters: str
    design: int
    seed: int
    draws: Mapping[str, Mapping[str, Float[np.ndarray, " draws"]]] = field(repr=False, compare=False)

    @property
    def clean(self) -> bool:
        return all(s.clean for s in self.sampled)

    @property
    def command(self) -> str:
        return f"{COMMAND} --design {self.design} --seed {self.seed}"

    @property
    def left_out(self) -> Coverage | None:
        return coverage([v.inside for v in self.values])

    @property
    def met(self) -> Coverage | None:
        return coverage([v.met for v in self.values])

    def of(self, without: str = EVERYTHING) -> Mapping[str, Float[np.ndarray, " draws"]]:
        """Draws without a study, which a prediction of that study must use. Raises FactsError for one that has none."""
        if without not in self.draws:
            known = ", ".join(name for name in self.draws if name)
            raise FactsError(f"no posterior leaves out {without!r}", Place(file=TABLE), f"these are: {known}")
        return self.draws[without]

    def document(self) -> dict[str, Any]:
        """Everything but the draws, for programs."""
        told = {k: v for k, v in asdict(self).items() if k != "draws"}
        record = {"schema_version": 2, "command": self.command, "table": hash_of(self.table()), **told}
        return record | {"digest": fingerprint_of_record(record)}

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(f) for f in self.fitted]

    def table(self) -> str:
        """The draws as CSV."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [f.name for f in self.fitted]
        writer.writerow(["without", *names])
        for without, columns in self.draws.items():
            for row in zip(*(columns[name] for name in names), strict=True):
                writer.writerow([without, *(f"{x:.6g}" for x in row)])
        return out.getvalue()


def fingerprint_of_fit(parameters: ParameterSet) -> str:
    """The hash of what is fitted to what: priors of the fit, and each published value by its set of participants."""
    priors = [[p.name, p.dist, p.value, dict(p.spread), p.low, p.high] for p in block().priors(parameters)]
    values = [
        [s.name, [[t.name, t.published, t.estimator, t.people] for t in s.targets]]
        for s in participant_sets()
    ]
    return hash_of(json.dumps([priors, values], sort_keys=True))


def write_calibrated(c: Calibrated, folder: Path | str, force: bool = False) -> list[Path]:
    """Write the draws and their record: both or neither."""
    with together(folder, force) as out:
        return [out.text(TABLE, c.table()), out.text(RECORD, json_text(c.document()) + "\n")]


def read_calibrated(folder: Path | None = None, parameters: ParameterSet | None = None) -> Calibrated:
    """The shipped calibration, or that of a folder.

    Raises FactsError where a file is missing, was altered, is no calibration, or was fitted to something else.
    """
    posterior = read_posterior(folder)
    told = posterior.told
    try:
        found = Calibrated(
            posterior.fitted,
            tuple(FittedValue(**tupled(v)) for v in told["values"]),
            posterior.sampled,
            *(told[name] for name in ("inputs", "priors", "parameters", "design", "seed")),
            draws=posterior.draws,
        )
    except (KeyError, TypeError) as error:
        raise FactsError(f"this is no calibration: {error}", Place(file=RECORD), REMEDY) from None
    known = parameters or load()
    if (found.inputs, found.priors) != (
        fingerprint_of_fit(known),
        fingerprint_of_priors(known, block().wider),
    ):
        raise FactsError("was fitted to other priors or other published values", Place(file=RECORD), REMEDY)
    return found
