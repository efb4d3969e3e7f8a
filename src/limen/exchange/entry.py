"""The score that lets people in, read from inclusion criteria."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from limen.exchange.draft import Sheet
from limen.protocol.register import OUTCOMES, outcomes_in

_THRESHOLD = re.compile(
    r"(≥|>=|>|at least|greater than or equal to|greater than|minimum(?: score)? of|of)\s*(\d+(?:\.\d+)?)(?:\s*(?:or|and)\s*(?:higher|more|greater|above))?",
    re.IGNORECASE,
)


def write_entry(sheet: Sheet, population: dict[str, Any], inclusion: list[str], primary: str = "") -> None:
    """The score that admits, where inclusion criteria name one scale with a number within its range; of several that of the
    outcome which the text `primary` names. What is not read into a field is named."""
    found = [(name, least, one) for one in inclusion for name, least in _thresholds(one)]
    if len(found) > 1:
        names = [name for name, _ in outcomes_in(primary)]
        found = [row for row in found if row[0] in names]
    if len(found) == 1:
        name, least, said = found[0]
        population["entry"] = {"outcome": name, "at_least": int(least) if least.is_integer() else least}
        sheet.guess(("population", "entry"), "a score that admits is read from the inclusion criteria", said)
    for one in inclusion:
        if len(found) != 1 or one != found[0][2]:
            sheet.unread(("population",), "inclusion criterion", one)


def _thresholds(sentence: str) -> Iterator[tuple[str, float]]:
    """Scales of a sentence with the least score that each asks for."""
    named = [(sentence.find(said), name, said) for name, said in outcomes_in(sentence) if said in sentence]
    places = sorted(named)
    for number, (start, name, said) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(sentence)
        asked = _THRESHOLD.search(sentence[start + len(said) : end])
        low, high = OUTCOMES[name].bounds
        if asked is not None and low < float(asked[2]) <= high:
            above = asked[1] in (">", "greater than") and "or" not in asked[0]
            yield name, float(asked[2]) + (1.0 if above else 0.0)
