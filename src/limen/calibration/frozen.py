"""Parameters frozen before looking: their hashes stand in `frozen.toml`, dated and with a reason, and a test compares them.

A parameter that is changed after its predictions were seen is not forbidden; it is written down here, and every page says so.
`python -m limen.calibration.frozen "why they changed"` writes the entry.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from limen.errors import FactsError, Place
from limen.files import write_text
from limen.parameters import Parameter, ParameterSet, load

FILE = "frozen.toml"
REMEDY = 'run `python -m limen.calibration.frozen "why they changed"` in a checkout, or install limen again'


@dataclass(frozen=True)
class Frozen:
    """The parameters as they stood on a day: the hash of all, and of each file of them; and why there is this entry."""

    on: str
    why: str
    digest: str
    files: Mapping[str, str]


@cache
def frozen() -> tuple[Frozen, ...]:
    """Every entry, the first of them before looking. Raises FactsError for a file that is missing or cannot be read."""
    try:
        return read_frozen(files("limen.calibration").joinpath(FILE).read_text(encoding="utf-8"))
    except OSError:
        raise FactsError(
            "the hashes of the frozen parameters are missing", Place(file=FILE), REMEDY
        ) from None


def read_frozen(text: str) -> tuple[Frozen, ...]:
    """Entries of a text. Raises FactsError for one that holds none."""
    try:
        found = tuple(Frozen(**entry) for entry in tomllib.loads(text)["frozen"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise FactsError(f"these are no hashes of parameters: {error}", Place(file=FILE), REMEDY) from None
    if not found:
        raise FactsError("holds no entry", Place(file=FILE), REMEDY)
    return found


def hashes(parameters: ParameterSet) -> dict[str, str]:
    """The hash of the numbers of each file of parameters, the rows of facts they come from included."""
    told: dict[str, list[object]] = {}
    for name, p in sorted(parameters.items()):
        told.setdefault(name.partition(".")[0], []).append(_told(name, p))
    return {file: _hash(told[file]) for file in sorted(told)}


def moved(parameters: ParameterSet) -> list[str]:
    """Files of parameters whose numbers are not those last frozen."""
    then, now = frozen()[-1].files, hashes(parameters)
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def said(parameters: ParameterSet) -> str:
    """In a sentence: frozen when, changed since how often, and whether those of this run are they."""
    entries = frozen()
    text = f"Parameters {_hash(hashes(parameters))[:12]}, frozen on {entries[0].on} ({entries[0].why})"
    later = [f"{entry.on}: {entry.why.rstrip('.')}" for entry in entries[1:]]
    text += f"; changed since, after looking: {'; '.join(later)}." if later else ", not changed since."
    other = moved(parameters)
    return f"{text} This run has other numbers in {', '.join(other)}." if other else text


def entry(parameters: ParameterSet, why: str, on: date) -> Frozen:
    each = hashes(parameters)
    return Frozen(on.isoformat(), why, _hash(each), each)


def frozen_text(entries: Sequence[Frozen]) -> str:
    """The file of these entries."""
    head = "# Hashes of the parameters as they stood before their predictions were looked at, and of every change since.\n"
    return head + "".join(
        f"\n[[frozen]]\non = {json.dumps(e.on)}\nwhy = {json.dumps(e.why)}\ndigest = {json.dumps(e.digest)}\n"
        f"files = {{ {', '.join(f'{name} = {json.dumps(h)}' for name, h in e.files.items())} }}\n"
        for e in entries
    )


def _told(name: str, p: Parameter) -> list[object]:
    return [name, p.dist, p.value, dict(p.spread), p.low, p.high]


def _hash(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    path = Path(__file__).with_name(FILE)
    before = read_frozen(path.read_text()) if path.exists() else ()
    write_text(path, frozen_text([*before, entry(load(), sys.argv[1], date.today())]))
