"""The labelled screening entries keep their form; what the screen answers is measured elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

LABELLED = Path(__file__).parent / "labelled"
COLUMNS = [
    *("id", "kind", "language", "compound", "medications", "conditions"),
    *("label", "dangerous", "why", "must_read", "must_not_match"),
]
UNREAD = {"ar", "cs", "da", "el", "fi", "hu", "ja", "pl", "ru", "sv", "tr", "zh"}
DECISIONS = {"eligible", "needs a clinician", "not eligible"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle, strict=True)
        assert reader.fieldnames == COLUMNS, path.name
        return list(reader)


ROWS = [(path.name, row) for path in sorted(LABELLED.glob("*.csv")) for row in _rows(path)]


def test_there_are_enough_rows_of_every_kind() -> None:
    kinds = [row["kind"] for _, row in ROWS]
    assert len(ROWS) >= 300
    assert min(kinds.count(kind) for kind in set(kinds)) >= 25


def test_ids_and_questions_are_unique() -> None:
    ids = [row["id"] for _, row in ROWS]
    asked = [(row["compound"], row["medications"], row["conditions"]) for _, row in ROWS]
    assert len(set(ids)) == len(ids)
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("column", ["compound", "dangerous", "language"])
def test_coded_columns_hold_known_values(column: str) -> None:
    known = {
        "compound": {"LSD", "psilocybin"},
        "dangerous": {"yes", "no"},
        "language": {"en", "de", "es", "fr", "nl", "pt", "it", *UNREAD},
    }[column]
    assert {row[column] for _, row in ROWS} == known


def test_every_label_is_a_set_of_decisions_and_a_reason_is_given() -> None:
    for name, row in ROWS:
        labels = row["label"].split("|")
        where = f"{name}, {row['id']}"
        assert set(labels) <= DECISIONS, where
        assert len(set(labels)) == len(labels), where
        assert row["why"], where
        assert row["medications"] or row["conditions"], where
        assert not (row["dangerous"] == "yes" and "eligible" in labels), where
        assert all(len(value) == len(value.strip()) for value in row.values()), where
