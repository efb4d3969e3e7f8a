"""A user's own rows: whole or not at all, and never past the guard."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from limen.errors import FactsError, OutputError
from limen.evidence import overlay as own
from limen.evidence import tables
from limen.evidence.gather import gather
from limen.evidence.references import read_entries
from limen.facts.read import bibliography, read

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
    assert "mine2026" in tables.every_reference()


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
        ({"comparator": "placebo"}, "comparator"),
        (
            {
                "mean": "",
                "sd": "",
                "comparator": "placebo",
                "effect_type": "Hedges g",
                "effect": "0.3",
                "ci_low": "0",
                "ci_high": "0.6",
                "ci_level": "95",
            },
            "ci_level",
        ),
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


def refused(path: Path) -> str:
    before = snapshot(own.folder())
    with pytest.raises(FactsError) as refusal:
        own.add(path)
    assert refusal.value.remedy
    assert snapshot(own.folder()) == before
    return str(refusal.value)


def test_eight_at_once_and_none_is_lost(started: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; from limen.evidence import overlay; overlay.add(sys.argv[1])",
    ]
    sheets = [
        write(
            tmp_path / f"{i}.csv", "clinical/studies", STUDY | {"study_id": f"other{i}", "doi": f"10.1/{i}"}
        )
        for i in range(8)
    ]
    running = [subprocess.Popen([*command, str(file)]) for file in sheets]
    assert [each.wait() for each in running] == [0] * 8
    kept = {row["study_id"] for row in own.rows("clinical/studies")}
    assert kept == {"mine2026", *(f"other{i}" for i in range(8))}


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LIMEN_OVERLAY", str(tmp_path / "file" / "overlay"))
    (tmp_path / "mine.bib").write_text(BIB)
    with pytest.raises(OutputError) as refusal:
        own.add(tmp_path / "mine.bib")
    assert "LIMEN_OVERLAY" in str(refusal.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_spreadsheet_s_ways_of_writing_a_csv_are_read_as_meant(
    started: Path, tmp_path: Path, separator: str, mark: str, ending: str
) -> None:
    file = tmp_path / "sheet.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        stream.write(mark)
        writer = csv.DictWriter(
            stream, read("clinical/outcomes").columns, restval="", delimiter=separator, lineterminator=ending
        )
        writer.writeheader()
        writer.writerow(ARM | {"timepoint": "4", "mean": "18,2", "sd": "8,1"})
    heard = own.add(file).heard
    (row,) = [row for row in own.rows("clinical/outcomes") if row["timepoint"] == "4"]
    assert (row["mean"], row["sd"]) == ("18.2", "8.1")
    said = {(each.kind, each.meaning) for each in heard.understood}
    assert ("number", "18.2") in said
    assert (("separator", {";": "semicolons", "\t": "tabs"}.get(separator, "")) in said) == (separator != ",")
    assert (("encoding", "UTF-8") in said) == bool(mark)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("study_id,arm\n".encode("utf-16"), "UTF-16"),
        ("study_id,arm\nMüller,é\n".encode("cp1252"), "UTF-8"),
        (b"study_id\0arm", "null"),
    ],
)
def test_an_encoding_that_is_not_read_is_named(tmp_path: Path, content: bytes, names: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert names in refused(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"mean": "1,182", "sd": "8"}, "mean", "may be"),
        ({"sd": "1.15"}, "sd", "standard error"),
        ({"change_mean": "-9", "change_sd": "1.1", "change_ci_low": "-11.2", "change_ci_high": "-6.8"},
         "change_sd", "interval"),
        ({"n": "0"}, "n", "0 people"),
        ({"n": "101"}, "n", "trial of 100"),
        ({"mean": "61"}, "mean", "outside madrs"),
        ({"direction": "higher_better"}, "direction", "worse"),
        ({"outcome": "Well-being thermometer", "direction": ""}, "direction", "which way"),
        ({"outcome": "MADRS response", "mean": "51", "sd": "", "direction": "", "unit": "patients"}, "mean", "51 of 50"),
        ({"outcome": "MADRS response", "mean": "120", "sd": "8", "direction": "", "unit": "%"}, "mean", "120%"),
    ],
)  # fmt: skip
def test_a_row_that_can_be_read_and_cannot_be_true_is_refused(
    started: Path, tmp_path: Path, change: dict[str, str], column: str, says: str
) -> None:
    said = refused(write(tmp_path / "bad.csv", "clinical/outcomes", ARM | {"timepoint": "6"} | change))
    assert f"row 2, column {column}" in said
    assert says in said


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"n_analysed": "120"}, "n_analysed"),
        ({"n_randomised": "0", "n_analysed": ""}, "n_randomised"),
        ({"status": "recruiting"}, "n_randomised"),
        ({"doi": "https://doi.org/10.7554/ELIFE.62878"}, "doi"),  # szigeti2021's
    ],
)
def test_a_study_that_cannot_be_is_refused(
    started: Path, tmp_path: Path, change: dict[str, str], column: str
) -> None:
    said = refused(write(tmp_path / "s.csv", "clinical/studies", STUDY | {"study_id": "again"} | change))
    assert f"column {column}" in said


def test_the_direction_of_a_scale_comes_from_the_scale(started: Path, tmp_path: Path) -> None:
    own.add(write(tmp_path / "d.csv", "clinical/outcomes", *(row | {"direction": "", "timepoint": "10"}
                                                              for row in (ARM, CONTROL))))  # fmt: skip
    effect = next(e for e in gather("depression", timepoint=10).effects if e.study_id == "mine2026")
    assert effect.y > 0  # 18.2 on the drug, 19.0 on placebo, and less is better


def test_one_registry_number_under_two_keys_is_one_trial(started: Path, tmp_path: Path) -> None:
    """The second report of a trial that limen ships with gives no second effect."""
    shipped = tables.study("mueller2025")
    assert shipped is not None
    assert shipped.registry_id
    again = STUDY | {"study_id": "again2026", "registry_id": f" {shipped.registry_id.lower()}"}
    own.add(write(tmp_path / "s.csv", "clinical/studies", again))
    assert tables.participants_of("again2026") == tables.participants_of("mueller2025")


def test_the_same_rows_twice_are_not_two_rows(started: Path, tmp_path: Path) -> None:
    assert "already there" in refused(write(tmp_path / "o.csv", "clinical/outcomes", ARM))
    assert "already there" in refused(
        write(tmp_path / "o.csv", "clinical/outcomes", ARM | {"timepoint": "2"}, ARM | {"timepoint": "2"})
    )


BIBS = {
    "nested": ("@article{nest2026, title={A {{b} c} d}, author = {P, A and Q, B}, year=2026}", "A {{b} c} d"),
    "quoted": ('@ARTICLE{nest2026,\n title = "Said {\\"u}ber" , year = "2026" }', 'Said {\\"u}ber'),
    "string": ('@string{x = "Acta"}\n@article{nest2026, title = {T}, journal = x}', "T"),
}


@pytest.mark.parametrize("name", BIBS)
def test_bibtex_as_people_write_it_is_kept_whole(tmp_path: Path, name: str) -> None:
    text, title = BIBS[name]
    (tmp_path / "a.bib").write_text(text)
    own.add(tmp_path / "a.bib")
    own_entry = own.own_references()["nest2026"]
    assert own_entry["title"] == title
    assert own_entry.get("journal", "Acta") == "Acta"


@pytest.mark.parametrize(
    "text",
    [
        BIB + "@article{broken2026, title = {never closed\n",
        BIB + BIB,
        "@article{twice2026, title = {a}, title = {b}}",
        BIB.replace("year", "doi = {10.7554/eLife.62878},\n  year"),
        "nothing of the kind",
    ],
)
def test_an_entry_that_would_be_lost_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.bib").write_text(text)
    refused(tmp_path / "a.bib")


def test_words_between_entries_are_named_as_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text("my notes, lost?\n" + BIB + "@comment{and these}\n")
    unread = " ".join(each.words for each in own.add(tmp_path / "a.bib").heard.unread)
    assert "my notes, lost?" in unread
    assert "and these" in unread


def test_the_shipped_bibliography_is_what_the_library_reads() -> None:
    text = files("limen.facts").joinpath("references.bib").read_text(encoding="utf-8")
    entries, heard = read_entries(Path("references.bib"), text)
    assert entries.keys() == bibliography().keys()
    assert heard.complete


def test_an_outcome_of_no_family_is_said_to_be_of_none(started: Path, tmp_path: Path) -> None:
    heard = own.add(write(tmp_path / "o.csv", "clinical/outcomes", ARM | {"outcome": "Zest inventory"})).heard
    assert [each.words for each in heard.unread] == ["Zest inventory"]


def unheard(text: str) -> bool:
    """A stray thing passed in silence if adding worked and the reading does not hold it."""
    path = own.folder().parent / "stray.csv"
    path.write_text(text, encoding="utf-8")
    try:
        heard = own.add(path).heard
    except FactsError:
        return False
    return heard.complete


@given(
    word=st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=12),
    at=st.integers(0, 2),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_added_to_a_file_passes_in_silence(started: Path, word: str, at: int) -> None:
    """A column, a cell or a row that limen does not know is refused or named, wherever it stands."""
    columns = read("clinical/outcomes").columns
    assume(word.strip() not in columns)
    stream = io.StringIO()
    writer = csv.writer(stream)
    row = [(ARM | {"timepoint": "7"}).get(c, "") for c in columns]
    lines = [[*columns], row]
    if at == 0:
        lines = [[*columns, word], [*row, "1"]]
    elif at == 1:
        lines = [[*columns], [*row, word]]
    else:
        lines.append([word])
    writer.writerows(lines)
    assert not unheard(stream.getvalue())
