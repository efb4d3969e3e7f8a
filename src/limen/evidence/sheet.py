"""A spreadsheet's CSV as rows of one table: byte order mark, separator and decimal commas read as meant, or named.

What was changed on the way stands in the `Reading`; what cannot be told is refused with row and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from limen.cells import SEPARATORS, either, pointed
from limen.errors import FactsError, Place
from limen.facts import schema
from limen.facts.read import Row, read
from limen.heard import Heard, Reading
from limen.units import number_of

HERE = "`limen evidence outcomes --csv` shows a header that works"


@dataclass(frozen=True)
class OwnRows:
    """Rows of one table, and how they were understood."""

    table: str
    rows: tuple[Row, ...]
    heard: Reading


def text_of(path: Path, kind: str = "CSV") -> tuple[str, Reading]:
    """The text of a file in UTF-8, with or without a byte order mark. Raises FactsError for anything else."""
    wanted = f"save it as {kind} UTF-8"
    try:
        raw = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise FactsError(
            f"cannot be read ({why})", Place(file=path), f"give a {kind} file that you may read"
        ) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        coded = (
            "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "no UTF-8, perhaps Windows-1252 or Latin-1"
        )
        line = raw[: error.start].count(b"\n") + 1
        raise FactsError(f"is {coded}", Place(file=path, line=line), wanted) from None
    if "\0" in text:
        raise FactsError("holds null characters", Place(file=path), wanted)
    marked = (Heard("encoding", "UTF-8", "byte order mark"),) if raw.startswith(b"\xef\xbb\xbf") else ()
    return text, Reading(marked)


def rows_of(path: Path, tables: Sequence[str], text: str) -> OwnRows:
    """The rows of the table whose columns the header names. Raises FactsError naming row, column and remedy."""
    separator, header, table = _headed(path, tables, text)
    columns = read(table).columns
    heard: list[Heard] = []
    if separator != ",":
        heard.append(Heard("separator", SEPARATORS[separator], separator))
    numeric = {c for kind in ("number", "whole", "positive") for c in schema.words(table, kind)}
    numeric |= {column for column in ("effect",) if column in columns}
    found: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 or not cells:
                continue
            place = Place(file=path, row=number)
            if len(cells) != len(header):
                what = f"has {number_of(len(cells), 'cell')} where the header has {len(header)}"
                raise FactsError(what, place, f"quote cells that hold {SEPARATORS[separator]}")
            said = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
            for column in numeric & said.keys():
                said[column] = _number(said[column], Place(file=path, row=number, column=column), heard)
            whole = {column: said.get(column, "") for column in columns}
            found.append(Row(table, reader.line_num, MappingProxyType(whole)))
    except csv.Error as error:
        where = Place(file=path, line=reader.line_num)
        raise FactsError(f"is no CSV ({error})", where, "close every quoted cell") from None
    heard.append(Heard("table", table, f"{number_of(len(found), 'row')}, {number_of(len(header), 'column')}"))
    return OwnRows(table, tuple(found), Reading(tuple(heard)))


def _headed(path: Path, tables: Sequence[str], text: str) -> tuple[str, list[str], str]:
    """Separator, header and table: those under which the most columns are known."""
    line = text.split("\n", 1)[0].rstrip("\r")
    headers = {
        s: [name.strip() for name in next(csv.reader([line], delimiter=s), list[str]())] for s in SEPARATORS
    }

    def known(separator: str, table: str) -> int:
        return len(set(headers[separator]) & set(read(table).columns))

    separator = max(SEPARATORS, key=lambda s: max(known(s, table) for table in tables))
    header = headers[separator]
    for table in tables:
        if set(header) <= set(read(table).columns) and set(schema.words(table, "required")) <= set(header):
            twice = sorted({name for name in header if header.count(name) > 1})
            if twice:
                raise FactsError(
                    f"column {', '.join(twice)} stands twice", Place(file=path, row=1), "keep one"
                )
            return separator, header, table
    closest = max(tables, key=lambda table: known(separator, table))
    missing = sorted(set(schema.words(closest, "required")) - set(header))
    extra = sorted(set(header) - set(read(closest).columns))
    parts = "; ".join(
        f"{word} {', '.join(map(repr, names))}"
        for word, names in (("missing", missing), ("unknown", extra))
        if names
    )
    what = f"this header is no table of the evidence; closest is {closest} ({parts})"
    raise FactsError(what, Place(file=path, row=1), HERE)


def _number(cell: str, where: Place, heard: list[Heard]) -> str:
    """A numeric cell with its decimal comma made a point; `1,234` may be either and is refused."""
    cell = cell.replace("\u2212", "-")
    if either(cell):
        what = f"{cell!r} may be {cell.replace(',', '')} or {cell.replace(',', '.', 1)}"
        raise FactsError(what, where, "write numbers without separators of thousands, with a decimal point")
    if (meant := pointed(cell)) != cell:
        heard.append(Heard("number", meant, cell, f"row {where.row}, {where.column}: decimal comma"))
        return meant
    return cell
