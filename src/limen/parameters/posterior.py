"""The posterior that simulations draw from: it ships as rows beside a record of what made them, and is never guessed.

`posterior.csv` holds draws of the fitted parameters, of everything and without each study in turn (`without`);
`posterior.json` the command, hashes of the table and of the priors, and what the sampler said. `limen calibrate` writes both.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from limen.errors import FactsError, Place
from limen.parameters.joint import ASK_PRIORS, Joint
from limen.parameters.load import ParameterSet, load

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

    from limen.protocol import Protocol

TABLE, RECORD = "posterior.csv", "posterior.json"
REMEDY = f"run `make calibrate` in a checkout, install limen again, or {ASK_PRIORS}; limen never takes the priors unasked"
LIMIT = 1.01  # R-hat
FEWEST = 400  # effective draws
MOVED = 0.05  # share of its prior variance that the values must have taken from a parameter
Triple = tuple[float, float, float]
_priors: ContextVar[bool] = ContextVar("priors", default=False)


@dataclass(frozen=True)
class FittedParameter:
    """A parameter's 5%, 50% and 95% before and after, and the share of its prior variance that the values took away; the
    worst R-hat and the fewest effective draws over the posterior of everything and those without a study."""

    name: str
    unit: str
    prior: Triple
    posterior: Triple
    learned: float
    r_hat: float
    ess: float

    @property
    def stays(self) -> str:
        """Why simulations leave it at its prior; empty where they draw it from the posterior. The one rule for this."""
        if not (self.r_hat < LIMIT and self.ess >= FEWEST):
            return f"its chains do not agree (R-hat {self.r_hat:.3f}, {self.ess:.0f} effective draws)"
        if self.learned < MOVED:
            return f"the published values take less than {MOVED:.0%} of its variance"
        return ""


@dataclass(frozen=True)
class SampledPosterior:
    """What the sampler said of one posterior: the worst R-hat, the fewest effective draws, divergences."""

    without: str
    r_hat: float
    ess: float
    divergences: int

    @property
    def clean(self) -> bool:
        return self.divergences == 0 and self.r_hat < LIMIT


@dataclass(frozen=True)
class Posterior:
    """Draws by the study left out, and what is known of them; `told` is the whole record."""

    fitted: tuple[FittedParameter, ...]
    sampled: tuple[SampledPosterior, ...]
    table: str
    told: Mapping[str, Any] = field(repr=False, compare=False)
    draws: Mapping[str, Mapping[str, Float[np.ndarray, " draws"]]] = field(repr=False, compare=False)

    @property
    def joint(self) -> Joint:
        """What simulations draw from: the parameters that the values moved. Raises FactsError where the sampler diverged."""
        diverged = [s.without or "nothing" for s in self.sampled if s.divergences]
        if diverged:
            raise FactsError(
                f"the sampler diverged with {', '.join(diverged)} left out", Place(file=RECORD), REMEDY
            )
        names = [f.name for f in self.fitted if not f.stays]
        rows = {without: {n: columns[n] for n in names} for without, columns in self.draws.items()}
        return Joint(rows, self.table, Counter(v["source"] for v in self.told["values"]))


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of_priors(parameters: ParameterSet, names: Iterable[str]) -> str:
    """The hash of the shipped priors of some parameters: rows fitted beside others are not drawn."""
    told = [
        [name, p.dist, p.value, dict(p.spread), p.low, p.high]
        for name in names if (p := parameters.get(name)) is not None
    ]  # fmt: skip
    return hash_of(json.dumps(told))


def fingerprint_of_record(told: Mapping[str, Any]) -> str:
    """The hash of a record but for the hash itself."""
    return hash_of(json.dumps({k: v for k, v in told.items() if k != "digest"}, sort_keys=True))


def read_posterior(folder: Path | None = None) -> Posterior:
    """The shipped posterior, or that of a folder. Raises FactsError where a file is missing, was altered or is no posterior."""
    where = Path(str(files("limen.parameters"))) if folder is None else folder
    table, record = (_text(where, name) for name in (TABLE, RECORD))
    try:
        told = json.loads(record)
        for name, recorded, found in (
            (TABLE, told["table"], hash_of(table)),
            (RECORD, told["digest"], fingerprint_of_record(told)),
        ):
            if recorded != found:
                raise FactsError("was altered: its hash is not the one recorded", Place(file=name), REMEDY)
        return Posterior(
            tuple(FittedParameter(**tupled(f)) for f in told["fitted"]),
            tuple(SampledPosterior(**s) for s in told["sampled"]),
            told["table"],
            told,
            _draws(table),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FactsError(f"this is no calibration: {error}", Place(file=RECORD), REMEDY) from None


@contextmanager
def priors(asked: bool = True) -> Generator[None]:
    """Within it simulations draw every parameter from its own prior, none from what published summaries made of it.

    >>> import limen
    >>> with limen.priors():
    ...     found = limen.trial(limen.load("adhd_20ug"))
    >>> any("drawn from its prior" in line for line in found.lines())
    True
    """
    before = _priors.set(asked)
    try:
        yield
    finally:
        _priors.reset(before)


def parameters_for(protocol: Protocol | None = None) -> ParameterSet:
    """The parameters that a simulation of a protocol draws from: the posterior, or within `priors` the priors. A trial that was
    conducted is predicted without what was fitted to it, and without its own people in every counted share.

    Raises FactsError where the posterior is missing, was altered, or was fitted to other priors than those that ship.
    """
    known = load() if _priors.get() else _shipped()
    if protocol is None or protocol.status != "conducted":
        return known
    return known.without(*protocol.source)


def drawn_from(parameters: ParameterSet) -> str:
    """In a sentence: what a simulation drew its parameters from."""
    joint = parameters.joint
    if joint is None:
        return "Every parameter is drawn from its prior, as asked: none is moved by what trials published."
    text = f"{len(joint.columns)} parameters are drawn together from their posterior given {joint.values} published values"
    if joint.without:
        text += f", without {joint.without}: this protocol is that trial, and is predicted by a fit that has not seen it"
    return f"{text}; the others from their priors."


@cache
def _shipped() -> ParameterSet:
    found, known = read_posterior(), load()
    if found.told.get("priors") != fingerprint_of_priors(known, [f.name for f in found.fitted]):
        raise FactsError("was fitted to other priors than those of this limen", Place(file=RECORD), REMEDY)
    return known.drawn_from(found.joint)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise FactsError(
            "the posterior draws are missing or cannot be read", Place(file=name), REMEDY
        ) from None


def tupled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(cast("list[Any]", v)) if isinstance(v, list) else v for k, v in row.items()}


def _draws(table: str) -> dict[str, dict[str, Float[np.ndarray, " draws"]]]:
    import numpy as np

    names, *rows = csv.reader(io.StringIO(table, newline=""))
    found: dict[str, list[list[float]]] = {}
    for without, *cells in rows:
        found.setdefault(without, []).append([float(cell) for cell in cells])
    return {without: dict(zip(names[1:], np.array(those).T, strict=True)) for without, those in found.items()}
