"""Tables that are no text: Parquet, SAS transport and data sets, Excel. Each gives columns and cells as text."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place

Cells = tuple[tuple[str, ...], list[tuple[str, ...]]]


def reader_of(file: Path) -> Callable[[Path], Cells] | None:
    """What reads a file of this name; None for text."""
    return {".parquet": _parquet, ".xpt": _sas, ".sas7bdat": _sas, ".xlsx": _excel, ".xls": _excel}.get(file.suffix.lower())  # fmt: skip


def _parquet(file: Path) -> Cells:
    import polars as pl

    return _polars(file, lambda: pl.read_parquet(file))


def _excel(file: Path) -> Cells:
    """The first sheet of a workbook, as it stands: a cell's type is taken, its format is not."""
    import polars as pl

    _wanted(file, "fastexcel")
    return _polars(file, lambda: pl.read_excel(file, infer_schema_length=None))


def _polars(file: Path, read: Callable[[], Any]) -> Cells:
    frame = _opened(file, read)
    return tuple(str(name).strip() for name in frame.columns), _texts(frame.iter_rows())


def _sas(file: Path) -> Cells:
    """Values as they are stored; a date by its format, a missing number (., .A to .Z) as missing."""
    sas = _wanted(file, "pyreadstat")
    if file.suffix.lower() == ".xpt" and (held := _members(file)) > 1:
        what = f"holds {held} data sets, and only one can be told from a file of this kind"
        raise DataError(what, Place(file=file), "write each to a file of its own, or as CSV")
    read = sas.read_xport if file.suffix.lower() == ".xpt" else sas.read_sas7bdat
    columns, _ = _opened(file, lambda: read(str(file), output_format="dict"))
    return tuple(str(name).strip() for name in columns), _texts(zip(*columns.values(), strict=True))


def _members(file: Path) -> int:
    """Data sets of a SAS transport file: a reader of one takes the next for more of its rows. Each has a record of its own,
    and records begin at every 80th byte."""
    try:
        raw = file.read_bytes()
    except OSError:
        return 0  # the reader says what is wrong with it
    marks = (b"HEADER RECORD*******MEMBER  HEADER", b"HEADER RECORD*******MEMBV8  HEADER")
    return sum(found.start() % 80 == 0 for mark in marks for found in re.finditer(re.escape(mark), raw))


def other_sheets(file: Path) -> str:
    """In words, that a workbook has more sheets than the one that is read; nothing of any other file."""
    if file.suffix.lower() not in (".xlsx", ".xls"):
        return ""
    first, *others = _opened(file, lambda: _wanted(file, "fastexcel").read_excel(str(file)).sheet_names)
    return f"; of {1 + len(others)} sheets the first ({first}) is read" if others else ""


def _wanted(file: Path, package: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise DataError(f"{file.suffix} files are read by {package}, which is not installed", Place(file=file), "pip install 'limen[exchange]', or export the table as CSV") from None  # fmt: skip


def _opened(file: Path, read: Callable[[], Any]) -> Any:
    """What reads it, whatever the library says of a file that is broken."""
    try:
        with file.open("rb"):
            pass
        return read()
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror}", Place(file=file), "name a file that is there"
        ) from None
    except Exception as error:
        said = str(error).splitlines()
        raise DataError(f"is no {file.suffix} file that can be read: {said[0] if said else type(error).__name__}", Place(file=file), "export it again, or as CSV") from None  # fmt: skip


def _texts(rows: Iterable[Sequence[Any]]) -> list[tuple[str, ...]]:
    return [tuple(_text(value) for value in row) for row in rows]


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)
