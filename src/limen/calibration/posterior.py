"""A calibration as it is kept: draws as a table, and beside it a record of what made them; neither is ever guessed.

`posterior.csv` holds draws of the fitted parameters, of everything and without each study in turn (`without`);
`posterior.json` the command, the size, hashes of what was fitted to what and of the table, and what the sampler said.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from limen.calibration.block import block, participant_sets
from limen.calibration.scores import Coverage, coverage
from limen.errors import FactsError, Place
from limen.files import json_text, together
from limen.parameters import ParameterSet, load
from limen.results import Result

TABLE, RECORD = "posterior.csv", "posterior.json"
COMMAND = "limen calibrate"
EVERYTHING = ""  # no study left out
REMEDY = (
    "run `make calibrate` in a checkout, or install limen again; limen never puts the priors in their place"
)
LIMIT = 1.01  # R-hat
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Fitted:
    """A parameter's 5%, 50% and 95% before and after, and the share of its prior variance that the values took away."""

    name: str
    unit: str
    prior: Triple
    posterior: Triple
    learned: float


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
class Sampled:
    """What the sampler said of one posterior: the worst R-hat, the fewest effective draws, divergences."""

    without: str
    r_hat: float
    ess: float
    divergences: int

    @property
    def clean(self) -> bool:
        return self.divergences == 0 and self.r_hat < LIMIT


@dataclass(frozen=True)
class Calibrated(Result):
    """A calibration: parameters, values, what the sampler said, and draws by the study left out."""

    fitted: tuple[Fitted, ...]
    values: tuple[FittedValue, ...]
    sampled: tuple[Sampled, ...]
    inputs: str
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
        return {"schema_version": 1, "command": self.command, "table": hash_of(self.table()), **told}

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


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
    where = Path(str(files("limen.calibration"))) if folder is None else folder
    table, record = (_text(where, name) for name in (TABLE, RECORD))
    try:
        told = json.loads(record)
        if told["table"] != hash_of(table):
            raise FactsError("was altered: its hash is not the one recorded", Place(file=TABLE), REMEDY)
        found = Calibrated(
            tuple(Fitted(**_tupled(f)) for f in told["fitted"]),
            tuple(FittedValue(**_tupled(v)) for v in told["values"]),
            tuple(Sampled(**s) for s in told["sampled"]),
            *(told[name] for name in ("inputs", "parameters", "design", "seed")),
            draws=_draws(table),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FactsError(f"this is no calibration: {error}", Place(file=RECORD), REMEDY) from None
    if found.inputs != fingerprint_of_fit(parameters or load()):
        raise FactsError("was fitted to other priors or other published values", Place(file=RECORD), REMEDY)
    return found


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise FactsError(
            "the posterior draws are missing or cannot be read", Place(file=name), REMEDY
        ) from None


def _tupled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}


def _draws(table: str) -> dict[str, dict[str, Float[np.ndarray, " draws"]]]:
    names, *rows = csv.reader(io.StringIO(table, newline=""))
    found: dict[str, list[list[float]]] = {}
    for without, *cells in rows:
        found.setdefault(without, []).append([float(cell) for cell in cells])
    return {without: dict(zip(names[1:], np.array(those).T, strict=True)) for without, those in found.items()}
