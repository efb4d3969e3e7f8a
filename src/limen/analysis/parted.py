"""A table that is text, parted into cells: read past whatever is damaged, so that all of it can be reported at once."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from limen.cells import SEPARATORS, separator
from limen.errors import DataError, Place

LOOKED_AT = 20  # lines that say what parts the cells
MIXED_UP = ("Ã¤", "Ã¶", "Ã¼", "Ã©", "Ã¨", "Â°", "Âµ", "â€")  # UTF-8 that was once read as something else
Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Parted:
    """Columns, and rows with their numbers, as the lines have them; what parts the cells; and what was damaged."""

    columns: tuple[str, ...]
    rows: Lines
    delimiter: str
    damage: list[DataError]


def parted(file: Path, raw: bytes, encoding: str | None) -> Parted:
    """The lines of a table, its header the first that is one. Raises DataError for what is no text at all."""
    text, damage = _decoded(file, raw, encoding)
    delimiter, skipped, text = _separated(text)
    lines, quotes = _lines(file, text, delimiter, skipped)
    header = _header(lines)
    if header:
        what = f"the header stands in row {lines[header][0]}, below something else"
        damage.append(DataError(what, Place(file=file, row=1), "take out the lines above it"))
    return Parted(tuple(name.strip() for name in lines[header][1]), lines[header + 1 :], delimiter, damage + quotes)  # fmt: skip


def _header(lines: Lines) -> int:
    """The place of the header: below titles, which fill one cell where most lines have several."""
    widths = Counter(len(cells) for _, cells in lines if any(cell.strip() for cell in cells))
    usual = widths.most_common(1)[0][0]
    titles = (sum(bool(cell.strip()) for cell in cells) <= 1 < usual for _, cells in lines)
    return next((at for at, title in enumerate(titles) if not title), 0)


def _separated(text: str) -> tuple[str, int, str]:
    """What parts the cells, how many lines stand before the header (Excel's "sep=;"), and the text without them."""
    first, _, rest = text.partition("\n")
    if (said := first.strip().removeprefix("sep=")) in SEPARATORS and first.startswith("sep="):
        return said, 1, rest
    head, *body = text.splitlines()[:LOOKED_AT]
    by_header = separator(head)
    least = {sign: min((line.count(sign) for line in body if line.strip()), default=0) for sign in SEPARATORS}
    often = max(least, key=lambda sign: least[sign])
    return (often if least[often] > least[by_header] and head.count(often) == 0 else by_header), 0, text


def _lines(file: Path, text: str, delimiter: str, skipped: int) -> tuple[Lines, list[DataError]]:
    """Cells by line. Where a quote is not closed the lines are read one by one, and those that have it are named."""
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        found = []
    if found and not _swallowed(found, delimiter):
        return list(enumerate(found, 1 + skipped)), []
    lines, damage = Lines(), list[DataError]()
    for number, line in enumerate(text.splitlines(), 1 + skipped):
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            damage.append(DataError("a quote that is not closed", Place(file=file, row=number), "close it, or take it out"))  # fmt: skip
            cells = line.replace('"', "").split(delimiter)
        lines.append((number, cells))
    return lines, damage


def _swallowed(lines: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether a cell holds whole lines of the table, by a quote that was opened and closed far below."""
    width = len(lines[0])
    return width > 1 and any(
        part.count(delimiter) >= width - 1 for line in lines for cell in line if "\n" in cell for part in cell.split("\n")
    )  # fmt: skip


def _decoded(file: Path, raw: bytes, encoding: str | None) -> tuple[str, list[DataError]]:
    """The text, read past another encoding than UTF-8 so that everything else can be reported too."""
    where = Place(file=file)
    if encoding is None and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"  # the mark says so for certain
    if encoding is None and (nothing := raw.count(0)) > len(raw) / 4:
        ends = "le" if raw[1::2].count(0) > nothing / 2 else "be"
        raise DataError("this is not a text file in UTF-8", where, f"export the table as CSV, UTF-8, or try --encoding utf-16-{ends}")  # fmt: skip
    try:
        text, damage = raw.decode(encoding or "utf-8-sig"), []
    except LookupError:
        raise DataError(
            f"no encoding is called {encoding!r}", where, "such as windows-1252, utf-16"
        ) from None
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        if encoding is not None:
            raise DataError(f"this is not a text file in {encoding}", where, "leave out --encoding") from None
        row, text = raw[:at].count(b"\n") + 1, raw.decode("windows-1252", errors="replace")
        line = text.splitlines()[row - 1]
        what = f"this is not a text file in UTF-8 (first in row {row})"
        damage = [DataError(what, where, f"export it as CSV, UTF-8, or, if row {row} reads {line[:60]!r}, --encoding windows-1252")]  # fmt: skip
    lines = text.splitlines()
    if (empty := _first(lines, ("\0",))) is not None:
        damage.append(DataError(f"bytes of nothing (NUL) stand in the text (first in row {empty})", where, "export the table again"))  # fmt: skip
    if (lost := _first(lines, ("\ufffd", *MIXED_UP))) is not None:
        what = f"letters were lost in an earlier change of encoding (first in row {lost})"
        damage.append(DataError(what, where, "export the table again, as UTF-8"))
    return text.replace("\0", ""), damage


def _first(lines: Sequence[str], signs: Sequence[str]) -> int | None:
    """The first row that holds one of these."""
    return next((n for n, line in enumerate(lines, 1) if any(sign in line for sign in signs)), None)
