"""The published values that limen claims to predict: one row of `targets.csv` each, and the row of facts it names.

A target says which row and column of facts, what is predicted and by which estimator (`estimators`), in which protocol (an
example, or a file of `protocols/`; none for one dose in healthy people), whether the parameters were set with it in sight
(`calibrated to`) or not (`predicted`), and, where it fails, what is to be said of that.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from limen import facts
from limen.errors import FactsError, Place
from limen.facts import Row
from limen.protocol import Protocol, example, load

FILE = "targets.csv"
CALIBRATED, PREDICTED = "calibrated to", "predicted"
ABOVE = "above zero"  # in place of a column: only the direction was reported
USABLE = ("seen", "derived")


@dataclass(frozen=True)
class Target:
    """One row of `targets.csv`. `fact` is `table:key`, or `table:column=text;column=text`; `value` a column of it, a
    quotient `a/b` of two (a share, in per cent), or `above zero`. `n`: how many people, or capsules, were counted;
    `leave_out`: the source that the parameters are predicted without."""

    name: str
    group: str
    role: str
    fact: str
    value: str
    quantity: str
    estimator: str
    protocol: str
    arm: str
    week: str
    outcome: str
    dose: str
    n: str
    leave_out: str
    note: str
    discussion: str
    line: int

    @property
    def place(self) -> Place:
        return Place(file=FILE, row=self.line)

    @property
    def direction_only(self) -> bool:
        return self.value == ABOVE

    @property
    def row(self) -> Row:
        """The row of facts. Raises FactsError where there is none, or several, or one that may be no target."""
        table, _, where = self.fact.partition(":")
        equal = {part.partition("=")[0]: part.partition("=")[2] for part in where.split(";")}
        if "=" in where:
            unknown = [column for column in equal if column not in facts.read(table).columns]
            if unknown:
                raise FactsError(
                    f"{table} has no column {unknown[0]!r}", self.place, "name columns of that table"
                )
            found = facts.read(table).where(**equal)
        else:
            found = (facts.read(table).row(where),)
        if len(found) != 1:
            raise FactsError(f"{len(found)} rows are {self.fact!r}", self.place, "name exactly one row")
        if found[0]["verification"] not in USABLE:
            said = found[0]["verification"]
            raise FactsError(
                f"{self.fact!r} is {said}", self.place, "only what was seen or derived is a target"
            )
        return found[0]

    @property
    def published(self) -> float | None:
        """The published value; None where only a direction was reported. Raises FactsError for a cell without a number."""
        if self.direction_only:
            return None
        row, (above, _, below) = self.row, self.value.partition("/")
        factor, _, column = above.rpartition("*")
        numbers = [row.number(name) for name in (column, below) if name]
        if None in numbers:
            raise FactsError(f"{self.fact!r} has no number in {self.value!r}", self.place, "name its columns")
        first, *rest = (float(x or 0.0) for x in numbers)
        return 100 * first / rest[0] if rest else float(factor or 1) * first

    @property
    def people(self) -> int | None:
        """How many were counted, by the target or the row; None where neither says."""
        count = re.match(r"\d+", self.n or self.row.get("n", ""))
        return int(count.group()) if count else None

    @property
    def sources(self) -> tuple[str, ...]:
        return self.row.sources

    def asked(self) -> Protocol:
        """The protocol in which this is predicted. Raises ProtocolError where there is none of that name."""
        return load(protocol_file(self.protocol))


def protocol_file(name: str) -> Path:
    """A protocol kept for predictions, or an example. Raises ProtocolError where there is none of that name."""
    own = Path(str(files("limen.calibration"))) / "protocols" / f"{name}.yaml"
    return own if own.is_file() else example(name)


@cache
def targets() -> tuple[Target, ...]:
    """Every target, in the order of the file. Raises FactsError for a file that is no table of targets."""
    return read_targets(files("limen.calibration").joinpath(FILE).read_text(encoding="utf-8"))


def read_targets(text: str) -> tuple[Target, ...]:
    """A table of targets. Raises FactsError naming the row and what is wrong in it."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [field.name for field in fields(Target) if field.name != "line"]
    if reader.fieldnames is None or list(reader.fieldnames) != columns:
        raise FactsError(
            "has other columns than a target", Place(file=FILE), f"they are {', '.join(columns)}"
        )
    found = [_target(row, line) for line, row in enumerate(reader, 2)]
    names = [target.name for target in found]
    twice = next((target for target in found if names.count(target.name) > 1), None)
    if twice is not None:
        raise FactsError(f"{twice.name!r} stands twice", twice.place, "give each target a name of its own")
    return tuple(found)


def _target(row: Mapping[str, Any], line: int) -> Target:
    if None in row or None in row.values():
        raise FactsError("has too many or too few cells", Place(file=FILE, row=line), "one for each column")
    target = Target(**row, line=line)
    if target.role not in (CALIBRATED, PREDICTED):
        raise FactsError(f"has role {target.role!r}", target.place, f"it is {CALIBRATED!r} or {PREDICTED!r}")
    return target


def fingerprint_of_targets() -> str:
    """The hash of what is asked: the table without its discussions, the rows it names, and the protocols it asks."""
    told = hashlib.sha256()
    for target in targets():
        cells = [
            getattr(target, field.name)
            for field in fields(Target)
            if field.name not in ("discussion", "line")
        ]
        told.update(repr((cells, dict(target.row))).encode())
    for name in sorted({target.protocol for target in targets()} - {""}):
        told.update(protocol_file(name).read_bytes())
    return told.hexdigest()
