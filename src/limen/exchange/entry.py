"""The score that lets people in, read from inclusion criteria."""

from __future__ import annotations

import re
from typing import Any

from limen.exchange.draft import Sheet
from limen.protocol.register import OUTCOMES, outcomes_in

_THRESHOLD = re.compile(
    r"(≥|>=|>|at least|greater than or equal to|greater than|minimum(?: score)? of|of)\s*(\d+(?:\.\d+)?)(?:\s*(?:or|and)\s*(?:higher|more|greater|above))?",
    re.IGNORECASE,
)


def write_entry(sheet: Sheet, population: dict[str, Any], inclusion: list[str]) -> None:
    """The score that admits, where exactly one inclusion criterion names a scale and a number within its range."""
    found: list[tuple[str, float, str]] = []
    for one in inclusion:
        for name, word in outcomes_in(one)[:1]:
            rest = one[one.find(word) + len(word) :] if word in one else one
            number = _THRESHOLD.search(rest)
            low, high = OUTCOMES[name].bounds
            if number is not None and low < float(number[2]) <= high:
                above = number[1] in (">", "greater than") and "or" not in number[0]
                found.append((name, float(number[2]) + (1.0 if above else 0.0), one))
    if len(found) == 1:
        name, least, said = found[0]
        population["entry"] = {"outcome": name, "at_least": int(least) if least.is_integer() else least}
        sheet.guess(("population", "entry"), "a score that admits is read from the inclusion criteria", said)
    for one in inclusion:
        if len(found) != 1 or one != found[0][2]:
            sheet.unread(("population",), "inclusion criterion", one)
