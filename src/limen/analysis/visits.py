"""In what order a trial's visits were, and how that is known: a name is not a time.

What the user says comes first, then a column of numbers or dates, the visit labels themselves (numbers, dates, or
numbers with a unit), and the order of each person's rows. Rows may have been sorted by label, so theirs is a guess, and
one that a sort would give as well is none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import numpy as np

from limen.errors import DataError

DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%b-%Y", "%d%b%Y")
# Days in a unit, from the shortest to the longest: "month 3" is anything from twelve weeks to 93 days.
UNITS: Mapping[str, tuple[float, float]] = {
    "h|hr|hrs|hour|hours": (1 / 24, 1 / 24),
    "d|day|days": (1.0, 1.0),
    "w|wk|wks|week|weeks": (7.0, 7.0),
    "m|mo|mon|mth|month|months": (28.0, 31.0),
    "y|yr|yrs|year|years": (365.0, 366.0),
}
FIRST = r"baseline|bl|pre[- ]?(?:dose|treatment)?|randomi[sz]ation"
BEFORE = r"screening|scr|run[- ]?in"

Span = tuple[float, float]


@dataclass(frozen=True)
class VisitOrder:
    """Visits from first to last, how that is known in words, and whether it is no more than a guess. `days` are their
    times where labels or a column give them."""

    visits: tuple[str, ...]
    known_by: str
    guessed: bool = False
    days: tuple[float, ...] = ()

    def words(self) -> str:
        order = f"visits in order: {', '.join(self.visits)} (by {self.known_by})"
        return f"{order}; this is a guess, --visit-order says it for certain" if self.guessed else order

    @property
    def evenly_spaced(self) -> bool:
        """Whether visits stand one step apart, as far as their times are known."""
        steps = np.diff(self.days)
        return len(steps) < 2 or bool(np.ptp(steps) <= 0.1 * steps.mean())


def in_order(
    labels: Sequence[str],
    people: Sequence[str],
    said: Sequence[str] = (),
    times: tuple[str, Sequence[float]] | None = None,
) -> VisitOrder:
    """The order of the visits in `labels`, one label a row. `said` is the user's own order; `times` a column's name and
    its numbers. Raises DataError where nothing decides, naming what is missing."""
    visits = tuple(dict.fromkeys(labels))
    if len(visits) == 1:
        return VisitOrder(visits, "being the only one")
    if said:
        return _as_said(visits, said)
    if times is not None:
        return _by_column(visits, labels, *times)
    dated = _by_dates(visits)
    if dated is not None:
        return dated
    words = _words(visits)
    spans = {visit: _span(words[visit], tuple(words.values())) for visit in visits}
    told = {visit: span for visit, span in spans.items() if span is not None}
    together = _together(told)
    if len(told) == len(visits) and together is None:
        order = tuple(sorted(told, key=lambda visit: told[visit]))
        return VisitOrder(order, "the times in their labels", days=tuple(told[v][0] for v in order))
    if together is not None:
        why = "{!r} and {!r} may be the same time".format(*together)
    else:
        why = _odd(words, labels, tuple(visit for visit in visits if visit not in told))
    rows = _by_rows(visits, labels, people)
    if rows is None:
        raise _undecided(visits, f"{why}, and people's rows stand in different orders, or too few in any")
    if rows == tuple(sorted(visits)):
        raise _undecided(visits, f"{why}, and the rows may have been sorted by label")
    known = [told[visit] for visit in rows if visit in told]
    if any(one[0] > other[1] for one, other in pairwise(known)):
        raise _undecided(visits, f"{why}, and the rows stand against the times of the other labels")
    return VisitOrder(rows, "the order of the rows", guessed=True)


def canonical(label: str) -> str:
    """Labels that are the same number are the same visit: 4, 4.0 and 04."""
    try:
        number = float(label)
    except ValueError:
        return label
    return f"{number:g}" if math.isfinite(number) else label


def as_date(cell: str, forms: Sequence[str] = DATES) -> tuple[date, str] | None:
    """The date a cell holds and the form it is written in."""
    for form in forms:
        try:
            return datetime.strptime(cell, form).date(), form
        except ValueError:
            continue
    return None


def date_forms(cells: Iterable[str]) -> tuple[str, ...]:
    """The forms in which every date of a column can be read: one where 17/01/2020 says that the day stands first, two where
    nothing does, none where they are written in several ways. Cells that hold no date do not count."""
    left = set(DATES)
    for cell in cells:
        here = {form for form in DATES if as_date(cell, (form,)) is not None}
        left = left & here if here else left
    return tuple(form for form in DATES if form in left)


def _words(labels: Sequence[str]) -> dict[str, str]:
    """Labels in small letters. A hyphen before the number parts it from its word only where every label has one:
    "D-7" beside "D1" is the day seven days before."""
    words = {label: re.sub(r"[\s_]+", " ", label.strip().lower()) for label in labels}
    numbered = [word for word in words.values() if re.search(r"\d", word)]
    if all(re.search(r"[a-z]-\d", word) for word in numbered):
        return {label: re.sub(r"(?<=[a-z])-(?=\d)", " ", word) for label, word in words.items()}
    return words


def _span(word: str, every: Sequence[str]) -> Span | None:
    """Earliest and latest day a label may mean; None where it names no time, or not in the kind the others do."""
    if re.fullmatch(FIRST, word):
        return 0.0, 0.0
    if re.fullmatch(BEFORE, word):
        return -math.inf, -math.inf
    kind, number = _kind(word)
    kinds = {_kind(other)[0] for other in every} - {None}
    if kind is None or (len(kinds) > 1 and not kinds <= set(UNITS)):
        return None
    low, high = UNITS.get(kind, (1.0, 1.0)) if len(kinds) > 1 else (1.0, 1.0)
    return min(low * number, high * number), max(low * number, high * number)


def _odd(words: Mapping[str, str], labels: Sequence[str], untold: Sequence[str]) -> str:
    """Which labels say no time: those that are written otherwise than most, where most are of one kind."""
    kinds = {visit: _kind(word)[0] for visit, word in words.items()}
    usual = Counter(kinds[label] for label in labels).most_common(1)[0][0]
    others = [repr(visit) for visit in words if kinds[visit] != usual]
    if usual is None or not others:
        return f"{untold[0]!r} names no time"
    like = ", ".join(visit for visit in words if kinds[visit] == usual)
    return f"{', '.join(others)} {'are' if others[1:] else 'is'} written otherwise than {like}"


def _kind(word: str) -> tuple[str | None, float]:
    """What a label counts (a unit, plain numbers, dates, or a word such as "visit"), and how many of it."""
    if (found := as_date(word, DATES[:3])) is not None:
        return "date", float(found[0].toordinal())
    match = re.fullmatch(r"(?P<before>[a-z .]*?) ?(?P<number>-?\d+(?:\.\d+)?) ?(?P<after>[a-z.]*)", word)
    if match is None:
        return None, math.nan
    name = f"{match['before']}{match['after']}".strip(" .")
    unit = next((unit for unit in UNITS if re.fullmatch(unit, name)), name)
    return unit, float(match["number"])


def _together(spans: Mapping[str, Span]) -> tuple[str, str] | None:
    """Two visits whose times overlap."""
    order = sorted(spans, key=lambda visit: spans[visit])
    return next(((a, b) for a, b in pairwise(order) if spans[a][1] >= spans[b][0]), None)


def _as_said(visits: Sequence[str], said: Sequence[str]) -> VisitOrder:
    order = tuple(canonical(visit.strip()) for visit in said)
    missing = [visit for visit in visits if visit not in order]
    unknown = [visit for visit in order if visit not in visits]
    if missing or unknown or len(set(order)) < len(order):
        wrong = f"{unknown[0]!r} is no visit of the file" if unknown else f"{missing[0]!r} is left out" if missing else "a visit stands twice"  # fmt: skip
        raise DataError(f"the order of visits: {wrong}", remedy=f"visits: {', '.join(visits)}")
    return VisitOrder(order, "the order given")


def _by_column(visits: Sequence[str], labels: Sequence[str], name: str, times: Sequence[float]) -> VisitOrder:
    of = {
        v: np.array([t for t, label in zip(times, labels, strict=True) if label == v and t == t])
        for v in visits
    }
    empty = next((visit for visit, found in of.items() if not len(found)), None)
    if empty is not None:
        raise DataError(f"column {name!r} gives no time for visit {empty!r}", remedy="give --visit-order")
    order = tuple(sorted(visits, key=lambda visit: float(np.median(of[visit]))))
    middle = [float(np.median(of[visit])) for visit in order]
    same = next(((a, b) for (a, x), (b, y) in pairwise(zip(order, middle, strict=True)) if x == y), None)
    if same is not None:
        raise DataError(f"column {name!r} has visits {same[0]!r} and {same[1]!r} at one time", remedy="give --visit-order")  # fmt: skip
    return VisitOrder(order, f"the column {name}", days=tuple(middle))


def _by_dates(visits: Sequence[str]) -> VisitOrder | None:
    """Labels that are dates, all in one form that can be read in one way."""
    forms = date_forms(visits)
    read = {visit: as_date(visit, forms) for visit in visits} if len(forms) == 1 else {}
    days = {visit: float(found[0].toordinal()) for visit, found in read.items() if found is not None}
    if not visits or len(days) < len(visits) or len(set(days.values())) < len(days):
        return None
    order = tuple(sorted(days, key=lambda visit: days[visit]))
    return VisitOrder(order, "the dates that they are", days=tuple(days[visit] for visit in order))


def _by_rows(visits: Sequence[str], labels: Sequence[str], people: Sequence[str]) -> tuple[str, ...] | None:
    """The one order in which everybody's rows stand; None where people differ or two neighbours are never met together."""
    own: dict[str, list[str]] = {}
    for person, label in zip(people, labels, strict=True):
        own.setdefault(person, []).append(label)
    before = {(a, b) for rows in own.values() for i, a in enumerate(rows) for b in rows[i + 1 :] if a != b}
    if any((b, a) in before for a, b in before):
        return None
    order = tuple(sorted(visits, key=lambda visit: sum((other, visit) in before for other in visits)))
    return order if all(pair in before for pair in pairwise(order)) else None


def _undecided(visits: Sequence[str], why: str) -> DataError:
    return DataError(
        f"the order of the visits cannot be told: {why}",
        remedy=f'say it, first to last: --visit-order "{", ".join(visits)}", or name a column of numbers or dates: --visit-time',
    )
