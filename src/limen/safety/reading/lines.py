"""Text files of other people's making, refused in words where they are none."""

from __future__ import annotations

import csv
import math
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from limen.cells import SEPARATORS, either, pointed, separator
from limen.errors import DataError, Place
from limen.units import number_of

LONGEST_LINE, LONGEST_TEXT, LARGEST_JSON = 1_000_000, 100_000, 64_000_000
_MAGIC = {b"PK": "a zip archive (or an office document)", b"\x1f\x8b": "gzip-compressed", b"%PDF": "a PDF"}


def opened(path: Path) -> None:
    """Refuse what is not a readable text file. Raises DataError with what it is instead."""
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            what = "this is a pipe or a device, of which nothing can be read twice"
            raise DataError(what, Place(file=path), "save it as a file first")
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=path)) from None
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise DataError(
                f"this is {what}, not a text file",
                Place(file=path),
                "unpack it, or export as plain CSV or JSON",
            )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise DataError("this is not UTF-8 text", Place(file=path), "save it as UTF-8")


def lines(path: Path) -> Iterator[str]:
    """Lines of a UTF-8 file, none longer than LONGEST_LINE, in constant memory."""
    opened(path)
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as stream:
        while True:
            try:
                line = stream.readline(LONGEST_LINE)
            except UnicodeDecodeError:
                raise DataError(
                    "this is not UTF-8 text", Place(file=path, line=number + 1), "save it as UTF-8"
                ) from None
            if not line:
                return
            number += 1
            if len(line) >= LONGEST_LINE:
                raise DataError("a line is longer than a million characters", Place(file=path, line=number))
            yield line.replace("\x00", " ")


def rows(path: Path) -> Iterator[list[str]]:
    """Cells of a CSV, line by line in constant memory, whatever parts them. Raises DataError for what is no CSV."""
    csv.field_size_limit(LONGEST_LINE)
    text = lines(path)
    first = next(text, "")
    sign = separator(first)
    reader = csv.reader(chain([first] if first else [], text), delimiter=sign, strict=True)
    try:
        width = 0
        for row, cells in enumerate(reader, 1):
            width = width or len(cells)
            if cells and len(cells) != width:
                what = f"{number_of(len(cells), 'cell')} where the header has {width} (parted by {SEPARATORS[sign]})"
                raise DataError(what, Place(file=path, row=row), "put a cell that holds the sign in quotes")
            yield cells
    except csv.Error as error:
        raise DataError(f"not a CSV: {error}", Place(file=path, line=reader.line_num)) from None


def number(text: str, place: Place, what: str, remedy: str) -> float:
    """A finite number, with a decimal point or an unmistakable decimal comma. Raises DataError for anything else."""
    cell = text.strip()
    if either(cell):
        meant = f"{cell.replace(',', '')} or {cell.replace(',', '.', 1)}"
        raise DataError(f"{what}: the comma may part thousands or decimals", place, f"write {meant}")
    try:
        found = float(pointed(cell))
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or "_" in cell:
        raise DataError(what, place, remedy)
    return found


def text_file(path: Path) -> str:
    """A medication list from a text file. Raises DataError for anything too long or not text."""
    found: list[str] = []
    for line in lines(path):
        found.append(line)
        if sum(map(len, found)) > LONGEST_TEXT:
            raise DataError(
                f"a list longer than {LONGEST_TEXT} characters", Place(file=path), "give one patient's list"
            )
    if not "".join(found).strip():
        raise DataError("the file is empty", Place(file=path), "write 'none' where no medicine is taken")
    return "".join(found)
