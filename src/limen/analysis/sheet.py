"""A CSV file as text, and what its cells may be. Rows are counted as a spreadsheet shows them: the header is row 1."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from pathlib import Path

from limen.analysis.formats import other_sheets, reader_of
from limen.analysis.parted import parted
from limen.analysis.visits import canonical
from limen.cells import SEPARATORS, is_missing, pointed
from limen.errors import DataError, Place

MOST_REPEATED = 1_000_000
_POINT = re.compile(r"[+-]?\d*\.\d+")


@dataclass(frozen=True)
class Sheet:
    """A CSV file as text. `rows` are (row number, cells as they stand) without blank lines; `damage` is what was wrong
    with the file and could be read past, for the report of its data; `read_as` how its cells were taken."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    damage: tuple[DataError, ...] = ()
    read_as: str = ""

    def cells(self, column: str) -> list[str]:
        return [cell.strip() for cell in self.raw(column)]

    def raw(self, column: str) -> list[str]:
        """Cells with the blanks around them."""
        place = self.columns.index(column)
        return [cells[place] for _, cells in self.rows]

    @property
    def numbers(self) -> list[int]:
        return [number for number, _ in self.rows]

    def error(
        self, what: str, row: int | None = None, column: str | None = None, remedy: str | None = None
    ) -> DataError:
        return DataError(what, Place(file=self.file, row=row, column=column), remedy)

    def no_column(self, column: str) -> DataError:
        """That a column which was named is not there, with those whose names are near."""
        return self.error(f"there is no column {column!r}", 1, remedy=nearest(column, self.columns))

    def unnamed(self, options: Sequence[str]) -> DataError:
        """That options which say what a column is were not given."""
        said = ", ".join(f"--{name}" for name in options)
        return self.error(
            f"which column is what: {said} not given", 1, remedy=f"columns: {', '.join(self.columns)}"
        )

    def keep(self, wanted: Sequence[bool]) -> Sheet:
        """The rows where `wanted` holds, and the damage of those."""
        rows = tuple(row for row, stays in zip(self.rows, wanted, strict=True) if stays)
        gone = set(self.numbers) - {number for number, _ in rows}
        return replace(self, rows=rows, damage=tuple(e for e in self.damage if e.where.row not in gone))


def read_sheet(file: Path, encoding: str | None = None) -> Sheet:
    """Read a table: Parquet, SAS (XPT, sas7bdat) or Excel by the ending of its name, else cells
    parted by commas, semicolons, tabs or bars, in UTF-8 unless `encoding` says another. Raises DataError where it is none."""
    if (reader := reader_of(file)) is not None:
        columns, cells = reader(file)
        rows = tuple((n, row) for n, row in enumerate(cells, 2) if any(cell.strip() for cell in row))
        if not rows:
            raise DataError("no rows of data", Place(file=file))
        return Sheet(file, columns, rows, tuple(_double(file, columns)), other_sheets(file))
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=file), "name a CSV file") from None
    if not raw.strip():
        raise DataError("the file is empty", Place(file=file), "name a CSV file with a header and data rows")
    found = parted(file, raw, encoding)
    columns, rows = found.columns, list[tuple[int, tuple[str, ...]]]()
    damage = [*found.damage, *_double(file, columns)]
    for number, cells in found.rows:
        if not any(cell.strip() for cell in cells):
            continue
        if tuple(cell.strip() for cell in cells) == columns:
            damage.append(DataError("the header stands here again", Place(file=file, row=number), "take it out, or --exclude it by name"))  # fmt: skip
        elif len(cells) == len(columns):
            rows.append((number, tuple(cells)))
        else:
            damage.append(_wrong_width(file, number, cells, columns))
    if not rows and not damage:
        raise DataError("a header, but no rows of data", Place(file=file), "name a CSV file with data rows")
    sheet = Sheet(file, columns, tuple(rows), tuple(damage))
    return sheet if found.delimiter == "," else _pointed(sheet, found.delimiter)


def _wrong_width(file: Path, row: int, cells: Sequence[str], columns: Sequence[str]) -> DataError:
    """A row with more or fewer cells than the header has, by what may explain it."""
    line, where = cells[0], Place(file=file, row=row)
    other = next(
        (sign for sign in SEPARATORS if len(cells) == 1 and line.count(sign) == len(columns) - 1), None
    )
    if other is not None:
        return DataError(f"the cells of this row are parted by {SEPARATORS[other]}", where, "part them as in the other rows")  # fmt: skip
    if len(cells) == 1 and line.lstrip().startswith(("#", "//")):
        return DataError("a remark stands here", where, "take it out, or --exclude it by name")
    few = len(cells) < len(columns)
    remedy = (
        "is a cell missing, or the end of the file?" if few else "a comma inside a cell must stand in quotes"
    )
    return DataError(f"{len(cells)} cells where the header has {len(columns)}", where, remedy)


def _pointed(sheet: Sheet, delimiter: str) -> Sheet:
    """Decimal commas made points: only where something else parts the cells can one stand without quotes."""
    meant = tuple((number, tuple(pointed(cell.strip()) for cell in cells)) for number, cells in sheet.rows)
    damage, changed = list(sheet.damage), 0
    for place, column in enumerate(sheet.columns):
        old = [cells[place].strip() for _, cells in sheet.rows]
        commas = [row for row, cell in zip(sheet.numbers, old, strict=True) if pointed(cell) != cell]
        points = [row for row, cell in zip(sheet.numbers, old, strict=True) if _POINT.fullmatch(cell)]
        changed += len(commas)
        if commas and points:
            what = f"numbers have decimal commas (first in row {commas[0]}) and decimal points"
            damage.append(sheet.error(what, points[0], column, "write every number with the same sign"))
    read_as = f"; cells are parted by {SEPARATORS[delimiter]}"
    read_as += f", {changed} decimal commas read as points" * bool(changed)
    return replace(sheet, rows=meant if changed else sheet.rows, damage=tuple(damage), read_as=read_as)


def _double(file: Path, columns: Sequence[str]) -> list[DataError]:
    return [
        DataError(f"two columns are called {name!r}", Place(file=file, row=1, column=name), "rename one of them")
        for name in dict.fromkeys(columns) if columns.count(name) > 1
    ]  # fmt: skip


def as_number(cell: str) -> float | None:
    """The finite number a cell holds, NaN for a missing one, None for anything else."""
    if is_missing(cell):
        return math.nan
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def nearest(word: str, choices: Sequence[str]) -> str:
    close = difflib.get_close_matches(word.lower(), [c.lower() for c in choices], 1, 0.6)
    for choice in choices:
        if close and choice.lower() == close[0]:
            return f"did you mean {choice!r}?"
    return f"there are: {', '.join(choices)}"


_WHERE = re.compile(r"(.+?)\s*(<=|>=|!=|=|<|>)\s*(.*)")
_SIDES: Mapping[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def rows_where(sheet: Sheet, only: Sequence[str]) -> Sheet:
    """The sheet with the rows for which each of `only` holds: `COLUMN=VALUE`, `!=`, and of numbers `<`, `<=`, `>`, `>=`;
    several values are parted by bars ("arm=low|high"). A missing number is on no side. Raises DataError where no row is left,
    or a cell to be compared is no number."""
    for asked in only:
        found = _WHERE.fullmatch(asked.strip())
        column, sign, value = found.groups() if found else (asked.strip(), "=", "")
        if column not in sheet.columns:
            raise sheet.error(f"there is no column {column!r}", 1, remedy=f"columns: {', '.join(sheet.columns)}")  # fmt: skip
        cells = sheet.cells(column)
        if sign in _SIDES:
            kept = _beside(sheet, column, sign, value)
        else:
            there = {canonical(cell) for cell in cells}
            parts = [value] if canonical(value) in there else [part.strip() for part in value.split("|")]
            lacking = next((part for part in parts if canonical(part) not in there), None)
            if lacking is not None:
                example = f"such as {column}{sign}{cells[0]}" if cells else None
                raise sheet.error(f"no row has {lacking!r}", column=column, remedy=example)
            meant = {canonical(part) for part in parts}
            kept = [(canonical(cell) in meant) == (sign == "=") for cell in cells]
        if not any(kept):
            raise sheet.error(f"no row has {column} {sign} {value}", column=column, remedy="ask for less")
        sheet = sheet.keep(kept)
    return sheet


def _beside(sheet: Sheet, column: str, sign: str, value: str) -> list[bool]:
    """Which rows stand on that side of a number."""
    limit = as_number(value)
    if limit is None or math.isnan(limit):
        raise sheet.error(f"{value!r} is no number to compare {column!r} with", remedy=f"such as {column}>=2")
    kept = list[bool]()
    for number, cell in zip(sheet.numbers, sheet.cells(column), strict=True):
        here = as_number(cell)
        if here is None:
            raise sheet.error(f"{cell!r} is no number, and {column} {sign} {value} was asked", number, column, "mend it, or leave the row out with =")  # fmt: skip
        kept.append(_SIDES[sign](here, limit))
    return kept


def repeated(sheet: Sheet, column: str) -> Sheet:
    """A table of counts as one of people: each row as often as its cell in `column` says. Raises DataError for what is no
    whole number."""
    if column not in sheet.columns:
        raise sheet.no_column(column)
    rows = list[tuple[int, tuple[str, ...]]]()
    for row, cell in zip(sheet.rows, sheet.cells(column), strict=True):
        count = as_number(cell)
        if count is None or not 0 <= count <= MOST_REPEATED or count != int(count):
            raise sheet.error(
                f"{cell!r} is no number of people", row[0], column, "a whole number, 0 if nobody"
            )
        rows += [row] * int(count)
    return replace(sheet, rows=tuple(rows))


def without(sheet: Sheet, excluded: Sequence[str], person: str, scores: Sequence[str]) -> Sheet:
    """The sheet without what is excluded by name: "row 17", "person P3", or "score -99", whose cells in the columns
    `scores` become missing. Raises DataError for a name that names nothing here."""
    for name in excluded:
        kind, _, value = (part.strip() for part in name.partition(" "))
        if kind == "row":
            gone = [str(number) == value for number in sheet.numbers]
            damage = tuple(error for error in sheet.damage if value == "1" or str(error.where.row) != value)
            there = any(gone) or len(damage) < len(sheet.damage)
            sheet = replace(sheet, damage=damage)
        elif kind == "person":
            gone = [cell == value for cell in sheet.cells(person)]
            there = any(gone)
        elif kind == "score":
            places, gone, rows = (
                [sheet.columns.index(column) for column in scores],
                [],
                list[tuple[int, tuple[str, ...]]](),
            )
            for number, cells in sheet.rows:
                hit = [
                    i in places and canonical(cell.strip()) == canonical(value)
                    for i, cell in enumerate(cells)
                ]
                rows.append((number, tuple("" if h else cell for h, cell in zip(hit, cells, strict=True))))
            there = any(row != old for row, old in zip(rows, sheet.rows, strict=True))
            sheet = replace(sheet, rows=tuple(rows))
        else:
            what, right = (
                f"{name!r} is nothing that can be excluded",
                'such as "row 17", "person P3" or "score -99"',
            )
            raise DataError(what, Place(file=sheet.file), right)
        if not there:
            raise DataError(f"there is no {name}", Place(file=sheet.file))
        sheet = sheet.keep([not out for out in gone]) if gone else sheet
    return sheet
