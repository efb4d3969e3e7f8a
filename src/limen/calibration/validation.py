"""limen held against what was published: every target beside its forecast, how good the forecasts were, and what failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from limen.calibration import frozen
from limen.calibration.forecast import EFFECTS, Effort, Forecast, forecasts, jobs
from limen.calibration.pk import TIMES, not_compared
from limen.calibration.scores import FEWEST, HIGH, LOW, Coverage, coverage, crps, off, percentile
from limen.calibration.targets import CALIBRATED, PREDICTED, Target, fingerprint_of_targets, targets
from limen.design.whatifs import AS_BELIEVED
from limen.parameters import ParameterSet, parameters_for
from limen.parameters.posterior import drawn_from
from limen.results import Result

SCHEMA_VERSION = 1
ROLES = (PREDICTED, CALIBRATED)
PER_DOSE, AS_LOG = ("Cmax", "AUC"), ("Cmax", "AUC", "Tmax", "half-life", "time of strongest effect")
IN_SD = ("change from baseline", "difference between arms")


@dataclass(frozen=True)
class Predicted:
    """One published value and what limen predicts: median and 90% interval of what a trial of that size would report
    (parameters, trial, people and luck), the percentile of the published value in it, under what is believed of the drug
    effect and, for a score, `at` given ones. A direction has the `chance` of it instead. `width`, `crps` and `climatology`
    are on the scale of scores; `off` counts half widths from the median."""

    name: str
    group: str
    role: str
    quantity: str
    estimator: str
    protocol: str
    unit: str
    sources: tuple[str, ...]
    published: float | None
    median: float
    low: float
    high: float
    percentile: float | None
    inside: bool | None
    off: float | None
    chance: float | None
    at: Mapping[str, float]
    width: float
    crps: float | None
    climatology: float | None
    trials: int
    note: str
    discussion: str


@dataclass(frozen=True)
class Skill:
    """The forecasts of one quantity: mean width of the 90% interval, mean score beside that of climatology, on one scale."""

    role: str
    quantity: str
    count: int
    width: float
    crps: float
    climatology: float

    @property
    def skill(self) -> float:
        """1 - score / score of climatology: 0 is no better than the list of what others published."""
        return 1 - self.crps / self.climatology if self.climatology else float("-inf")


@dataclass(frozen=True)
class Validation(Result):
    """Every target beside its forecast, with the hashes and the size of the run that made them."""

    predicted: tuple[Predicted, ...]
    parameters: str
    drawn_from: str
    targets: str
    frozen: str
    size: Effort
    not_compared: Mapping[str, str]

    def of(self, role: str = "", group: str = "") -> list[Predicted]:
        return [p for p in self.predicted if p.role == (role or p.role) and p.group == (group or p.group)]

    @property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(p.group for p in self.predicted))

    @property
    def failures(self) -> list[Predicted]:
        """Published values outside their 90% interval, the farthest first; predictions before calibrations."""
        outside = [p for p in self.predicted if p.inside is False]
        return sorted(outside, key=lambda p: (ROLES.index(p.role), -(p.off or 0.0)))

    def covered(self, role: str, group: str = "") -> Coverage | None:
        return coverage([p.inside for p in self.of(role, group) if p.inside is not None])

    @property
    def skills(self) -> list[Skill]:
        """By role and quantity, where there is a climatology to be held against."""
        found = []
        for role in ROLES:
            scored = [p for p in self.of(role) if p.climatology is not None]
            for quantity in dict.fromkeys(p.quantity for p in scored):
                these = [p for p in scored if p.quantity == quantity]
                mean = [
                    float(np.mean([getattr(p, what) for p in these]))
                    for what in ("width", "crps", "climatology")
                ]
                found.append(Skill(role, quantity, len(these), *mean))
        return found

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "schema_version": SCHEMA_VERSION,
            "parameters": self.parameters,
            "drawn_from": self.drawn_from,
            "targets": self.targets,
            "frozen": self.frozen,
            "size": asdict(self.size),
            "coverage": [
                {"role": role, "group": group or "all", **_told(found)}
                for role in ROLES for group in ("", *self.groups) if (found := self.covered(role, group))
            ],
            "skill": [asdict(s) | {"skill": s.skill} for s in self.skills],
            "predicted": [asdict(p) for p in self.predicted],
            "not_compared": dict(self.not_compared),
        }  # fmt: skip

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row a target; effects given as columns."""
        return [
            {k: v for k, v in asdict(p).items() if k != "at"}
            | {"sources": " ".join(p.sources)}
            | {f"percentile at delta {effect}": p.at.get(effect) for effect in EFFECTS.values() if effect in DELTAS}
            for p in self.predicted
        ]  # fmt: skip


DELTAS = tuple(effect for effect in EFFECTS.values() if effect != "posterior")


def validate(
    groups: Iterable[str] = (),
    size: Effort | None = None,
    tick: Callable[[int], None] | None = None,
    parameters: ParameterSet | None = None,
    asked: Sequence[Target] | None = None,
) -> Validation:
    """Forecast every target (of some groups), and score what comes out. Raises FactsError for a target that cannot be."""
    known, chosen, size = parameters or parameters_for(), set(groups), size or Effort()
    wanted = [t for t in (asked or targets()) if not chosen or t.group in chosen]
    found = {f.target.name: f for f in forecasts(wanted, known, size, tick)}
    ordered = [found[t.name] for t in wanted]
    return Validation(
        tuple(_predicted(f, ordered) for f in ordered),
        known.digest,
        drawn_from(known),
        fingerprint_of_targets(),
        frozen.said(known),
        size,
        not_compared(),
    )


def work(groups: Iterable[str] = (), draws: int = 200, people: int = 600, seed: int = 1) -> int:
    """How many people a validation simulates, for a progress bar."""
    chosen, known, size = set(groups), parameters_for(), Effort(draws, people, seed)
    wanted = [t for t in targets() if not chosen or t.group in chosen]
    return sum(job.people(known, size) for job in jobs(wanted, known))


def read_validation(document: Mapping[str, Any]) -> Validation:
    """A validation from the document it wrote."""
    return Validation(
        tuple(Predicted(**_read(p)) for p in document["predicted"]),
        document["parameters"],
        document["drawn_from"],
        document["targets"],
        document["frozen"],
        Effort(**document["size"]),
        document["not_compared"],
    )


@cache
def shipped_validation() -> Validation:
    """The validation that ships with limen (`make validated`); a test holds its hashes against those of today."""
    text = (files("limen.calibration") / "predicted.json").read_text(encoding="utf-8")
    return read_validation(json.loads(text))


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: row[f.name] for f in fields(Predicted)} | {"sources": tuple(row["sources"])}


def _predicted(f: Forecast, every: Sequence[Forecast]) -> Predicted:
    t, believed, seen = f.target, f.believed, f.target.published
    low, median, high = (float(x) for x in np.quantile(believed, [LOW, 0.5, HIGH]))
    scored, others = _scored(f, believed), _climatology(f, every)
    at = {EFFECTS[name]: percentile(members, seen) for name, members in f.members.items()
          if name != AS_BELIEVED and seen is not None}  # fmt: skip
    on_scale = None if seen is None else float(_scored(f, np.array([seen]))[0])
    return Predicted(
        name=t.name,
        group=t.group,
        role=t.role,
        quantity=t.quantity,
        estimator=t.estimator,
        protocol=t.protocol,
        unit=_unit(t),
        sources=t.sources,
        published=seen,
        median=median,
        low=low,
        high=high,
        percentile=None if seen is None else percentile(believed, seen),
        inside=None if seen is None else low <= seen <= high,
        off=None if seen is None else off(believed, seen),
        chance=float(np.mean(believed > 0)) if t.direction_only else None,
        at=at,
        width=float(np.subtract(*np.quantile(scored, [HIGH, LOW]))),
        crps=None if on_scale is None else crps(scored, on_scale),
        climatology=None if on_scale is None or len(others) < FEWEST else crps(np.array(others), on_scale),
        trials=len(believed),
        note=t.note,
        discussion=t.discussion,
    )


def _scored(f: Forecast, values: np.ndarray) -> np.ndarray:
    """Values on the scale of scores."""
    quantity = f.target.quantity
    if quantity in AS_LOG:
        return np.log(
            np.maximum(values, 1e-9)
            / (f.per if quantity in PER_DOSE else 1.0)
            / TIMES.get(f.target.row.get("unit", ""), 1.0)
        )
    return values / f.per if quantity in IN_SD else values


def _climatology(f: Forecast, every: Sequence[Forecast]) -> list[float]:
    """What other trials published of the same quantity, of the same compound where it is an exposure."""

    def alike(other: Forecast) -> bool:
        one, two = f.target, other.target
        same = one.quantity == two.quantity and (one.protocol or one.row["compound"] == two.row["compound"])
        own = bool({*one.sources} & {*two.sources}) or (one.protocol != "" and one.protocol == two.protocol)
        return bool(same) and not own

    found = [(o, o.target.published) for o in every if alike(o)]
    return [float(_scored(o, np.array([value]))[0]) for o, value in found if value is not None]


def _unit(target: Target) -> str:
    if not target.protocol:
        return target.row["unit"].removesuffix(" after dose")
    return "%" if target.quantity.startswith(("share", "change in %")) else "points"


def _told(found: Coverage) -> dict[str, Any]:
    low, high = found.interval
    return {"inside": found.inside, "of": found.of, "share": found.share, "low": low, "high": high}
