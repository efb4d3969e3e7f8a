"""Guessing which column is what, for a person at a terminal who will look at the guess before it is used."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from limen.analysis.sheet import Sheet, as_number
from limen.cells import is_missing

NAMES: Mapping[str, str] = {
    "id": r"usubjid|subjid|subject|patient|participant|person|record|id|pid",
    "visit": r"avisitn|avisit|visitnum|visit|week|day|timepoint|time",
    "arm": r"trt01pn?|trt|treatment|therapy|arm|group|condition|allocation",
    "guess": r"guess(?:ed)?|believed|perceived|belief",
    "baseline": r"basval|baseline|base|bl",
    "outcome": r"chg|change|aval|outcome|score|total|value",
}
CONTROL = r"placebo|pbo|control|sham|inactive|caffeine|vehicle|plc?"


def guess(sheet: Sheet, given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Every role of `given` that is None filled in where the sheet allows a guess; None where it does not.

    Names decide first (a whole name before a part of one), then what the columns hold.
    """
    roles = dict(given)
    for role, pattern in NAMES.items():
        if role in roles and roles[role] is None:
            free = [column for column in sheet.columns if column not in roles.values()]
            roles[role] = _by_name(free, pattern) or _by_content(sheet, role, free, roles.get("id"))
    if roles.get("control") is None and roles["arm"] in sheet.columns:
        arms = sorted({cell for cell in sheet.cells(str(roles["arm"])) if not is_missing(cell)})
        roles["control"] = _by_name(arms, CONTROL)
    return roles


def command_line(
    file: Path, roles: Mapping[str, str | None], rest: Sequence[str] = (), command: str = "analyse"
) -> str:
    """The command with these roles, ready to copy; "???" where there was no guess."""
    words = ["limen", command, shlex.quote(str(file))]
    for role, column in roles.items():
        words += [f"--{role}", "???" if column is None else shlex.quote(column)]
    return " ".join([*words, *(shlex.quote(word) for word in rest)])


def _by_name(choices: Sequence[str], pattern: str) -> str | None:
    for alternative in pattern.split("|"):
        for choice in choices:
            if re.fullmatch(alternative, choice, re.IGNORECASE):
                return choice
    for alternative in pattern.split("|"):
        for choice in choices:
            if len(alternative) > 2 and re.search(alternative, choice, re.IGNORECASE):
                return choice
    return None


def _by_content(sheet: Sheet, role: str, free: Sequence[str], person: str | None) -> str | None:
    """An arm is words, few, the same within a person; a baseline numbers that do not change, an outcome that do."""
    if person not in sheet.columns:
        return None
    people = sheet.cells(str(person))
    for column in free:
        cells = sheet.cells(column)
        distinct = {cell for cell in cells if not is_missing(cell)}
        numeric = all(as_number(cell) is not None for cell in cells)
        constant = len(set(zip(people, cells, strict=True))) == len(set(people))
        if role == "arm" and not numeric and constant and 2 <= len(distinct) <= 6:
            return column
        if role == "baseline" and numeric and constant and len(distinct) > 6:
            return column
        if role == "outcome" and numeric and not constant and len(distinct) > 6:
            return column
    return None
