"""Guesses of the arm from a table, long or wide: who guessed what, when, and with which score. Words are read; a code is
given its meaning by whoever asks, and what is neither is refused by row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis.labels import alike, slips
from limen.analysis.scores import impossible, in_rows, not_numbers
from limen.analysis.sheet import Sheet, as_number, is_missing
from limen.analysis.survey import DataErrors
from limen.analysis.visits import canonical, in_order
from limen.cells import is_unnamed
from limen.errors import DataError

MEANINGS = ("active", "placebo", "unknown", "right", "wrong")
WORDS: Mapping[str, str] = {
    "active": r"active|drug|treatment|study drug|verum|real|microdose|psychedelic|experimental|intervention",
    "placebo": r"placebo|pbo|plc|control|inactive|sham|dummy|inert",
    "unknown": r"(?:i )?(?:do not|don'?t|dont|cannot|can'?t) (?:know|tell|say)|dk|d/k|unsure|not sure|unknown|uncertain|no idea|undecided|\?",
    "right": r"(?:guessed )?(?:correct(?:ly)?|right(?:ly)?)",
    "wrong": r"(?:guessed )?(?:incorrect(?:ly)?|wrong(?:ly)?)",
}


TOGETHER = "all times"


@dataclass(frozen=True)
class GuessRoles:
    """Which column is what. Several columns in `guess` are a wide table, one time each. `said` gives codes their meaning:
    "active", "placebo", "unknown", or, of the arm that a person was on, "right" or "wrong". `scale` and `keep` are as in
    `Roles`."""

    arm: str
    control: str
    guess: tuple[str, ...]
    id: str | None = None
    visit: str | None = None
    outcome: str | None = None
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    visit_order: tuple[str, ...] = ()
    scale: str | None = None
    keep: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()

    @property
    def scores(self) -> tuple[str, ...]:
        return () if self.outcome is None else (self.outcome,)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(c for c in (self.arm, *self.guess, self.id, self.visit, self.outcome) if c is not None)


@dataclass(frozen=True)
class Guesses:
    """Guesses of one time: `guess` is 1 active, 0 placebo, NaN do not know; who was not `asked` left the cell empty. `arm`
    indexes the arms, the control first; a missing `outcome` is NaN."""

    time: str
    arm: Int[np.ndarray, " people"]
    guess: Float[np.ndarray, " people"]
    asked: Bool[np.ndarray, " people"]
    outcome: Float[np.ndarray, " people"]
    person: Int[np.ndarray, " people"]

    @classmethod
    def together(cls, times: Sequence[Guesses]) -> Guesses:
        """Every time as one."""
        arm, guess, asked, outcome, person = (
            np.concatenate([getattr(one, name) for one in times])
            for name in ("arm", "guess", "asked", "outcome", "person")
        )
        return cls(TOGETHER, arm, guess, asked, outcome, person)


@dataclass(frozen=True)
class Read:
    """What a table said: arms (the control first), guesses by time in order, and in words what was not read and how the rest was."""

    arms: tuple[str, ...]
    times: tuple[Guesses, ...]
    notes: tuple[str, ...]


def read_guesses(sheet: Sheet, roles: GuessRoles) -> Read:
    """The guesses of a sheet. Raises DataErrors with every finding, by row and column, and what would be right."""
    unusable = list(_columns(sheet, roles))
    found = [*sheet.damage, *(unusable or _findings(sheet, roles))]
    if found:
        raise DataErrors(found)
    arms = (roles.control, *sorted(set(sheet.cells(roles.arm)) - {roles.control}))
    index = np.array([arms.index(cell) for cell in sheet.cells(roles.arm)])
    scores = np.full(len(index), math.nan)
    if roles.outcome is not None:
        scores = np.array([as_number(cell) for cell in sheet.cells(roles.outcome)], float)
    owners = sheet.cells(roles.id) if roles.id else [str(n) for n in range(len(index))]
    people = {owner: i for i, owner in enumerate(dict.fromkeys(owners))}
    person = np.array([people[owner] for owner in owners])
    if roles.visit is None:
        times = [
            _time(name, np.arange(len(index)), sheet.cells(name), (index, scores, person), (roles, arms))
            for name in roles.guess
        ]
        return Read(arms, tuple(times), tuple(_notes(sheet, roles, times, "")))
    labels, cells = [canonical(cell) for cell in sheet.cells(roles.visit)], sheet.cells(roles.guess[0])
    order = in_order(
        labels, sheet.cells(roles.id) if roles.id else [str(n) for n in sheet.numbers], roles.visit_order
    )
    times = []
    for label in order.visits:
        rows = np.array([i for i, one in enumerate(labels) if one == label])
        name = label if as_number(label) is None else f"{roles.visit} {label}"
        times.append(_time(name, rows, [cells[i] for i in rows], (index, scores, person), (roles, arms)))
    return Read(arms, tuple(times), tuple(_notes(sheet, roles, times, order.words())))


def _time(
    label: str, rows: np.ndarray, cells: Sequence[str], columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    by: tuple[GuessRoles, tuple[str, ...]],
) -> Guesses:  # fmt: skip
    arm, scores, person = columns
    meant = [meaning(cell, *by) for cell in cells]
    value = {"active": 1.0, "placebo": 0.0}
    mine = (arm[rows] > 0).astype(float).tolist()
    guess = np.array([
        here if one == "right" else 1.0 - here if one == "wrong" else value.get(one or "", math.nan)
        for one, here in zip(meant, mine, strict=True)
    ])  # fmt: skip
    return Guesses(
        label,
        arm[rows],
        guess,
        np.array([one is not None for one in meant], bool),
        scores[rows],
        person[rows],
    )


def meaning(cell: str, roles: GuessRoles, arms: Sequence[str] = ()) -> str | None:
    """One of `MEANINGS`; None for an empty cell, "" for what is not understood. A code that was given goes
    before a word, and a word before the name of an arm."""
    word = re.sub(r"[\s_]+", " ", cell.replace("\u2019", "'")).strip().casefold()
    for means, codes in roles.said.items():
        if any(canonical(word) == canonical(code.strip().casefold()) for code in codes):
            return means
    if is_missing(cell):
        return None
    for means, pattern in WORDS.items():
        if re.fullmatch(pattern, word):
            return means
    for arm in arms:
        if word == arm.casefold() and as_number(arm) is None:  # a number may count anything
            return "placebo" if arm == roles.control else "active"
    return ""


def _columns(sheet: Sheet, roles: GuessRoles) -> Iterator[DataError]:
    for column in dict.fromkeys(roles.columns):
        if column not in sheet.columns:
            yield sheet.no_column(column)
        elif roles.columns.count(column) > 1:
            yield sheet.error(f"column {column!r} was given two roles", 1, column, "give each its own column")
    if len(roles.guess) > 1 and roles.visit is not None:
        yield sheet.error("several columns of guesses and a column of visits", 1, remedy="a wide table has the first, a long one the second")  # fmt: skip
    for means in set(roles.said) - set(MEANINGS):
        yield sheet.error(f"a guess cannot mean {means!r}", remedy=f"it means {', '.join(MEANINGS)}")


def _findings(sheet: Sheet, roles: GuessRoles) -> Iterator[DataError]:
    labels = tuple(c for c in (roles.id, roles.visit, roles.arm) if c is not None)
    for column in labels:
        empty = [
            row for row, cell in zip(sheet.numbers, sheet.cells(column), strict=True) if is_unnamed(cell)
        ]
        if empty:
            more = f" (and in {len(empty) - 1} more rows)" if empty[1:] else ""
            yield sheet.error(
                f"this cell is empty{more}", empty[0], column, "fill it, or leave the row out: --exclude"
            )
    yield from alike(sheet, labels, roles.keep)
    yield from slips(sheet, roles.arm, roles.keep)
    arms = sorted({cell for cell in sheet.cells(roles.arm) if not is_unnamed(cell)})
    if roles.control not in arms:
        yield sheet.error(f"there is no arm {roles.control!r} to be the control", column=roles.arm, remedy=f"arms in the file: {', '.join(arms[:8])}")  # fmt: skip
    elif len(arms) < 2:
        yield sheet.error("there is only one arm: nobody could guess wrong", column=roles.arm)
    yield from _unread(sheet, roles, arms)
    if all(is_missing(cell) for column in roles.guess for cell in sheet.cells(column)):
        yield sheet.error("nobody was asked: the column is empty", column=roles.guess[0], remedy="is this the right column?")  # fmt: skip
    yield from _twice(sheet, roles)
    yield from not_numbers(sheet, roles)
    yield from impossible(sheet, roles)


def _unread(sheet: Sheet, roles: GuessRoles, arms: Sequence[str]) -> Iterator[DataError]:
    """One finding for each word or code that nobody understands."""
    for column in roles.guess:
        strange: dict[str, list[int]] = {}
        by_truth = list[int]()
        for row, cell in zip(sheet.numbers, sheet.cells(column), strict=True):
            if (meant := meaning(cell, roles, arms)) == "":
                strange.setdefault(cell, []).append(row)
            elif meant in ("right", "wrong"):
                by_truth.append(row)
        if by_truth and len(arms) > 2:
            yield from in_rows(sheet, "with three arms or more a right or wrong guess does not say what was guessed", by_truth, column, "give the guess itself")  # fmt: skip
        for cell, rows in strange.items():
            more = f" (and in {len(rows) - 1} more rows)" if rows[1:] else ""
            yield sheet.error(
                f"{cell!r} is no guess that can be read{more}", rows[0], column,
                f'say what it means: --guess-active "{cell}", --guess-placebo "{cell}" or --guess-unknown "{cell}", '
                f'or, if it says whether they were right, --guess-right or --guess-wrong "{cell}"',
            )  # fmt: skip


def _twice(sheet: Sheet, roles: GuessRoles) -> Iterator[DataError]:
    if roles.id is None:
        return
    visits = sheet.cells(roles.visit) if roles.visit is not None else [""] * len(sheet.rows)
    met: dict[tuple[str, str], int] = {}
    for row, person, visit in zip(sheet.numbers, sheet.cells(roles.id), visits, strict=True):
        if not is_missing(person) and met.setdefault((person, canonical(visit)), row) != row:
            what = f"{roles.id} {person} {f'has visit {visit}' if visit else 'stands here'} twice (first in row {met[person, canonical(visit)]})"
            yield sheet.error(what, row, roles.id, "keep one row" if visit else "keep one row, or name the column of visits: --visit")  # fmt: skip


def _notes(sheet: Sheet, roles: GuessRoles, times: Sequence[Guesses], order: str) -> Iterator[str]:
    if order and len(times) > 1:
        yield order
    silent = {one.time: int((~one.asked).sum()) for one in times}
    if any(silent.values()):
        yield f"no guess in the cell, so not asked: {', '.join(f'{n} at {time}' for time, n in silent.items() if n)}"
    if roles.outcome is not None:
        lost = sum(int((one.asked & ~np.isfinite(one.outcome)).sum()) for one in times)
        if lost:
            yield f"{lost} guesses without a score in {roles.outcome}"
    unused = [column for column in sheet.columns if column not in roles.columns]
    if unused:
        yield f"columns not read: {', '.join(unused)}"
