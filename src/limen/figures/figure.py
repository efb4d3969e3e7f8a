"""One figure as a reader meets it: what it shows, where it comes from, how it is drawn, and its points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure; `draw(narrow)` builds the chart for a wide page or a phone; `rows` are the points it shows."""

    name: str
    title: str
    sentence: str
    source: str
    draw: Callable[[bool], Any]
    rows: list[Row]
