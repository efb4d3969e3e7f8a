"""What a result shows at a terminal of a width."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from limen.results import Result, fitted


def at_width(found: Result, width: int) -> list[str]:
    """Its lines, as a command prints them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        return fitted(found.lines(), Mock(isatty=lambda: True)).split("\n")


def fits(found: Result) -> bool:
    """That no line is wider than a terminal, narrow or wide, and no name is cut."""
    return all(
        len(line) <= width and "…" not in line for width in (80, 120) for line in at_width(found, width)
    )
