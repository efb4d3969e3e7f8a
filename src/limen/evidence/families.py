"""What an outcome measures: a family and a scale by the names in `clinical/outcome_constructs`, word by word.

A name matches whole words only (`awe` is not in `drawers`); digits are words (`HAMD17` is hamd, 17). Words joined by a
hyphen stand together, others anywhere: `madrs response` is in `Response (50% fall in MADRS)`.
"""

from __future__ import annotations

import re
from functools import cache

from limen.facts.read import Row, read


@cache
def _names() -> tuple[tuple[tuple[tuple[str, ...], ...], Row], ...]:
    return tuple(
        (tuple(_words(part) for part in row["pattern"].split()), row)
        for row in read("clinical/outcome_constructs")
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z]+|\d+", text.lower()))


@cache
def _row(outcome: str) -> Row | None:
    words = _words(outcome)
    for name, row in _names():
        if all(any(words[i : i + len(part)] == part for i in range(len(words))) for part in name):
            return row
    return None


def construct_of(outcome: str) -> str:
    """What an outcome measures (`QIDS-SR (post-acute)` measures depression); itself where no table knows it."""
    row = _row(outcome)
    return row["construct"] if row else outcome.lower()


def in_a_family(outcome: str) -> bool:
    """Whether the table of families knows this outcome."""
    return _row(outcome) is not None


def kind_of(outcome: str) -> str:
    """`score`, `share` or `count`."""
    row = _row(outcome)
    return row["kind"] if row else "score"


def scale_of(outcome: str) -> Row | None:
    """The row of `outcomes/scales` that an outcome is scored on; None for shares and counts, and where none is known."""
    row = _row(outcome)
    scored = row is not None and row["kind"] == "score" and row["scale_id"]
    found = read("outcomes/scales").where(scale_id=row["scale_id"]) if row is not None and scored else ()
    return found[0] if found else None


def direction_of(outcome: str, said: str) -> str:
    """Which way is better: as said, else as the scale runs, else empty."""
    scale = scale_of(outcome)
    run = {"worse": "lower_better", "better": "higher_better"}.get(scale["higher_is"], "") if scale else ""
    return said or run
