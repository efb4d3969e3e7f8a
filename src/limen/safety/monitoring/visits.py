"""Visit data from a CSV into the stopping rules."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place
from limen.safety.monitoring.monitoring import Alert, aids, watch
from limen.safety.reading.lines import LONGEST_LINE, lines

_YES, _NO = {"yes", "true", "positive", "present"}, {"no", "false", "negative", "absent"}


def local_thresholds(path: Path) -> dict[str, Any]:
    """Local limits of editorial rules from TOML. Raises DataError for anything else."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"not TOML: {error}", Place(file=path), "write MON037 = [150, 95]") from None


def watch_file(path: Path, compound: str, thresholds: Mapping[str, Any] | None = None) -> tuple[Alert, ...]:
    """Alerts of every person of a CSV of visits, people in order of appearance. Raises DataError naming the cell."""
    csv.field_size_limit(LONGEST_LINE)
    called = {other: name for name, others in aids()["measures"].items() for other in others}
    called |= {sign: sign for sign in aids()["hunter"]["signs"]}
    try:
        reader = csv.DictReader(lines(path), strict=True)
        columns = {
            column: called.get((column or "").strip().casefold()) for column in reader.fieldnames or ()
        }
        if "person" not in columns.values():
            raise DataError(
                "there is no column `person`", Place(file=path, row=1), "give person, visit and measures"
            )
        if not set(columns.values()) - {"person", "visit", None}:
            raise DataError(
                "there is no measure a stopping rule knows",
                Place(file=path, row=1),
                f"measures: {', '.join(aids()['measures'])}",
            )
        people: dict[str, list[dict[str, Any]]] = {}
        for row, cells in enumerate(reader, 2):
            if None in cells or None in cells.values():
                raise DataError("more or fewer cells than the header has", Place(file=path, row=row))
            visit: dict[str, Any] = {}
            for column, name in columns.items():
                text = (cells.get(column) or "").strip()
                if name in ("person", "visit"):
                    visit[name] = text
                elif name and text:
                    visit[name] = _number(text, Place(file=path, row=row, column=column))
            if not visit["person"]:
                raise DataError(
                    "the row names no person", Place(file=path, row=row), "fill the column `person`"
                )
            people.setdefault(str(visit["person"]), []).append(visit)
    except csv.Error as error:
        raise DataError(f"not a CSV: {error}", Place(file=path)) from None
    return tuple(alert for visits in people.values() for alert in watch(visits, compound, thresholds))


def _number(text: str, place: Place) -> float:
    said = text.casefold()
    if said in _YES or said in _NO:
        return float(said in _YES)
    if said in aids()["grades"]:
        return float(aids()["grades"][said])
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError("this is not a number", place, "a number, yes or no, or a grade; empty where missing")
    return value
