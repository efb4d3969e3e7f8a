"""Columns of dates: what is no date, no day there is, written in several ways, or far from all the others."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from limen.analysis.scores import in_rows
from limen.analysis.sheet import Sheet
from limen.analysis.visits import DATES, as_date, date_forms
from limen.cells import is_missing
from limen.errors import DataError

LOOKS = re.compile(r"\d[-/.]\w+[-/.]\d|\d[A-Za-z]{3}\d")
MOST = 0.5  # the share of a column that are dates where the others should be
FAR = 10 * 365.25  # days from the middle of a column's dates: longer than trials are
WRITE = "write every date as 2026-01-31"


def wrong_dates(sheet: Sheet, column: str) -> Iterator[DataError]:
    """Every finding about a column that holds dates; none about another."""
    there = [(row, cell) for row, cell in zip(sheet.numbers, sheet.cells(column), strict=True) if not is_missing(cell)]  # fmt: skip
    dates = [(row, cell) for row, cell in there if LOOKS.search(cell) and as_date(cell) is not None]
    if not dates:
        return
    yield from _forms(sheet, column, dates)
    if len(dates) < MOST * len(there):
        return
    known = {row for row, _ in dates}
    others = [(row, cell) for row, cell in there if row not in known]
    if others:
        what = "not a date, or no day that there is: " + ", ".join(repr(cell) for cell in dict.fromkeys(cell for _, cell in others[:6]))  # fmt: skip
        yield from in_rows(sheet, what, [row for row, _ in others], column, WRITE)
    forms = date_forms(cell for _, cell in dates) or DATES
    days = np.array([float(found[0].toordinal()) for _, cell in dates if (found := as_date(cell, forms))])
    far = [at for at in np.flatnonzero(np.abs(days - np.median(days)) > FAR).tolist()]
    if far:
        what = f"{dates[far[0]][1]} is more than {FAR / 365.25:.0f} years from the other dates"
        yield from in_rows(sheet, what, [dates[at][0] for at in far], column, "correct it")


def _forms(sheet: Sheet, column: str, dates: list[tuple[int, str]]) -> Iterator[DataError]:
    """Dates of one column in several forms, or in one that may be read two ways."""
    forms = date_forms(cell for _, cell in dates)
    if not forms:
        first = dict[str, int]()
        for row, cell in dates:
            first.setdefault((as_date(cell) or ("", ""))[1], row)
        if len(first) == 1:  # one form as far as each goes, and yet no one reading of all
            row = next(row for row, cell in dates if as_date(cell, DATES[3:4]) is None)
            first["month first"] = row
        rows = ", ".join(f"row {row}" for row in first.values())
        yield sheet.error(f"dates are written in {len(first)} ways ({rows})", sorted(first.values())[1], column, WRITE)  # fmt: skip
    elif len(forms) > 1:
        yield sheet.error("day and month of a date such as 03/04/2026 cannot be told apart", dates[0][0], column, WRITE)  # fmt: skip
