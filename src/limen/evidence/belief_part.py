"""What belief adds to each trial's difference, as the walk predicts it, and the regimen that the trial gave.

The table is computed, and shipped with the command, the parameters and the seed that made it. A file that is missing or
was altered is an error: nothing is pooled on other numbers than those that were checked.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from limen.errors import FactsError, Place
from limen.parameters import ParameterSet

FILE, COMMAND = "belief_part.toml", "make belief-part"
COMPUTED_FROM = ("belief.", "leaving.", "outcomes.", "perception.", "pharmacology.", "receptor.")


@dataclass(frozen=True)
class BeliefPart:
    """One trial as its protocol lays it out: mean `dose` of the compound's base, ug, on `days`; and the belief part
    in SDs of control-arm change with its SD over parameter draws and the Monte Carlo `error` of its mean, None where
    limen has no score model of its scale."""

    study: str
    compound: str
    indication: str
    kinetics: str
    dose: float
    days: tuple[int, ...]
    week: float
    mean: float | None
    sd: float | None
    error: float | None


def fingerprint(parameters: ParameterSet) -> str:
    """The hash of the parameters that a belief part is computed from, whichever study this run leaves out of them."""
    whole = parameters.whole or parameters
    told = {
        name: [p.value, dict(p.spread), p.low, p.high]
        for name, p in whole.items()
        if name.startswith(COMPUTED_FROM)
    }
    return _hash([told, whole.joint and whole.joint.table])


@cache
def belief_parts() -> tuple[Mapping[str, Any], Mapping[str, BeliefPart]]:
    """How the table was made, and its rows by study. Raises FactsError for a file that is missing or was altered."""
    try:
        found = tomllib.loads(files("limen.evidence").joinpath(FILE).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise FactsError(
            f"the belief part of the trials cannot be read: {error}", Place(file=FILE), _again()
        ) from None
    return checked(found)


def checked(found: dict[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, BeliefPart]]:
    """A table as read, if it is the one that was written. Raises FactsError for one that was altered."""
    made, rows = dict(found), found.get("trial", [])
    digest, trials = made.pop("digest", ""), made.pop("trial", [])
    if digest != _hash([made, trials]):
        raise FactsError(
            "the belief part of the trials was altered after it was computed", Place(file=FILE), _again()
        )
    parts = [
        BeliefPart(**dict.fromkeys(("mean", "sd", "error")) | row | {"days": tuple(row["days"])})
        for row in rows
    ]
    return made, {part.study: part for part in parts}


def belief_table(made: Mapping[str, Any], parts: Iterable[BeliefPart]) -> str:
    """The table as its file holds it."""
    rows = [{k: v for k, v in asdict(part).items() if v is not None} for part in parts]
    rows = [row | {"days": list(row["days"])} for row in rows]
    head = [f"# Written by `{COMMAND}`; an altered number is an error.", *map(_line, made.items())]
    head.append(_line(("digest", _hash([dict(made), rows]))))
    return (
        "\n".join([*head, *("\n".join(["", "[[trial]]", *map(_line, row.items())]) for row in rows)]) + "\n"
    )


def _line(item: tuple[str, Any]) -> str:
    return f"{item[0]} = {json.dumps(item[1])}"


def _hash(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _again() -> str:
    return f"run `{COMMAND}` in a checkout, or install limen again"
