"""A long CSV, one row per person and visit, as `Longitudinal`: refused with every finding named by row and column."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from limen.analysis.longitudinal import Longitudinal
from limen.analysis.sheet import Sheet, as_number, read_sheet
from limen.analysis.survey import ONCE, Roles, order_of, refuse
from limen.analysis.visits import canonical
from limen.cells import is_unnamed

__all__ = ["Roles", "Sheet", "read_long", "read_sheet"]


def read_long(sheet: Sheet, roles: Roles) -> Longitudinal:
    """The trial a sheet holds. Raises DataErrors, with file, row and column, for anything that does not fit."""
    refuse(sheet, roles)
    visits = order_of(sheet, roles).visits
    owners, labels = sheet.cells(roles.id), labels_of(sheet, roles)
    people = tuple(dict.fromkeys(owners))
    row_of = {person: i for i, person in enumerate(people)}
    owner = [row_of[person] for person in owners]
    outcome = np.full((len(people), len(visits)), np.nan)
    for person, label, value in zip(owner, labels, numbers(sheet, roles.outcome), strict=True):
        if label in visits:
            outcome[person, visits.index(label)] = value
    control = sheet.cells(roles.arm)[0] if roles.control is None else roles.control
    arms = sorted(set(sheet.cells(roles.arm)) - {control})
    held = _per_person(sheet.cells(roles.arm), owner, len(people))
    names, columns, reference = _covariates(sheet, roles, owner, len(people))
    arms = (control, *arms)
    baseline = np.zeros(len(people))
    if roles.baseline is not None:
        baseline = np.array(_per_person(numbers(sheet, roles.baseline), owner, len(people)), float)
    return Longitudinal(
        people, visits, arms, outcome, np.array([arms.index(arm) for arm in held]), baseline, columns, names, reference
    )  # fmt: skip


def labels_of(sheet: Sheet, roles: Roles) -> list[str]:
    """The visit of every row."""
    if roles.visit is None:
        return [ONCE] * len(sheet.rows)
    return [canonical(cell) for cell in sheet.cells(roles.visit)]


def numbers(sheet: Sheet, column: str) -> list[float]:
    """A column as numbers, NaN where one is missing."""
    return [math.nan if (x := as_number(cell)) is None else x for cell in sheet.cells(column)]


def _per_person(values: Sequence, owner: list[int], people: int) -> list:
    """The one value each person has, rows where it is missing aside."""
    held: list = [math.nan] * people
    for value, person in zip(values, owner, strict=True):
        if not isinstance(value, float) or not math.isnan(value):
            held[person] = value
    return held


def _covariates(
    sheet: Sheet, roles: Roles, owner: list[int], people: int
) -> tuple[tuple[str, ...], np.ndarray, tuple[float, ...]]:
    """Columns of covariates. A category gives one column per level after the first and is averaged with equal
    weights in least-squares means; a number is averaged over observations (NaN in `reference`)."""
    names: list[str] = list(roles.covariates)
    columns = [np.array(_per_person(numbers(sheet, c), owner, people), float) for c in roles.covariates]
    reference = [math.nan] * len(names)
    for column in roles.factors:
        cells = [math.nan if is_unnamed(cell) else cell for cell in sheet.cells(column)]
        held = _per_person(cells, owner, people)
        levels = sorted({value for value in held if isinstance(value, str)})
        if len(levels) < 2:
            raise sheet.error("a factor needs two categories or more", column=column, remedy="leave it out")
        for level in levels[1:]:
            names.append(f"{column}={level}")
            columns.append(np.array([float(v == level) if isinstance(v, str) else math.nan for v in held]))
            reference.append(1 / len(levels))
    stacked = np.column_stack(columns) if columns else np.zeros((people, 0))
    return tuple(names), stacked, tuple(reference)
