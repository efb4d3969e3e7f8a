"""What is wrong with a trial's data, all of it at once, and what the data are: nothing is analysed before.

Each check gives one finding a fault, with row and column and what would be right. A finding is resolved in the file, or
its rows, person or score are excluded by name, or a row that is right as it stands is kept by name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.dates import wrong_dates
from limen.analysis.labels import alike, rows_kept, slips
from limen.analysis.longitudinal import Longitudinal
from limen.analysis.scores import impossible, in_rows, more_rows, not_numbers
from limen.analysis.sheet import Sheet, as_number, nearest
from limen.analysis.visits import VisitOrder, as_date, canonical, date_forms, in_order
from limen.cells import is_missing, is_unnamed
from limen.errors import DataError

HELD = "this column must not change within a person, unless rows are taken as they stand (--method mixed)"
TWO_ROLES = "give each role its own column; where a period has one score: --visit none"
LONE, MANY = 1, 10  # people at a visit that is a slip, where so many stand at the others
ONCE = "the score"  # what a visit is called where the file names none


@dataclass(frozen=True)
class Roles:
    """Which column is what. `control` is a value of the arm column; `factors` are covariates held as categories;
    `scale` names the outcome's register entry where the column's name does not; `keep` names rows that are right.
    Where rows are taken as they stand (`by_row`), the arm may change within a person from `period` to `period`, and
    `others` are columns that a formula names."""

    id: str
    visit: str | None
    arm: str
    control: str | None
    outcome: str
    baseline: str | None
    covariates: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    visit_order: tuple[str, ...] = ()
    visit_time: str | None = None
    scale: str | None = None
    keep: tuple[str, ...] = ()
    period: str | None = None
    sequence: str | None = None
    event: str | None = None
    others: tuple[str, ...] = ()
    by_row: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        single = (
            self.id,
            self.visit,
            self.arm,
            self.outcome,
            self.baseline,
            self.period,
            self.sequence,
            self.event,
        )
        named = tuple(column for column in single if column is not None)
        return (
            *named,
            *self.covariates,
            *self.factors,
            *(() if self.visit_time is None else (self.visit_time,)),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns of which no cell may be empty."""
        named = (self.id, self.visit, self.arm, self.period)
        return tuple(column for column in named if column is not None)

    @property
    def numeric(self) -> tuple[str, ...]:
        return (*self.scores, *self.covariates)

    @property
    def scores(self) -> tuple[str, ...]:
        return (self.outcome,) if self.baseline is None else (self.outcome, self.baseline)


class DataErrors(DataError):
    """Everything that was found in one file, reported at once."""

    def __init__(self, errors: Sequence[DataError], beside: Sequence[str] = ()):
        self.errors, self.beside = tuple(errors), tuple(beside)
        super().__init__(errors[0].what, errors[0].where, errors[0].remedy)

    def __str__(self) -> str:
        found = _together(self.errors)
        head = [f"the data are not analysed before {len(found)} findings are resolved, or excluded by name:"]
        one = [str(found[0])] if len(found) == 1 else [*head, *map(str, found)]
        return "\n".join([*one, *(f"beside it: {note}" for note in self.beside)])


def _together(errors: Sequence[DataError]) -> list[DataError]:
    """The findings, those that say the same of several rows as one."""
    by_words = dict[tuple[str, str | None, str | None], list[DataError]]()
    for error in errors:
        by_words.setdefault((error.what, error.where.column, error.remedy), []).append(error)
    return [
        first if not others else DataError(f"{first.what}{more_rows([o.where.row for o in others])}", first.where, first.remedy)
        for first, *others in by_words.values()
    ]  # fmt: skip


@dataclass(frozen=True)
class DataReport:
    """What the data are: people by arm, who was seen when, on which scale. `patterns` are from the first visit to the
    last, "o" seen and "." not; `beside` what is wrong in columns that are not used."""

    people: int
    arms: dict[str, int]
    order: VisitOrder
    seen: dict[str, int]
    patterns: tuple[tuple[str, int], ...]
    scale: str
    beside: tuple[str, ...] = ()

    @classmethod
    def of(cls, trial: Longitudinal, order: VisitOrder, scale: str) -> DataReport:
        there = np.isfinite(trial.outcome)
        patterns = Counter("".join("o" if seen else "." for seen in row) for row in there)
        return cls(
            len(trial.people), {arm: int((trial.arm == i).sum()) for i, arm in enumerate(trial.arms)}, order,
            dict(zip(trial.visits, there.sum(0).tolist(), strict=True)), tuple(patterns.most_common()), scale,
        )  # fmt: skip

    @classmethod
    def of_rows(
        cls,
        people: Sequence[str],
        owner: Int[np.ndarray, " rows"],
        table: Any,
        score: Float[np.ndarray, " rows"],
        order: VisitOrder,
        scale: str,
    ) -> DataReport:
        """Of rows as they stand: an arm counts who was ever in it, a visit those seen in any period."""
        there = np.isfinite(score)
        seen = np.zeros((len(people), len(order.visits)), bool)
        seen[owner[there], table["visit"].cat.codes.to_numpy()[there]] = True
        arms = {
            str(arm): len(set(owner[(table["arm"] == arm).to_numpy()].tolist()))
            for arm in table["arm"].cat.categories
        }
        patterns = Counter("".join("o" if one else "." for one in row) for row in seen)
        visits = dict(zip(order.visits, seen.sum(0).tolist(), strict=True))
        return cls(len(people), arms, order, visits, tuple(patterns.most_common()), scale)

    def lines(self) -> list[str]:
        arms = ", ".join(f"{arm} {count}" for arm, count in self.arms.items())
        most = ", ".join(f"{pattern} {count}" for pattern, count in self.patterns[:8])
        rest = f", and {len(self.patterns) - 8} rarer" if len(self.patterns) > 8 else ""
        return [
            f"{self.people} people ({arms}); {self.scale}", self.order.words(),
            f"seen: {', '.join(f'{visit} {count}' for visit, count in self.seen.items())}; patterns: {most}{rest}",
            *(f"note: {note} (a column that is not used)" for note in self.beside),
        ]  # fmt: skip


def refuse(sheet: Sheet, roles: Roles) -> None:
    """Raises DataErrors with every finding about the sheet; notes on columns nobody uses stand beside them."""
    found = list(sheet.damage)
    unusable = list(_columns(sheet, roles))
    if not unusable:
        for check in CHECKS:
            found += check(sheet, roles)
    if found or unusable:
        raise DataErrors([*found, *unusable], beside(sheet, roles))


def beside(sheet: Sheet, roles: Roles) -> tuple[str, ...]:
    """What is wrong in columns that nothing uses."""
    unused = [name for name in sheet.columns if name not in roles.columns and sheet.columns.count(name) == 1]
    errors = [error for column in unused for error in wrong_dates(sheet, column)]
    return tuple(f"{error.where}: {error.what}" for error in errors)


def order_of(sheet: Sheet, roles: Roles) -> VisitOrder:
    """The order of the visits that are not left out. Raises DataError where it cannot be told."""
    if roles.visit is None:
        return VisitOrder((ONCE,), "being the only one")
    left_out = {canonical(visit) for visit in roles.leave_out}
    everybody, every = sheet.cells(roles.id), [canonical(cell) for cell in sheet.cells(roles.visit)]
    kept = [
        i for i, label in enumerate(every) if label not in left_out and not is_missing(label) and everybody[i]
    ]
    times = None
    if roles.visit_time is not None:
        cells = sheet.cells(roles.visit_time)
        read = [as_number(cell) for cell in cells]
        forms = date_forms(cells)
        dated = [as_date(cell, forms) for cell in cells]
        days = [
            float(d[0].toordinal()) if d else math.nan if n is None else n
            for d, n in zip(dated, read, strict=True)
        ]
        times = (roles.visit_time, [days[i] for i in kept])
    try:
        return in_order([every[i] for i in kept], [everybody[i] for i in kept], roles.visit_order, times)
    except DataError as error:
        raise sheet.error(error.what, column=roles.visit, remedy=error.remedy) from None


def _columns(sheet: Sheet, roles: Roles) -> Iterator[DataError]:
    for column in dict.fromkeys((*roles.columns, *roles.others)):
        if column not in sheet.columns:
            yield sheet.no_column(column)
        elif roles.columns.count(column) > 1 and column != roles.visit_time:
            yield sheet.error(f"column {column!r} was given two roles", 1, column, TWO_ROLES)


def _labels(sheet: Sheet, roles: Roles) -> Iterator[DataError]:
    for column in roles.labels:
        empty = [
            row for row, cell in zip(sheet.numbers, sheet.cells(column), strict=True) if is_unnamed(cell)
        ]
        yield from in_rows(
            sheet, "this cell is empty", empty, column, "every row needs a person, a visit and an arm"
        )
    named = [column for column in (*roles.labels, *roles.factors) if column != roles.visit]
    yield from alike(sheet, named, roles.keep)
    for column in dict.fromkeys((roles.arm, *roles.factors)):
        yield from slips(sheet, column, roles.keep)
    if roles.visit is not None and any(as_number(cell) is None for cell in sheet.cells(roles.visit)):
        yield from alike(sheet, (roles.visit,), roles.keep)  # of numbers 4.0 and 4 are one visit


def _arms(sheet: Sheet, roles: Roles) -> Iterator[DataError]:
    arms = sorted({cell for cell in sheet.cells(roles.arm) if not is_unnamed(cell)})
    if roles.control is None:
        return  # nothing is compared
    if roles.control not in arms:
        remedy = f"arms in the file: {', '.join(arms[:8])}{' ...' if len(arms) > 8 else ''}"
        yield sheet.error(
            f"there is no arm {roles.control!r} to be the control", column=roles.arm, remedy=remedy
        )
    elif len(arms) < 2:
        yield sheet.error("there is only one arm: nothing to compare", column=roles.arm)


def _visits(sheet: Sheet, roles: Roles) -> Iterator[DataError]:
    if roles.visit is None:
        yield from _twice(sheet, roles, [ONCE] * len(sheet.rows))
        return
    labels = [canonical(cell) for cell in sheet.cells(roles.visit)]
    known = {label for label in labels if not is_missing(label)}
    left_out = {canonical(visit) for visit in roles.leave_out}
    for visit in sorted(left_out - known):
        yield sheet.error(f"there is no visit {visit!r} to leave out", column=roles.visit, remedy=nearest(visit, sorted(known)))  # fmt: skip
    if known <= left_out:
        yield sheet.error("every visit was left out", column=roles.visit, remedy="keep one at least")
        return
    yield from _twice(sheet, roles, labels)
    yield from _lone(sheet, roles, labels)
    yield from wrong_dates(sheet, roles.visit)
    if roles.visit_time is not None:
        yield from wrong_dates(sheet, roles.visit_time)
    try:
        order_of(sheet, roles)
    except DataError as error:
        yield error


def _lone(sheet: Sheet, roles: Roles, labels: Sequence[str]) -> Iterator[DataError]:
    """Visits at which one person was seen, where many were at every other."""
    kept, left_out = rows_kept(roles.keep), {canonical(visit) for visit in roles.leave_out}
    counts = Counter(label for label in labels if not is_missing(label) and label not in left_out)
    often = [visit for visit, count in counts.items() if count >= MANY]
    for visit, count in counts.items():
        row = sheet.numbers[labels.index(visit)]
        if count <= LONE and row not in kept and len(often) > 1:
            what = f"visit {visit!r} stands in this row alone, beside {', '.join(often[:5])}"
            yield sheet.error(what, row, roles.visit, f'correct it, --leave-out "{visit}", or --keep "row {row}"')  # fmt: skip


def _twice(sheet: Sheet, roles: Roles, labels: Sequence[str]) -> Iterator[DataError]:
    """Rows of one person at one visit (of one period; where rows are taken as they stand and no period is named, of one arm)."""
    met: dict[tuple[str, ...], int] = {}
    again = list[tuple[int, str]]()
    apart = roles.period or (roles.arm if roles.by_row else None)
    periods = [""] * len(labels) if apart is None else sheet.cells(apart)
    said = labels if roles.visit is None else sheet.cells(roles.visit)
    if roles.by_row and roles.visit is None and roles.period is None:
        return  # nothing says that a person has one row
    for row, person, period, label, cell in zip(sheet.numbers, sheet.cells(roles.id), periods, labels, said, strict=True):  # fmt: skip
        if not is_missing(person) and met.setdefault((person, period, label), row) != row:
            what = f"{roles.id} {person} has {'' if roles.visit is None else 'visit '}{cell} twice (first in row {met[person, period, label]})"
            again.append((row, what))
    if again:
        column = roles.visit or roles.id
        yield from in_rows(sheet, again[0][1], [row for row, _ in again], column, "keep one row per person and visit")  # fmt: skip


def _constant(sheet: Sheet, roles: Roles) -> Iterator[DataError]:
    """Columns that must not change within a person."""
    held = (roles.arm, roles.baseline, *roles.covariates, *roles.factors)
    for column in (roles.sequence,) if roles.by_row else held:
        if column is None:
            continue
        number = column in roles.numeric
        first: dict[str, tuple[object, int]] = {}
        moved: dict[str, tuple[int, object]] = {}
        for row, person, cell in zip(sheet.numbers, sheet.cells(roles.id), sheet.cells(column), strict=True):
            value = as_number(cell) if number else cell
            if value is None or (is_missing if number else is_unnamed)(cell) or is_unnamed(person):
                continue
            if first.setdefault(person, (value, row))[0] != value:
                moved.setdefault(person, (row, value))
        if moved:
            person, (row, value) = next(iter(moved.items()))
            held, where = first[person]
            others = [f"{who} ({value} in row {row})" for who, (row, value) in list(moved.items())[1:]]
            more = f" (and for {len(others)} more people: {', '.join(others[:5])}{' ...' if others[5:] else ''})" if others else ""  # fmt: skip
            yield sheet.error(f"{value} here, but {held} in row {where}, for the same person{more}", row, column, HELD)  # fmt: skip


CHECKS: tuple[Callable[[Sheet, Roles], Iterator[DataError]], ...] = (
    _labels, _arms, _visits, not_numbers, _constant, impossible,
)  # fmt: skip
