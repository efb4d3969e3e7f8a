"""A table in another shape as one with a row for each person and visit: several columns of scores in a row, the order of the
arms in a word, the baseline in a row of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any

from limen.analysis.sheet import Sheet, nearest
from limen.analysis.visits import canonical
from limen.cells import is_missing
from limen.errors import DataError, Place

NAMES = ("visit", "arm", "period")  # what a column of a wide table may hold one of


def reshaped(sheet: Sheet, told: dict[str, Any]) -> Sheet:
    """The sheet as `told` reads it; takes `wide`, `wide_as`, `order` and `baseline_visit` out of it, and names the roles of
    what it adds."""
    roles = told["roles"]
    wide, wide_as = told.pop("wide", ()), told.pop("wide_as", None) or "visit"
    if wide_as not in NAMES:
        raise DataError(f"a column cannot hold one {wide_as}", remedy=f"it holds one {', '.join(NAMES)}")
    sheet = longer(sheet, roles, wide, wide_as)
    if order := told.pop("order", ()):
        sheet = _in_order(sheet, roles, order)
    if (visit := told.pop("baseline_visit", None)) is not None:
        sheet = _with_baseline(sheet, roles, canonical(str(visit)))
        told["leave_out"] = (*told["leave_out"], str(visit))
    return sheet


def joined(sheet: Sheet, people: Sheet, person: str | None) -> Sheet:
    """With the columns of a table that has a row for each person; those of the same name stay as they are. Raises DataError
    where a person has no row there, or two."""
    key = person or next(
        (name for name in ("USUBJID", *sheet.columns) if name in sheet.columns and name in people.columns),
        None,
    )
    if key is None or key not in people.columns or key not in sheet.columns:
        raise people.error(
            f"there is no column {key!r} to know a person by",
            1,
            remedy="name one that both tables have: --id",
        )
    known = dict[str, tuple[int, tuple[str, ...]]]()
    for (number, cells), name in zip(people.rows, people.cells(key), strict=True):
        if name in known:
            raise people.error(
                f"{key} {name} stands here twice (first in row {known[name][0]})",
                number,
                key,
                "keep one row a person",
            )
        known[name] = number, cells
    added = [i for i, name in enumerate(people.columns) if name not in sheet.columns]
    for number, name in zip(sheet.numbers, sheet.cells(key), strict=True):
        if name not in known:
            raise sheet.error(f"{key} {name} has no row in {people.file}", number, key, "add it there")
    rows = tuple(
        (number, (*cells, *(known[name][1][i] for i in added)))
        for (number, cells), name in zip(sheet.rows, sheet.cells(key), strict=True)
    )
    return replace(sheet, columns=(*sheet.columns, *(people.columns[i] for i in added)), rows=rows)


def longer(sheet: Sheet, roles: dict[str, str], wide: Sequence[str], wide_as: str = "visit") -> Sheet:
    """A sheet with one row a person as one with a row a visit (or arm, or period): the columns `wide` hold one each, named
    "visit=column" or by what stands behind their common beginning. Names the roles where they are not."""
    if not wide:
        return sheet
    pairs = [
        tuple(part.strip() for part in one.split("=", 1)) if "=" in one else ("", one.strip()) for one in wide
    ]
    columns = [column for _, column in pairs]
    for column in columns:
        if column not in sheet.columns:
            raise sheet.no_column(column)
    shared = _beginning(columns)
    labels = [label or column[len(shared) :] or column for label, column in pairs]
    name, outcome = roles.setdefault(wide_as, wide_as), roles.setdefault("outcome", shared.rstrip("_. -") or "score")  # fmt: skip
    if wide_as != "visit":
        roles.setdefault("visit", "none")
    taken = next((one for one in (name, outcome) if one in sheet.columns and one not in columns), None)
    if taken is not None:
        raise sheet.error(f"there is a column {taken!r} already", 1, column=taken, remedy=f"name what it becomes with --{wide_as} and --outcome")  # fmt: skip
    kept = [i for i, column in enumerate(sheet.columns) if column not in columns]
    rows = tuple(
        (number, (*(cells[i] for i in kept), label, cells[sheet.columns.index(column)]))
        for number, cells in sheet.rows for label, column in zip(labels, columns, strict=True)
    )  # fmt: skip
    return replace(sheet, columns=(*(sheet.columns[i] for i in kept), name, outcome), rows=rows)


def _in_order(sheet: Sheet, roles: dict[str, str], said: Sequence[str]) -> Sheet:
    """With the period of each row, from its arm and what a sequence means ("AB=drug, placebo"); or its arm, from the period."""
    meant = dict[str, list[str]]()
    for one in said:
        word, _, arms = one.partition("=")
        meant[word.strip()] = [arm.strip() for arm in arms.split(",") if arm.strip()]
    sequence = roles.get("sequence")
    if sequence is None or sequence not in sheet.columns:
        raise sheet.error("what an order means is said, but not which column holds it", 1, remedy="name it: --sequence")  # fmt: skip
    by_arm = roles.get("arm") in sheet.columns
    known = roles["arm"] if by_arm else roles.get("period")
    if known is None or known not in sheet.columns:
        raise sheet.error("an order gives the period of an arm, or the arm of a period: neither is there", 1, remedy="name the column of one: --arm or --period")  # fmt: skip
    added = []
    for number, word, cell in zip(sheet.numbers, sheet.cells(sequence), sheet.cells(known), strict=True):
        arms = meant.get(word)
        if arms is None:
            raise sheet.error(f"nothing says what the order {word!r} means", number, sequence, f'say it: --order "{word}=first arm, second arm"')  # fmt: skip
        places = {arm: str(i) for i, arm in enumerate(arms, 1)}
        if by_arm and len(places) < len(arms):
            raise sheet.error(f"the order {word!r} has an arm twice, so an arm has no one period", number, sequence, "name the column of the period: --period")  # fmt: skip
        found = places if by_arm else {str(i): arm for i, arm in enumerate(arms, 1)}
        if canonical(cell) not in found:
            raise sheet.error(f"{cell!r} is not in the order {word!r}", number, known, f"it has: {', '.join(found)}")  # fmt: skip
        added.append(found[canonical(cell)])
    name = roles.setdefault("period" if by_arm else "arm", "period" if by_arm else "arm")
    return _with(sheet, name, added)


def _with_baseline(sheet: Sheet, roles: dict[str, str], visit: str) -> Sheet:
    """With each person's score at the visit `visit` as their baseline; of each period, where periods have one of their own."""
    if roles.get("baseline") not in (None, "none"):
        raise DataError("the baseline is a column, and a visit too", Place(file=sheet.file), "leave out --baseline or --baseline-visit")  # fmt: skip
    for role in ("id", "visit", "outcome"):
        if roles.get(role) not in sheet.columns:
            raise sheet.error(f"the visit of the baseline is named, but no column of the {role}", 1, remedy=f"columns: {', '.join(sheet.columns)}")  # fmt: skip
    labels = [canonical(cell) for cell in sheet.cells(roles["visit"])]
    if visit not in labels:
        known = sorted({label for label in labels if not is_missing(label)})
        raise sheet.error(f"there is no visit {visit!r} to be the baseline", column=roles["visit"], remedy=nearest(visit, known))  # fmt: skip
    people, scores = sheet.cells(roles["id"]), sheet.cells(roles["outcome"])
    periods = sheet.cells(roles["period"]) if roles.get("period") in sheet.columns else [""] * len(people)
    if len({period for period, label in zip(periods, labels, strict=True) if label == visit}) < 2:
        periods = [""] * len(people)
    held: Mapping[tuple[str, str], str] = {
        (person, period): score
        for person, period, label, score in zip(people, periods, labels, scores, strict=True)
        if label == visit
    }
    roles["baseline"] = "baseline"
    return _with(sheet, "baseline", [held.get(key, "") for key in zip(people, periods, strict=True)])


def _with(sheet: Sheet, name: str, cells: Sequence[str]) -> Sheet:
    if name in sheet.columns:
        raise sheet.error(f"there is a column {name!r} already", 1, column=name, remedy=f"if it holds that, name it: --{name}")  # fmt: skip
    rows = tuple((number, (*row, cell)) for (number, row), cell in zip(sheet.rows, cells, strict=True))
    return replace(sheet, columns=(*sheet.columns, name), rows=rows)


def _beginning(names: Sequence[str]) -> str:
    """What several names begin with."""
    if len(names) < 2:
        return ""
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in alike)
