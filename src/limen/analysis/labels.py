"""Labels of a table that may be one label written in two ways: of people, arms, visits, categories."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from limen.analysis.sheet import Sheet
from limen.cells import is_unnamed
from limen.errors import DataError

# Blanks, marks without a width, and the ".0" that a program puts behind a whole number.
UNSEEN = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+|(?<=\d)\.0+(?=\s*$)")
ZEROS = re.compile(r"(?<![\d.,])0+(?=\d)")  # those before a number, which a program takes away
SIMILAR, RARE = (
    0.75,
    0.1,
)  # how like two labels are where one is a slip, and how often a slip stands beside the other


def alike(sheet: Sheet, columns: Sequence[str], keep: Sequence[str] = ()) -> Iterator[DataError]:
    """Labels of these columns that differ by blanks, signs nobody sees, case, ".0" or zeros in front only; rows to `keep` are
    right as they stand."""
    kept = rows_kept(keep)
    for column in columns:
        cells, kinds = sheet.raw(column), dict[str, Counter[str]]()
        for cell in cells:
            kinds.setdefault(re.sub(UNSEEN, "", cell).casefold(), Counter())[cell] += 1
        yield from _written(sheet, column, cells, kinds, kept, "blanks, unseen marks, case or .0 only")
        usual = Counter[str]()
        for written in kinds.values():
            usual[written.most_common(1)[0][0]] += written.total()
        bare = dict[str, Counter[str]]()
        for cell, count in usual.items():
            bare.setdefault(re.sub(ZEROS, "", re.sub(UNSEEN, "", cell).casefold()), Counter())[cell] = count
        yield from _written(sheet, column, cells, bare, kept, "zeros in front only")


def _written(
    sheet: Sheet,
    column: str,
    cells: Sequence[str],
    kinds: dict[str, Counter[str]],
    kept: frozenset[int],
    by: str,
) -> Iterator[DataError]:
    for written in kinds.values():
        (usual, _), *others = written.most_common()
        for other, _ in others:
            row = sheet.numbers[cells.index(other)]
            if row not in kept:
                what = f"{_shown(other)} and {_shown(usual)} differ by {by}"
                yield sheet.error(what, row, column, f'write them alike, if they are the same, or --keep "row {row}"')  # fmt: skip


def slips(sheet: Sheet, column: str, keep: Sequence[str] = ()) -> Iterator[DataError]:
    """Labels that are few beside one that is nearly theirs, and has the same numbers."""
    cells, kept = sheet.cells(column), rows_kept(keep)
    counts = Counter(cell for cell in cells if not is_unnamed(cell))
    for label, count in counts.items():
        row = sheet.numbers[cells.index(label)]
        often = [other for other, n in counts.items() if count <= RARE * n]
        near = difflib.get_close_matches(label.casefold(), [other.casefold() for other in often], 1, SIMILAR)
        meant = next((other for other in often if near and other.casefold() == near[0]), None)
        if meant is None or row in kept or _same(label, meant) or _numbers(label) != _numbers(meant):
            continue
        what = f"{label!r} stands in {count} row{'s' * (count > 1)}, {meant!r} in {counts[meant]}: the same?"
        yield sheet.error(what, row, column, f'write them alike, if they are the same, or --keep "row {row}"')


def rows_kept(keep: Sequence[str]) -> frozenset[int]:
    """The numbers of rows that are right as they stand."""
    numbers = (row.removeprefix("row ").strip() for row in keep)
    return frozenset(int(number) for number in numbers if number.isdigit())


def _same(one: str, other: str) -> bool:
    """Whether `alike` has said it."""
    return re.sub(UNSEEN, "", one).casefold() == re.sub(UNSEEN, "", other).casefold()


def _numbers(label: str) -> list[str]:
    return re.findall(r"\d+", label)


def _shown(cell: str) -> str:
    """A label in quotes, with the code of every mark that nobody sees."""
    return ascii(cell) if UNSEEN.search(cell.replace(" ", "")) else repr(cell)
