"""Cells of a spreadsheet's CSV, for every reader of one: what parts them, decimal commas, and what says "missing"."""

from __future__ import annotations

import re

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MISSING = frozenset({"", ".", "na", "n/a", "nan", "null", "none", "missing"})
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DECIMAL = re.compile(r"[+-]?\d*,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


def separator(header: str) -> str:
    """The sign that parts most cells of a header line, quoted cells aside; a comma where none does."""
    bare = _QUOTED.sub("", header)
    return max(SEPARATORS, key=bare.count)


def either(cell: str) -> bool:
    """Whether a number may hold a decimal comma or separate thousands: `1,234`."""
    return _THOUSANDS.fullmatch(cell) is not None


def pointed(cell: str) -> str:
    """A number with its decimal comma made a point; anything else, and `1,234`, as it stands."""
    return cell.replace(",", ".") if _DECIMAL.fullmatch(cell) and not either(cell) else cell


def is_missing(cell: str) -> bool:
    return cell.strip().casefold() in MISSING


def is_unnamed(cell: str) -> bool:
    """Whether a cell of names or categories holds none: there "none" is a word, as of an arm without treatment."""
    return is_missing(cell) and cell.strip().casefold() != "none"
