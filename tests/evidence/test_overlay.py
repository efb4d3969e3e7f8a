"""A user's own rows: whole or not at all, and never past the guard."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from limen.errors import FactsError
from limen.evidence import overlay as own
from limen.evidence import tables
from limen.evidence.gather import gather
from limen.facts.read import read

BIB = "@article{mine2026,\n  title = {A second trial},\n  author = {Person, A},\n  year = {2026}\n}\n"
STUDY = {
    "study_id": "mine2026", "design": "RCT parallel", "year": "2026", "compound": "LSD", "doses": "10",
    "dose_unit": "ug", "form": "base", "schedule": "twice weekly", "n_randomised": "100", "n_analysed": "98",
    "population": "major depressive disorder", "blinding": "double-blind", "control": "inert placebo",
    "primary_outcome": "MADRS", "headline_result": "no difference", "status": "published", "source": "mine2026",
    "locator": "Table 2", "verification": "seen",
}  # fmt: skip
ARM = {
    "study_id": "mine2026", "arm": "LSD 10 ug", "outcome": "MADRS", "direction": "lower_better", "timepoint": "8",
    "timepoint_unit": "weeks", "n": "50", "mean": "18.2", "sd": "8.1", "unit": "points", "source": "mine2026",
    "locator": "Table 2", "verification": "seen",
}  # fmt: skip
CONTROL = ARM | {"arm": "placebo", "mean": "19.0", "sd": "8.4"}


def write(path: Path, table: str, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=read(table).columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """An overlay with a reference, a study and two arms."""
    bib = tmp_path / "mine.bib"
    bib.write_text(BIB)
    own.add(bib)
    own.add(write(tmp_path / "s.csv", "clinical/studies", STUDY))
    own.add(write(tmp_path / "o.csv", "clinical/outcomes", ARM, CONTROL))
    return own.folder()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_added_rows_join_the_evidence_and_the_pool(started: Path) -> None:
    assert tables.study("mine2026") is not None
    assert {e.study_id for e in gather("depression").effects} == {"szigeti2021", "mine2026"}
    assert "mine2026" in tables.references()


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"study_id": "nobody2020"}, "study_id"),
        ({"sd": ""}, "sd"),
        (
            {
                "mean": "",
                "sd": "",
                "comparator": "placebo",
                "effect_type": "mean difference",
                "effect": "-1.0",
            },
            "effect_se",
        ),
        (
            {
                "comparator": "placebo",
                "effect_type": "mean difference",
                "effect": "-1",
                "ci_low": "2",
                "ci_high": "-4",
            },
            "ci_low",
        ),
        ({"arm": "LSD 10 mg"}, "arm"),
        ({"arm": "psilocybin 25 g"}, "arm"),
        ({"n": "fifty"}, "n"),
        ({"verification": "trust me"}, "verification"),
        ({"locator": ""}, "locator"),
        ({"source": "unheard2020"}, "source"),
    ],
)
def test_a_corrupt_row_is_refused_with_row_column_and_remedy(
    started: Path, tmp_path: Path, change: dict[str, str], column: str
) -> None:
    before = snapshot(started)
    file = write(
        tmp_path / "bad.csv",
        "clinical/outcomes",
        ARM | {"outcome": "BDI-II"},
        ARM | {"outcome": "PHQ-9"} | change,
    )
    with pytest.raises(own.OverlayErrors) as refusal:
        own.add(file)
    first = refusal.value.errors[0]
    assert (first.where.row, first.where.column) == (3, column)
    assert first.remedy
    assert "bad.csv" in str(refusal.value)
    assert snapshot(started) == before


def test_a_study_dosed_in_the_wrong_unit_is_refused(started: Path, tmp_path: Path) -> None:
    wrong = STUDY | {"study_id": "other2026", "compound": "psilocybin", "doses": "22", "dose_unit": "mg/kg"}
    before = snapshot(started)
    with pytest.raises(own.OverlayErrors) as refusal:
        own.add(write(tmp_path / "s2.csv", "clinical/studies", wrong))
    assert "doses" in [e.where.column for e in refusal.value.errors]
    assert snapshot(started) == before


def test_a_name_is_taken_once(started: Path, tmp_path: Path) -> None:
    with pytest.raises(own.OverlayErrors):
        own.add(write(tmp_path / "again.csv", "clinical/studies", STUDY))
    with pytest.raises(own.OverlayErrors):
        own.add(write(tmp_path / "shipped.csv", "clinical/studies", STUDY | {"study_id": "mueller2025"}))


def test_a_header_of_no_table_says_which_is_closest(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("study_id,arm,outcome,score\nx,y,z,1\n")
    with pytest.raises(FactsError) as refusal:
        own.add(file)
    assert "clinical/outcomes" in refusal.value.what
    assert not own.folder().exists()


def test_an_overlay_edited_badly_by_hand_is_not_read_in_silence(started: Path) -> None:
    path = own.path_of("clinical/outcomes")
    path.write_text(path.read_text().replace("LSD 10 ug", "LSD 10 mg"))
    with pytest.raises(own.OverlayErrors):
        tables.outcomes()
