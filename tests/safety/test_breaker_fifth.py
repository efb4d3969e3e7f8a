"""Records and visit files labelled before they were first run: what each may end as, or what must stand in the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from limen.errors import DataError
from limen.safety.monitoring.visits import watch_file
from limen.safety.reading.fhir import read_bundle
from limen.safety.screening.screen import screen
from support.records import TODAY

LABELLED = Path(__file__).parent / "labelled"
REFUSED = "refused"


def labelled(name: str) -> list[Any]:
    rows = json.loads((LABELLED / f"{name}_fifth.json").read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("row", labelled("records"))
def test_a_record_ends_as_it_was_labelled(row: dict[str, Any]) -> None:
    """A record that is refused by name (R5) is not passed."""
    if row["name"].startswith("r5_"):
        with pytest.raises(DataError, match="R5"):
            read_bundle(row["record"], TODAY)
        return
    assert screen(read_bundle(row["record"], TODAY)[0], "LSD").decision in row["right"]


@pytest.mark.parametrize("row", labelled("visits"))
def test_a_file_of_visits_is_refused_or_says_what_it_must(row: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(row["csv"], encoding="utf-8")
    try:
        said = str(watch_file(file, "LSD"))
    except DataError:
        said = REFUSED
    assert any(word in said for word in row["right"]), said
