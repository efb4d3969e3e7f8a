"""A CSV file as text, and what its cells may be. Rows are counted as a spreadsheet shows them: the header is row 1."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from limen.analysis.formats import reader_of
from limen.analysis.visits import canonical
from limen.cells import SEPARATORS, is_missing, pointed, separator
from limen.errors import DataError, Place


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

    def keep(self, wanted: Sequence[bool]) -> Sheet:
        """The rows where `wanted` holds, and the damage of those."""
        rows = tuple(row for row, stays in zip(self.rows, wanted, strict=True) if stays)
        gone = set(self.numbers) - {number for number, _ in rows}
        return replace(self, rows=rows, damage=tuple(e for e in self.damage if e.where.row not in gone))


def read_sheet(file: Path) -> Sheet:
    """Read a table: Parquet, SAS (XPT, sas7bdat) or Excel by the ending of its name, else cells
    parted by commas, semicolons, tabs or bars. Raises DataError where it is none."""
    if (reader := reader_of(file)) is not None:
        columns, cells = reader(file)
        rows = tuple((n, row) for n, row in enumerate(cells, 2) if any(cell.strip() for cell in row))
        if not rows:
            raise DataError("no rows of data", Place(file=file))
        return Sheet(file, columns, rows, tuple(_double(file, columns)))
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=file), "name a CSV file") from None
    if not raw.strip():
        raise DataError("the file is empty", Place(file=file), "name a CSV file with a header and data rows")
    text, damage = _decoded(file, raw)
    delimiter = separator(text.splitlines()[0])
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(
            f"broken quotes: {error}", Place(file=file), "export the table as CSV again"
        ) from None
    columns, rows = tuple(name.strip() for name in lines[0]), []
    damage += _double(file, columns)
    for number, cells in enumerate(lines[1:], 2):
        if len(cells) == len(columns) and any(cell.strip() for cell in cells):
            rows.append((number, tuple(cells)))
        elif any(cell.strip() for cell in cells):
            damage.append(DataError(
                f"{len(cells)} cells where the header has {len(columns)}",
                Place(file=file, row=number), "a comma inside a cell must stand in quotes",
            ))  # fmt: skip
    if not rows and not damage:
        raise DataError("a header, but no rows of data", Place(file=file), "name a CSV file with data rows")
    read_as = ""
    if delimiter != ",":  # only then can a decimal comma stand unquoted
        meant = [(number, tuple(pointed(cell.strip()) for cell in cells)) for number, cells in rows]
        changed = sum(
            a.strip() != b
            for (_, old), (_, new) in zip(rows, meant, strict=True)
            for a, b in zip(old, new, strict=True)
        )
        rows = meant if changed else rows
        read_as = (
            f"; cells are parted by {SEPARATORS[delimiter]}"
            + f", {changed} decimal commas read as points" * bool(changed)
        )
    return Sheet(file, columns, tuple(rows), tuple(damage), read_as)


def _double(file: Path, columns: Sequence[str]) -> list[DataError]:
    return [
        DataError(f"two columns are called {name!r}", Place(file=file, row=1, column=name), "rename one of them")
        for name in dict.fromkeys(columns) if columns.count(name) > 1
    ]  # fmt: skip


def _decoded(file: Path, raw: bytes) -> tuple[str, list[DataError]]:
    """The text, read past another encoding than UTF-8 so that everything else can be reported too."""
    where = Place(file=file)
    if b"\0" in raw:
        raise DataError("this is not a text file in UTF-8", where, "export the table as CSV, UTF-8")
    try:
        text, damage = raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        what = f"this is not a text file in UTF-8 (first in row {row})"
        damage = [DataError(what, where, "export the table as CSV, UTF-8")]
        text = raw.decode("latin-1")
    for number, line in enumerate(text.splitlines(), 1):
        if "\ufffd" in line or any(sign in line for sign in ("Ã¤", "Ã¶", "Ã¼", "Ã©", "Ã¨", "Â°", "Âµ", "â€")):
            what = f"letters were lost in an earlier change of encoding (first in row {number})"
            damage.append(DataError(what, where, "export the table again, as UTF-8"))
            break
    return text, damage


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


def rows_where(sheet: Sheet, only: Sequence[str]) -> Sheet:
    """The sheet with the rows that say `COLUMN=VALUE` for each of `only`. Raises DataError where none does."""
    for asked in only:
        column, _, value = (part.strip() for part in asked.partition("="))
        if column not in sheet.columns:
            raise sheet.error(f"there is no column {column!r}", 1, remedy=f"columns: {', '.join(sheet.columns)}")  # fmt: skip
        cells = sheet.cells(column)
        kept = [canonical(cell) == canonical(value) for cell in cells]
        if not any(kept):
            example = f"such as {column}={cells[0]}" if cells else None
            raise sheet.error(f"no row has {value!r}", column=column, remedy=example)
        sheet = sheet.keep(kept)
    return sheet


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


def longer(sheet: Sheet, roles: dict[str, str], wide: Sequence[str]) -> Sheet:
    """A sheet with one row a person as one with a row a visit: the columns `wide` hold a visit each, named "visit=column"
    or by what stands behind their common beginning. Names the roles `visit` and `outcome` where they are not."""
    if not wide:
        return sheet
    pairs = [
        tuple(part.strip() for part in one.split("=", 1)) if "=" in one else ("", one.strip()) for one in wide
    ]
    columns = [column for _, column in pairs]
    for column in columns:
        if column not in sheet.columns:
            raise sheet.error(f"there is no column {column!r}", 1, remedy=nearest(column, sheet.columns))
    shared = _beginning(columns)
    labels = [label or column[len(shared) :] or column for label, column in pairs]
    visit, outcome = roles.setdefault("visit", "visit"), roles.setdefault("outcome", shared.rstrip("_. -") or "score")  # fmt: skip
    taken = next((name for name in (visit, outcome) if name in sheet.columns and name not in columns), None)
    if taken is not None:
        raise sheet.error(f"there is a column {taken!r} already", 1, column=taken, remedy="name what it becomes with --visit and --outcome")  # fmt: skip
    kept = [i for i, name in enumerate(sheet.columns) if name not in columns]
    rows = tuple(
        (number, (*(cells[i] for i in kept), label, cells[sheet.columns.index(column)]))
        for number, cells in sheet.rows for label, column in zip(labels, columns, strict=True)
    )  # fmt: skip
    return replace(sheet, columns=(*(sheet.columns[i] for i in kept), visit, outcome), rows=rows)


def _beginning(names: Sequence[str]) -> str:
    """What several names begin with."""
    if len(names) < 2:
        return ""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)
