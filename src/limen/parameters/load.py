"""Read the TOML files of this folder into one checked set.

A parameter is a TOML table. Its numbers come from a row of facts (`from = "mechanism/model_priors:k_tol"`), from counted
rows (`from = "safety/adverse_events:AE001 AE007"`), or, where facts has none, stand here with a `status`. Keys: `value` (central value: median of a lognormal, mean of a normal),
`gsd` | `sd` | `alpha` and `beta` | `logit_sd` (the spread, which also names the distribution), `low` and `high`
(truncation), `fixed` (why a number has no spread), `unit`, `text`, `status`, `source`, `measured_in`, `note`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeGuard, get_args

from limen import facts
from limen.errors import FactsError, ParameterError, Place
from limen.parameters.joint import Joint

COUNTED = "safety/adverse_events"
EvidenceStatus = Literal["measured", "translated", "assumption"]
STATUSES: tuple[EvidenceStatus, ...] = get_args(EvidenceStatus)
_LABELS = {"measured-in-humans": "measured", "animal-translated": "translated", "assumption": "assumption"}
_PRIORS = {
    "lognormal": {"median": "value", "gsd": "gsd"},
    "normal": {"mean": "value", "sd": "sd"},
    "beta": {"alpha": "alpha", "beta": "beta"},
    "bernoulli": {"prob": "probability"},
    "student_t4": {"location": "value", "scale": "t4_scale"},
}
_SPREADS = {
    "gsd": "lognormal", "sd": "normal", "alpha": "beta", "logit_sd": "logitnormal", "probability": "bernoulli",
    "t4_scale": "student_t4", "fixed": "fixed"
}  # fmt: skip
_KEYS = {
    "from", "value", "gsd", "sd", "alpha", "beta", "logit_sd", "probability", "t4_scale", "fixed", "low", "high", "unit",
    "text", "status", "source", "measured_in", "note"
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One number of the model: distribution, unit, provenance."""

    name: str
    dist: str
    unit: str
    text: str
    status: EvidenceStatus
    source: tuple[str, ...]
    value: float | None = None
    spread: Mapping[str, float] = field(default_factory=dict[str, float])
    low: float | None = None
    high: float | None = None
    measured_in: str = ""
    note: str = ""
    origin: str = ""


@dataclass(frozen=True)
class ParameterSet(Mapping[str, Parameter]):
    """All parameters by full name (`group.table.symbol`), with the hash shown beside every result; `joint`: rows that some of
    them are drawn from in place of their priors; `whole`: the set from which a study was left out."""

    parameters: Mapping[str, Parameter]
    digest: str
    joint: Joint | None = None
    whole: ParameterSet | None = field(default=None, repr=False, compare=False)

    def __getitem__(self, name: str) -> Parameter:
        try:
            return self.parameters[name]
        except KeyError:
            raise ParameterError(f"no parameter {name!r}", remedy="`limen model` lists them all") from None

    def __contains__(self, name: object) -> bool:
        return name in self.parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def under(self, prefix: str) -> dict[str, Parameter]:
        """Parameters below a table, by the last part of their name."""
        return {n[len(prefix) + 1 :]: p for n, p in self.parameters.items() if n.startswith(prefix + ".")}

    def drawn_from(self, joint: Joint | None) -> ParameterSet:
        """The same numbers, with the parameters of `joint` drawn from its rows."""
        if joint is None:
            return self
        told = json.dumps([self.digest, joint.table, joint.without])
        return replace(self, joint=joint, digest=hashlib.sha256(told.encode()).hexdigest())

    def without(self, *sources: str) -> ParameterSet:
        """The set with the people of these sources taken out of every share that is counted over studies, and of the rows that
        parameters are drawn from, so that a replay of a study is not shown against what it was set from. A share with
        no other study is left as it is."""
        counted = _set({n: _without(p, sources) for n, p in self.parameters.items()})
        rows = None if self.joint is None else self.joint.leaving_out(sources)
        return replace(counted.drawn_from(rows), whole=self.whole or self)

    def joined(self, group: str, toml: str | Path) -> ParameterSet:
        """This set with the parameters of a TOML text, or of a file, under `group`; its digest is another one.

        Raises ParameterError for a number without provenance, a text that is not TOML, and a name already taken.
        """
        file = str(toml) if isinstance(toml, Path) else "the given text"
        try:
            tables = tomllib.loads(toml.read_text(encoding="utf-8") if isinstance(toml, Path) else toml)
        except UnicodeDecodeError:
            raise ParameterError("is not UTF-8 text", Place(file=file), "save it as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise ParameterError(f"not TOML: {error}", Place(file=file)) from None
        except OSError as error:
            raise ParameterError(f"cannot be read: {error.strerror}", Place(file=file)) from None
        found = {name: read_parameter(name, table, file) for name, table in _tables(group, tables)}
        taken = sorted(found.keys() & self.parameters.keys())
        if taken:
            raise ParameterError(
                f"{taken[0]} is already a parameter", Place(file=file), "choose another name"
            )
        return _set(dict(self.parameters) | found).drawn_from(self.joint)


@cache
def load() -> ParameterSet:
    """The shipped set. Raises ParameterError for a number without provenance."""
    found: dict[str, Parameter] = {}
    for path in sorted(files("limen.parameters").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            group = path.name.removesuffix(".toml")
            for name, table in _tables(group, tomllib.loads(path.read_text(encoding="utf-8"))):
                found[name] = read_parameter(name, table, f"parameters/{path.name}")
    return _set(found)


def _set(found: dict[str, Parameter]) -> ParameterSet:
    text = json.dumps([{**vars(p), "spread": dict(p.spread)} for p in found.values()], sort_keys=True)
    return ParameterSet(MappingProxyType(found), hashlib.sha256(text.encode()).hexdigest())


def _tables(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "text" in table or "from" in table:
        yield prefix, table
        return
    for key, below in table.items():
        if not _is_table(below):
            raise ParameterError(
                f"{prefix}.{key} stands outside a parameter", remedy="give it `text`, `status`, `unit`"
            )
        yield from _tables(f"{prefix}.{key}", below)


def _is_table(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def read_parameter(name: str, table: Mapping[str, Any], file: str) -> Parameter:
    """One TOML table as a Parameter. Raises ParameterError where provenance, unit or spread is missing."""
    place = Place(file=file, field=name)
    unknown = set(table) - _KEYS
    if unknown:
        raise ParameterError(
            f"unknown key {', '.join(sorted(unknown))}", place, f"keys are: {', '.join(sorted(_KEYS))}"
        )
    cells = _from_facts(table, place) | {k: v for k, v in table.items() if k != "from"}
    spreads = [dist for key, dist in _SPREADS.items() if key in cells]
    if len(spreads) != 1:
        raise ParameterError(
            "needs exactly one spread", place, f"one of {', '.join(_SPREADS)}; `fixed` says why there is none"
        )
    dist = spreads[0]
    if "value" not in cells and dist not in ("beta", "bernoulli"):
        raise ParameterError("has no value", place, "give `value`, or `from` a row that has one")
    for key in ("unit", "text"):
        if not cells.get(key):
            raise ParameterError(f"has no {key}", place)
    if cells.get("status") not in STATUSES:
        raise ParameterError(f"has status {cells.get('status')!r}", place, f"one of {', '.join(STATUSES)}")
    source = cells.get("source", ())
    source = tuple(source.split()) if isinstance(source, str) else tuple(source)
    missing = [key for key in source if key not in facts.bibliography()]
    if missing or (not source and cells["status"] != "assumption"):
        raise ParameterError(
            f"source {' '.join(missing) or 'missing'}",
            place,
            "name a key of references.bib, or status assumption",
        )
    return Parameter(
        name=name,
        dist=dist,
        unit=cells["unit"],
        text=cells["text"],
        status=cells["status"],
        source=source,
        value=float(cells["value"]) if "value" in cells else None,
        spread=MappingProxyType(
            {
                k: float(cells[k])
                for k in ("gsd", "sd", "alpha", "beta", "logit_sd", "probability", "t4_scale")
                if k in cells
            }
        ),
        low=cells.get("low"),
        high=cells.get("high"),
        measured_in=cells.get("measured_in", ""),
        note=cells.get("note", ""),
        origin=table.get("from", ""),
    )


def _from_facts(table: Mapping[str, Any], place: Place) -> dict[str, Any]:
    if "from" not in table:
        return {}
    name, _, key = table["from"].partition(":")
    if name == COUNTED:
        return _from_counts(key.split(), "gsd" in table, place)
    try:
        row = facts.read(name).row(key)
    except FactsError as error:
        raise ParameterError(f"from {table['from']!r}: {error.what}", place) from None
    cells: dict[str, Any] = {
        "unit": row["unit"],
        "source": tuple(k for k in row.sources if k in facts.bibliography()),
    }
    if name == "mechanism/model_priors":
        cells |= {"text": row["description"], "status": _LABELS[row["label"]], "measured_in": row["note"]}
        keys = _PRIORS[row["distribution"]]
        cells |= {keys[row[f"{p}_name"]]: row.number(p) for p in ("p1", "p2") if row[f"{p}_name"]}
        cells |= {
            end: row.number(f"{end}er_bound" if end == "low" else "upper_bound") for end in ("low", "high")
        }
        cells = {k: v for k, v in cells.items() if v is not None}
    else:
        cells["value"] = row.number("value")
        cells["measured_in"] = row.get("population", "") or row.get("note", "")
        if name == "outcomes/model_defaults":
            cells |= {"text": row["parameter"], "status": row["status"], "measured_in": row["note"]}
        else:
            cells["status"] = "measured"
    restated = table.get("value")
    if restated is not None and cells.get("value") is not None and float(restated) != cells["value"]:
        raise ParameterError(
            f"says {restated} where {table['from']} says {cells['value']}", place, "keep one of them"
        )
    return cells


def _from_counts(keys: list[str], rate: bool, place: Place) -> dict[str, Any]:
    """Jeffreys' posterior of a share, Beta(1/2 + sum x, 1/2 + sum (n - x)), over counted rows; or, for one row and a
    spread of its own, events per person and dose, x / (n doses)."""
    try:
        rows = [facts.read(COUNTED).row(key) for key in keys]
    except FactsError as error:
        raise ParameterError(f"from {COUNTED}: {error.what}", place) from None

    def numbers(column: str) -> list[float]:
        found = [row.number(column) for row in rows]
        if any(n is None for n in found):
            raise ParameterError(f"from {COUNTED}: a row has no {column}", place, "name rows with counts")
        return [float(n) for n in found if n is not None]

    n = numbers("n_arm")
    sources = dict.fromkeys(key for row in rows for key in row.sources if key in facts.bibliography())
    cells: dict[str, Any] = {"status": "measured", "source": tuple(sources)}
    if rate:
        (events,), (doses,) = numbers("n_events"), numbers("n_doses")
        said = f"{events:g} events in {n[0]:g} {rows[0]['population']} over {doses:g} doses"
        return cells | {"value": events / (n[0] * doses), "measured_in": said}
    seen = numbers("n_with_event")
    said = [f"{x:g} of {k:g} {row['population']}" for x, k, row in zip(seen, n, rows, strict=True)]
    return cells | {
        "alpha": 0.5 + sum(seen),
        "beta": 0.5 + sum(n) - sum(seen),
        "measured_in": "; ".join(said),
    }


def _without(parameter: Parameter, sources: Sequence[str]) -> Parameter:
    name, _, keys = parameter.origin.partition(":")
    if name != COUNTED or parameter.dist != "beta":
        return parameter
    table = facts.read(COUNTED)
    kept = [key for key in keys.split() if not {*sources} & {*table.row(key).sources}]
    if not kept or len(kept) == len(keys.split()):
        return parameter
    cells = _from_counts(kept, False, Place(field=parameter.name))
    spread = MappingProxyType({end: cells[end] for end in ("alpha", "beta")})
    return replace(
        parameter, spread=spread, source=cells["source"], measured_in=cells["measured_in"],
        origin=f"{COUNTED}:{' '.join(kept)}"
    )  # fmt: skip
