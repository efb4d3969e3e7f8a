"""Whether the scores of a table can be: numbers, on their scale, no code for a missing value, all in one unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from limen.analysis.sheet import Sheet, as_number, nearest
from limen.cells import is_missing
from limen.errors import DataError
from limen.protocol.outcomes import OUTCOMES

CODES = frozenset({-1.0, -9.0, -99.0, -999.0, -9999.0, 9.0, 99.0, 999.0, 9999.0, 88.0, 888.0, 77.0, 777.0})
FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)
FAR, NEAR = 5.0, 2.5  # robust SDs: what no score is from the median, and what most are
WHOLE = 0.02  # the share of scores with decimals that are slips where the others are whole
CHANGE = re.compile(r"chg|change|cfb|delta|diff", re.IGNORECASE)

Places = list[tuple[int, float]]


@runtime_checkable
class ScoreColumns(Protocol):
    """What says which columns hold scores: `scale` names the register's entry where the column's name does not, `keep`
    rows that are right, `covariates` other columns of numbers."""

    @property
    def outcome(self) -> str | None: ...
    @property
    def scores(self) -> tuple[str, ...]: ...
    @property
    def covariates(self) -> tuple[str, ...]: ...
    @property
    def scale(self) -> str | None: ...
    @property
    def keep(self) -> tuple[str, ...]: ...


def scale_of(roles: ScoreColumns) -> str | None:
    """The registered outcome that is measured: named, or told by the name of the column. Raises DataError for a name
    that is not registered."""
    if roles.scale is not None:
        if roles.scale.lower() not in OUTCOMES:
            raise DataError(
                f"no scale {roles.scale!r} is registered", remedy=nearest(roles.scale, list(OUTCOMES))
            )
        return roles.scale.lower()
    name = re.sub(r"[^a-z0-9]", "", (roles.outcome or "").lower())
    return max(
        (key for key in OUTCOMES if name.startswith(re.sub(r"[^a-z0-9]", "", key))), key=len, default=None
    )


def scale_words(roles: ScoreColumns) -> str:
    """What is known of the outcome's scale, in words."""
    name, outcome = scale_of(roles), roles.outcome or ""
    if name is None:
        return f"limen knows no scale by the name {outcome}, so impossible scores were not looked for (--scale names one)"
    scale, kind = OUTCOMES[name], "change of the " if CHANGE.search(outcome) else ""
    return f"{outcome}: {kind}{scale.full_name}, {scale.low:g} to {scale.high:g}"


def not_numbers(sheet: Sheet, roles: ScoreColumns) -> Iterator[DataError]:
    """Cells of scores and covariates that hold no number, one finding for each way to mend them."""
    for column in (*roles.scores, *roles.covariates):
        cells = sheet.cells(column)
        if column in roles.covariates and not any(
            as_number(cell) is not None for cell in cells if not is_missing(cell)
        ):
            yield sheet.error(f"{cells[0]!r} is not a number", sheet.numbers[0], column, f"if it holds categories, give it as --factor {column}")  # fmt: skip
            continue
        if all(is_missing(cell) for cell in cells):
            yield sheet.error(
                "the column holds no number at all", column=column, remedy="is this the right column?"
            )
        wrong: dict[str, list[tuple[int, str]]] = {}
        for row, cell in zip(sheet.numbers, cells, strict=True):
            if as_number(cell) is None:
                wrong.setdefault(_mended(cell), []).append((row, cell))
        for remedy, places in wrong.items():
            (row, first), *others = places
            more = [str(n) if cell == first else f"{n} {cell!r}" for n, cell in others]
            yield sheet.error(f"{first!r} is not a number{more_rows(more)}", row, column, remedy)


def _mended(cell: str) -> str:
    if re.fullmatch(r"-?\d+,\d+", cell):
        return f"write a point for the decimal: {cell.replace(',', '.')}"
    if re.fullmatch(r"-?\d{1,3}([.,' ]\d{3})+([.,]\d+)?", cell):
        return "write it without signs between the thousands, and with a point for the decimal"
    if re.fullmatch(r"[<>≤≥]=? ?-?\d+([.,]\d+)?", cell):
        return "a limit is no score: write the number that it stands for, or leave it empty"
    if re.fullmatch(r"-?\d+([.,]\d+)? ?[a-zA-Zµ%]+", cell):
        return "a unit stands in the cell: write the number alone, every one in the same unit"
    if re.fullmatch(r"[−–—‐‑]\s?\d+([.,]\d+)?", cell):
        return "the sign in front is a dash, not a minus"
    if re.fullmatch(r"#[A-Z0-9/]+[!?]?", cell):
        return "a spreadsheet's error: mend its formula, or leave the cell empty"
    if re.fullmatch(r"['`´]-?\d+([.,]\d+)?", cell):
        return "a mark in front makes it text: take it out"
    if re.search(r"\d", cell):
        return "write the number alone: a sign or a remark needs a column of its own"
    return "leave a missing value empty, or write NA"


def impossible(sheet: Sheet, roles: ScoreColumns) -> Iterator[DataError]:
    """Scores off the scale, codes of missing values, and scores that another unit would explain."""
    try:
        name = scale_of(roles)
    except DataError as error:
        yield error
        return
    scale = None if name is None else OUTCOMES[name]
    kept = {row.removeprefix("row ").strip() for row in roles.keep}
    for column in (*roles.scores, *roles.covariates):
        read = [(row, x) for row, cell in zip(sheet.numbers, sheet.cells(column), strict=True)
                if (x := as_number(cell)) is not None and not math.isnan(x) and str(row) not in kept]  # fmt: skip
        if column in roles.covariates:
            yield from _codes(sheet, column, read)
            continue
        off = dict[float, list[int]]()
        if scale is not None:
            change = column == roles.outcome and CHANGE.search(column) is not None
            low, high = (scale.low - scale.high, scale.high - scale.low) if change else scale.bounds
            for row, x in read:
                if not low <= x <= high:
                    off.setdefault(x, []).append(row)
            for x, rows in off.items():
                what = f"{x:g} is no possible score: {scale.full_name} runs from {low:g} to {high:g}"
                yield from in_rows(sheet, what, rows, column, f'correct it, or --exclude "score {x:g}"')
        left = [(row, x) for row, x in read if x not in off]
        yield from _codes(sheet, column, left)
        yield from _other_units(sheet, column, left)
        if scale is not None:
            yield from _broken(sheet, column, left)


def _strangers(read: Places) -> tuple[Places, float, float]:
    """Values that stand apart from all usual ones, the median, and the robust SD around it."""
    values = np.array([x for _, x in read])
    if len(values) < 10:
        return [], math.nan, math.nan
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    if spread == 0:
        return [], middle, spread
    usual = values[np.abs(values - middle) <= FAR * spread]
    return [(row, x) for row, x in read if np.abs(usual - x).min() > spread], middle, spread


def _codes(sheet: Sheet, column: str, read: Places) -> Iterator[DataError]:
    found = dict[float, list[int]]()
    for row, x in _strangers(read)[0]:
        if x in CODES:
            found.setdefault(x, []).append(row)
    for x, rows in found.items():
        remedy = f'leave a missing value empty, --exclude "score {x:g}", or --keep "row {rows[0]}"'
        yield from in_rows(sheet, f"{x:g} looks like a code for a missing value", rows, column, remedy)


def _broken(sheet: Sheet, column: str, read: Places) -> Iterator[DataError]:
    """A few scores with decimals, where all others are whole."""
    broken = [(row, x) for row, x in read if x != int(x)]
    if len(read) >= 20 and 0 < len(broken) <= WHOLE * len(read):
        what = f"{broken[0][1]:g} is no whole number, and {len(read) - len(broken)} others are"
        remedy = f'correct it, or --keep "row {broken[0][0]}"'
        yield from in_rows(sheet, what, [row for row, _ in broken], column, remedy)


def _other_units(sheet: Sheet, column: str, read: Places) -> Iterator[DataError]:
    strange, middle, spread = _strangers(read)
    found = dict[float, list[tuple[int, float]]]()
    for row, x in strange:
        factor = next((f for f in FACTORS if abs(x / f - middle) <= NEAR * spread), None)
        if x not in CODES and factor is not None:
            found.setdefault(factor, []).append((row, x))
    for factor, places in found.items():
        what = f"{places[0][1]:g} is {factor:g} times what the others are about: another unit?"
        remedy = f'write it in the unit of the others, or --keep "row {places[0][0]}"'
        yield from in_rows(sheet, what, [row for row, _ in places], column, remedy)


def in_rows(
    sheet: Sheet, what: str, rows: Sequence[int], column: str, remedy: str | None
) -> Iterator[DataError]:
    """One finding for all the rows that have it; none where no row has."""
    if rows:
        yield sheet.error(f"{what}{more_rows(rows[1:])}", rows[0], column, remedy)


def more_rows(rows: Sequence[object]) -> str:
    """Beside the first row, the others that have a finding."""
    if not rows:
        return ""
    return f" (and in {len(rows)} more rows: {', '.join(map(str, rows[:5]))}{' ...' if rows[5:] else ''})"
