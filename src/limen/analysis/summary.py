"""Several visits of a person as one number for each arm (and period): the mean, the peak, the area under the curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

from limen.analysis.sheet import Sheet, as_number
from limen.analysis.survey import Roles, order_of
from limen.analysis.visits import canonical
from limen.cells import is_missing
from limen.errors import DataError

Course = list[tuple[float, float]]  # times and scores, in order


def _area(course: Course) -> float:
    if len(course) < 2:
        return math.nan
    return math.fsum((t - s) * (x + y) / 2 for (s, x), (t, y) in pairwise(course))


SUMMARIES: Mapping[str, Callable[[Course], float]] = {
    "mean": lambda course: math.fsum(y for _, y in course) / len(course),
    "max": lambda course: max(y for _, y in course),
    "min": lambda course: min(y for _, y in course),
    "last": lambda course: course[-1][1],
    "auc": _area,
}


def summarised(sheet: Sheet, roles: Mapping[str, str], known: Roles, how: str) -> Sheet:
    """One row for each person, arm and period, whose score is `how` of the visits seen; other cells are those of the first
    row. Raises DataError for a summary that is not known, and for an area without times."""
    if how not in SUMMARIES:
        raise DataError(f"there is no summary {how!r}", remedy=f"one of {', '.join(SUMMARIES)}")
    if known.visit is None:
        raise sheet.error("visits are to be summarised, but no column of them is named", 1, remedy="name it: --visit")  # fmt: skip
    order = order_of(sheet, known)
    labels = [canonical(cell) for cell in sheet.cells(known.visit)]
    sheet = sheet.keep([label in order.visits for label in labels])
    labels = [label for label in labels if label in order.visits]
    if how == "auc" and not order.days:
        raise sheet.error("an area needs times, and these visits have none", column=roles["visit"], remedy="visits with numbers or units, such as 2 h")  # fmt: skip
    times = order.days or tuple(map(float, range(len(order.visits))))
    keys = list(zip(*(sheet.cells(roles[r]) for r in ("id", "arm", "period") if roles.get(r) in sheet.columns), strict=True))  # fmt: skip
    held, first = dict[tuple[str, ...], dict[float, float]](), dict[tuple[str, ...], int]()
    for place, (key, label, cell) in enumerate(zip(keys, labels, sheet.cells(roles["outcome"]), strict=True)):
        first.setdefault(key, place)
        mine, number = held.setdefault(key, {}), sheet.numbers[place]
        if is_missing(cell):
            continue
        if (value := as_number(cell)) is None:
            raise sheet.error(
                f"{cell!r} is no number", number, roles["outcome"], "mend it, or leave the row out"
            )
        at = times[order.visits.index(label)]
        mine[at] = value
    column = sheet.columns.index(roles["outcome"])
    rows = list[tuple[int, tuple[str, ...]]]()
    for key, place in first.items():
        number, cells = sheet.rows[place]
        made = SUMMARIES[how](sorted(held[key].items())) if held[key] else math.nan
        rows.append((number, (*cells[:column], "" if math.isnan(made) else repr(made), *cells[column + 1 :])))
    return replace(
        sheet, rows=tuple(rows), read_as=f"{sheet.read_as}; a score is the {how} of the visits seen"
    )
