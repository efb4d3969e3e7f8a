"""Reading a long CSV, one row per person and visit, into `Longitudinal`; every mistake named by row and column.

Rows are counted as a spreadsheet shows them: the header is row 1.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from limen.analysis.longitudinal import Longitudinal
from limen.errors import DataError, Place

MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none", "missing"})


@dataclass(frozen=True)
class Sheet:
    """A CSV file as text. `rows` are (row number, cells) without blank lines."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def cells(self, column: str) -> list[str]:
        place = self.columns.index(column)
        return [cells[place] for _, cells in self.rows]

    def error(
        self, what: str, row: int | None = None, column: str | None = None, remedy: str | None = None
    ) -> DataError:
        return DataError(what, Place(file=self.file, row=row, column=column), remedy)


@dataclass(frozen=True)
class Roles:
    """Which column is what. `control` is a value of the arm column; `factors` are covariates held as categories."""

    id: str
    visit: str
    arm: str
    control: str
    outcome: str
    baseline: str
    covariates: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


def read_sheet(file: Path) -> Sheet:
    """Read a comma, semicolon or tab separated UTF-8 file; raises DataError where it is none."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=file), "name a CSV file") from None
    if not raw.strip():
        raise DataError("the file is empty", Place(file=file), "name a CSV file with a header and data rows")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise DataError(
            "this is not a text file in UTF-8", Place(file=file), "export the table as CSV, UTF-8"
        )
    head = text.splitlines()[0]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(
            f"broken quotes: {error}", Place(file=file), "export the table as CSV again"
        ) from None
    columns = tuple(name.strip() for name in lines[0])
    for name in columns:
        if columns.count(name) > 1:
            raise DataError(
                f"two columns are called {name!r}", Place(file=file, row=1, column=name), "rename one of them"
            )
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in cells):
            if len(cells) != len(columns):
                raise DataError(
                    f"{len(cells)} cells where the header has {len(columns)}",
                    Place(file=file, row=number),
                    "a comma inside a cell must stand in quotes",
                )
            rows.append((number, tuple(cell.strip() for cell in cells)))
    if not rows:
        raise DataError("a header, but no rows of data", Place(file=file), "name a CSV file with data rows")
    return Sheet(file, columns, tuple(rows))


def read_long(sheet: Sheet, roles: Roles) -> Longitudinal:
    """The trial a sheet holds. Raises DataError, with file, row and column, for anything that does not fit."""
    asked = (
        roles.id,
        roles.visit,
        roles.arm,
        roles.outcome,
        roles.baseline,
        *roles.covariates,
        *roles.factors,
    )
    for column in asked:
        if column not in sheet.columns:
            raise sheet.error(f"there is no column {column!r}", 1, remedy=_nearest(column, sheet.columns))
    for column in asked:
        if asked.count(column) > 1:
            raise sheet.error(
                f"column {column!r} was given two roles", 1, column, "give each role its own column"
            )
    labels = {column: _labels(sheet, column) for column in (roles.id, roles.visit, roles.arm)}
    left_out = {canonical(visit) for visit in roles.leave_out}
    known = {canonical(visit) for visit in labels[roles.visit]}
    for visit in sorted(left_out - known):
        raise sheet.error(f"there is no visit {visit!r} to leave out", column=roles.visit,
                          remedy=_nearest(visit, visits_in_order(known)))  # fmt: skip
    people = tuple(dict.fromkeys(labels[roles.id]))
    visits = visits_in_order(known - left_out)
    if not visits:
        raise sheet.error("every visit was left out", column=roles.visit, remedy="keep one at least")
    arms = _arms(sheet, roles, labels[roles.arm])
    row_of = {person: i for i, person in enumerate(people)}
    owner = [row_of[person] for person in labels[roles.id]]
    outcome = np.full((len(people), len(visits)), np.nan)
    values, met = _numbers(sheet, roles.outcome), {}
    for place, ((number, _), person, visit) in enumerate(
        zip(sheet.rows, labels[roles.id], labels[roles.visit], strict=True)
    ):
        label = canonical(visit)
        if (person, label) in met:
            raise sheet.error(
                f"{roles.id} {person} has visit {visit} twice (first in row {met[person, label]})",
                number, roles.visit, "keep one row per person and visit",
            )  # fmt: skip
        met[person, label] = number
        if label not in left_out:
            outcome[row_of[person], visits.index(label)] = values[place]
    held = _per_person(sheet, roles.arm, labels[roles.arm], owner, len(people))
    names, columns, reference = _covariates(sheet, roles, owner, len(people))
    return Longitudinal(
        people,
        visits,
        arms,
        outcome,
        np.array([arms.index(arm) for arm in held]),
        np.array(_per_person(sheet, roles.baseline, _numbers(sheet, roles.baseline), owner, len(people))),
        columns,
        names,
        reference,
    )


def canonical(visit: str) -> str:
    """Visit labels that are the same number are the same visit: 4, 4.0 and 04."""
    try:
        number = float(visit)
    except ValueError:
        return visit
    return f"{number:g}" if math.isfinite(number) else visit


def visits_in_order(visits: Sequence[str] | set[str]) -> tuple[str, ...]:
    """Visits by the numbers in their names ("week 2" before "week 10"), then by name."""

    def key(visit: str) -> tuple:
        parts = re.split(r"(-?\d+(?:\.\d+)?)", visit.lower())
        return tuple(
            (0, float(part), "") if i % 2 else (1, 0.0, part) for i, part in enumerate(parts) if part
        )

    return tuple(sorted(visits, key=key))


def is_missing(cell: str) -> bool:
    return cell.lower() in MISSING


def as_number(cell: str) -> float | None:
    """The finite number a cell holds, NaN for a missing one, None for anything else."""
    if is_missing(cell):
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def _labels(sheet: Sheet, column: str) -> list[str]:
    cells = sheet.cells(column)
    for (number, _), cell in zip(sheet.rows, cells, strict=True):
        if is_missing(cell):
            raise sheet.error(
                "this cell is empty", number, column, "every row needs a person, a visit and an arm"
            )
    return cells


def _numbers(sheet: Sheet, column: str) -> list[float]:
    values = []
    for (number, _), cell in zip(sheet.rows, sheet.cells(column), strict=True):
        value = as_number(cell)
        if value is None:
            comma = re.fullmatch(r"-?\d+,\d+", cell)
            remedy = (
                f"write a point for the decimal: {cell.replace(',', '.')}"
                if comma
                else "leave a missing value empty, or write NA"
            )
            raise sheet.error(f"{cell!r} is not a number", number, column, remedy)
        values.append(value)
    if all(math.isnan(value) for value in values):
        raise sheet.error(
            "the column holds no number at all", column=column, remedy="is this the right column?"
        )
    return values


def _per_person(sheet: Sheet, column: str, values: Sequence, owner: list[int], people: int) -> list:
    """The one value each person has, rows where it is missing aside; raises DataError where there are two."""
    held: list = [None] * people
    first = [0] * people
    for (number, _), value, person in zip(sheet.rows, values, owner, strict=True):
        if isinstance(value, float) and math.isnan(value):
            continue
        if held[person] is None:
            held[person], first[person] = value, number
        elif held[person] != value:
            raise sheet.error(
                f"{value} here, but {held[person]} in row {first[person]}, for the same person", number, column,
                "this column must not change within a person",
            )  # fmt: skip
    return [math.nan if value is None else value for value in held]


def _arms(sheet: Sheet, roles: Roles, labels: list[str]) -> tuple[str, ...]:
    arms = sorted(set(labels))
    if roles.control not in arms:
        raise sheet.error(
            f"there is no arm {roles.control!r} to be the control", column=roles.arm,
            remedy=f"arms in the file: {', '.join(arms[:8])}{' ...' if len(arms) > 8 else ''}",
        )  # fmt: skip
    if len(arms) < 2:
        raise sheet.error("there is only one arm: nothing to compare", column=roles.arm)
    return (roles.control, *(arm for arm in arms if arm != roles.control))


def _covariates(
    sheet: Sheet, roles: Roles, owner: list[int], people: int
) -> tuple[tuple[str, ...], np.ndarray, tuple[float, ...]]:
    """Columns of covariates. A category gives one column per level after the first and is averaged with equal
    weights in least-squares means; a number is averaged over observations (NaN in `reference`)."""
    names: list[str] = []
    columns: list[np.ndarray] = []
    reference: list[float] = []
    for column in roles.covariates:
        cells = sheet.cells(column)
        if not any(as_number(cell) is not None and not is_missing(cell) for cell in cells):
            remedy = f"if it holds categories, give it as --factor {column}"
            number = next(n for (n, _), cell in zip(sheet.rows, cells, strict=True) if True)
            raise sheet.error(f"{cells[0]!r} is not a number", number, column, remedy)
        names.append(column)
        columns.append(np.array(_per_person(sheet, column, _numbers(sheet, column), owner, people), float))
        reference.append(math.nan)
    for column in roles.factors:
        cells = [math.nan if is_missing(cell) else cell for cell in sheet.cells(column)]
        held = _per_person(sheet, column, cells, owner, people)
        levels = visits_in_order({value for value in held if isinstance(value, str)})
        if len(levels) < 2:
            raise sheet.error("a factor needs two categories or more", column=column, remedy="leave it out")
        for level in levels[1:]:
            names.append(f"{column}={level}")
            columns.append(np.array([float(v == level) if isinstance(v, str) else math.nan for v in held]))
            reference.append(1 / len(levels))
    stacked = np.column_stack(columns) if columns else np.zeros((people, 0))
    return tuple(names), stacked, tuple(reference)


def _nearest(word: str, choices: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.lower(), [c.lower() for c in choices], 1, 0.6)
    for choice in choices:
        if close and choice.lower() == close[0]:
            return f"did you mean {choice!r}?"
    return f"there are: {', '.join(choices)}"
