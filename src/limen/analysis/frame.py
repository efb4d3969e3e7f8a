"""Rows as they stand, for models that take them so: the condition may change within a person, covariates from row to row.

Columns have the names of their roles (`arm`, `visit`, `baseline`, `period`, `sequence`) and those of the file; `time` is
a visit's, and `carryover` the arm of the period before ("none" in the first).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis.effects import Table
from limen.analysis.sheet import Sheet, as_number
from limen.analysis.survey import Roles, order_of, refuse
from limen.analysis.table import labels_of, numbers
from limen.analysis.visits import VisitOrder
from limen.cells import is_unnamed

if TYPE_CHECKING:
    import pandas as pd

NAMED = ("arm", "visit", "baseline", "period", "sequence")


@dataclass(frozen=True)
class Frame:
    """`table` holds every row of a visit that was not left out, NaN where something is missing; `score` is its outcome.
    `owner` indexes `people`."""

    table: Table
    score: Float[np.ndarray, " rows"]
    people: tuple[str, ...]
    owner: Int[np.ndarray, " rows"]
    arms: tuple[str, ...]
    order: VisitOrder
    roles: Roles

    def complete(self, names: Sequence[str]) -> Bool[np.ndarray, " rows"]:
        """Rows with a score and a value in every column of `names`."""
        return np.isfinite(self.score) & self.table[list(names)].notna().all(axis=1).to_numpy()

    def of(self, rows: Bool[np.ndarray, " rows"]) -> Frame:
        """These rows, without the levels and people that are in none of them."""
        import pandas as pd

        table: Table = self.table[rows].reset_index(drop=True)
        for name in table.columns:
            if isinstance(table[name].dtype, pd.CategoricalDtype):
                table[name] = table[name].cat.remove_unused_categories()
        kept, owner = np.unique(self.owner[rows], return_inverse=True)
        people = tuple(self.people[i] for i in kept)
        arms = tuple(map(str, table["arm"].cat.categories))
        return Frame(table, self.score[rows], people, owner.ravel(), arms, self.order, self.roles)

    @property
    def within(self) -> bool:
        """Whether the condition changes within a person."""
        pairs = {*zip(self.owner.tolist(), self.table["arm"], strict=True)}
        return len(pairs) > len(self.people)


def read_rows(sheet: Sheet, roles: Roles) -> Frame:
    """The rows of a sheet. Raises DataErrors, with file, row and column, for anything that does not fit."""
    import pandas as pd

    refuse(sheet, roles)
    order = order_of(sheet, roles)
    labels = labels_of(sheet, roles)
    sheet = sheet.keep([label in order.visits for label in labels])
    labels = [label for label in labels if label in order.visits]
    columns: dict[str, pd.Series] = {}
    for name in dict.fromkeys((*roles.covariates, *roles.factors, *roles.others)):
        columns[name] = _column(sheet, name, name in roles.factors)
    columns["arm"] = _factor(sheet.cells(roles.arm), roles.control)
    columns["visit"] = pd.Series(pd.Categorical(labels, categories=list(order.visits)))
    if roles.baseline is not None:
        columns["baseline"] = pd.Series(numbers(sheet, roles.baseline))
    for role in ("period", "sequence"):
        if (column := getattr(roles, role)) is not None:
            columns[role] = _factor(sheet.cells(column))
    if roles.event is not None:
        columns["event"] = pd.Series(numbers(sheet, roles.event))
    days = order.days or tuple(float(i) for i in range(len(order.visits)))
    columns["time"] = pd.Series([days[order.visits.index(label)] for label in labels])
    owners = sheet.cells(roles.id)
    people = tuple(dict.fromkeys(owners))
    number = {person: i for i, person in enumerate(people)}
    owner = np.array([number[person] for person in owners], int)
    columns["carryover"] = _before(owner, columns["arm"], columns.get("period", columns["visit"]))
    score = np.array(numbers(sheet, roles.outcome), float)
    arms = tuple(map(str, columns["arm"].cat.categories))
    return Frame(pd.DataFrame(columns), score, people, owner, arms, order, roles)


def _column(sheet: Sheet, name: str, categories: bool) -> pd.Series:
    import pandas as pd

    cells = sheet.cells(name)
    if categories or any(as_number(cell) is None for cell in cells):
        return _factor(cells)
    return pd.Series(numbers(sheet, name))


def _factor(cells: Sequence[str], first: str | None = None) -> pd.Series:
    """Categories in the order of numbers or letters, `first` before the others."""
    import pandas as pd

    known = {cell for cell in cells if not is_unnamed(cell)}
    read = {cell: as_number(cell) for cell in known}
    numeric = all(number is not None for number in read.values())
    levels = sorted(known, key=lambda cell: (cell != first, read[cell] if numeric else 0.0, cell))
    return pd.Series(pd.Categorical([None if is_unnamed(c) else c for c in cells], categories=levels))


def _before(owner: Int[np.ndarray, " rows"], arm: pd.Series, period: pd.Series) -> pd.Series:
    import pandas as pd

    place = period.cat.codes.to_numpy()
    held = dict[int, dict[int, str]]()
    for one, p, a in zip(owner.tolist(), place.tolist(), arm, strict=True):
        held.setdefault(one, {})[p] = a
    before = {
        (one, p): "none" if i == 0 else periods[sorted(periods)[i - 1]]
        for one, periods in held.items() for i, p in enumerate(sorted(periods))
    }  # fmt: skip
    values = [before[key] for key in zip(owner.tolist(), place.tolist(), strict=True)]
    return pd.Series(pd.Categorical(values, categories=["none", *arm.cat.categories]))
