from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from limen.cli.main import app

RUN = CliRunner()


def test_json_holds_the_decision_and_the_assumed_form() -> None:
    done = RUN.invoke(
        app, ["screen", "--compound", "psilocybin", "--dose", "3 mg", "lithium; Zyrtec", "--json"]
    )
    said = json.loads(done.stdout)
    assert (said["schema_version"], said["form"], said["form_assumed"]) == (2, "psilocybin anhydrate", True)
    assert said["patients"][0]["decision"] == "not eligible"


def test_a_person_reads_the_form_the_arithmetic_and_that_evidence_is_at_full_doses() -> None:
    said = RUN.invoke(
        app, ["screen", "--compound", "psilocybin", "--dose", "3 mg", "fluoxetine 20 mg"]
    ).stdout
    for words in (
        "assumed to be psilocybin anhydrate",
        "46.5 d",
        "full doses",
        "limen does not suggest stopping",
    ):
        assert words in said


def test_many_patients_give_a_funnel_and_a_safe_file(tmp_path: Path) -> None:
    people, out = tmp_path / "people.csv", tmp_path / "out.csv"
    with people.open("w", newline="") as stream:
        rows = [["=cmd", "lithium", ""], ["b", "paracetamol", ""], ["c", "@kratom", "asthma"]]
        csv.writer(stream).writerows([["id", "medications", "conditions"], *rows])
    done = RUN.invoke(app, ["screen", "--compound", "LSD", "--csv", str(people), "--out", str(out), "--json"])
    funnel = json.loads(done.stdout)["funnel"]
    assert [funnel[k] for k in ("people", "eligible", "needs a clinician", "not eligible")] == [3, 1, 1, 1]
    assert all(row["about"] for row in funnel["rules"]), "a code says nothing by itself"
    cells = [cell for row in csv.reader(out.open()) for cell in row]
    assert not any(cell[:1] in ("=", "+", "-", "@") for cell in cells if cell)


@pytest.mark.parametrize(
    "arguments",
    [["x"], ["--compound", "DMT", "x"], ["--compound", "LSD"], ["--compound", "LSD", "--dose", "3", "x"]],
)
def test_a_mistake_is_one_message(arguments: list[str]) -> None:
    done = RUN.invoke(app, ["screen", *arguments])
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_no_json_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text("not json")
    done = RUN.invoke(app, ["screen", "--compound", "LSD", "--fhir", str(tmp_path / "b.json")])
    assert done.exit_code == 2
    assert "not JSON" in done.output


def test_screening_loads_no_jax_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from limen.cli.main import app\n"
        "try: app(['screen','--compound','LSD','sertralin'])\n"
        "except SystemExit: pass\n"
        "assert not {'jax','polars','altair'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)
    assert list(tmp_path.iterdir()) == []


def people(path: Path, *rows: list[str]) -> Path:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


@pytest.mark.parametrize(
    "header",
    [
        ["meds", "medications"],
        ["medications", "medications"],
        ["medications", "concomitant"],
        ["medication_1", "medication_2"],
    ],
)
def test_every_column_that_holds_medicines_is_read(tmp_path: Path, header: list[str]) -> None:
    file = people(tmp_path / "p.csv", ["id", *header], ["1", "paracetamol", "lithium"])
    done = RUN.invoke(app, ["screen", "--compound", "LSD", "--csv", str(file), "--json"])
    assert json.loads(done.stdout)["funnel"]["not eligible"] == 1


def test_an_error_quotes_nobody(tmp_path: Path) -> None:
    file = people(tmp_path / "p.csv", ["Ann Smith", "sertraline"], ["Bob", "lithium"])
    done = RUN.invoke(app, ["screen", "--compound", "LSD", "--csv", str(file)])
    assert done.exit_code == 2
    assert not [name for name in ("Ann", "ann smith", "sertraline", "lithium") if name in done.output]


def test_output_over_the_patients_or_into_a_folder_is_refused(tmp_path: Path) -> None:
    file = people(tmp_path / "p.csv", ["id", "medications"], ["1", "lithium"])
    before = file.read_text()
    for out in (file, tmp_path):
        done = RUN.invoke(app, ["screen", "--compound", "LSD", "--csv", str(file), "--out", str(out)])
        assert done.exit_code == 2
        assert "Traceback" not in done.output
    assert file.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["p.csv"]


def test_an_interrupted_run_leaves_nothing_half_written(tmp_path: Path) -> None:
    from limen.safety.screening.funnel import write_rows

    def interrupted():
        raise KeyboardInterrupt
        yield

    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write_rows(out, interrupted())
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("out.csv", "before")]


@pytest.mark.parametrize(
    "wrong", [[], ["--dose", "900 mg"], ["--no-such"]], ids=["read", "refused", "unknown"]
)
def test_nothing_that_was_typed_is_written_anywhere_unasked(tmp_path: Path, wrong: list[str]) -> None:
    """A process of its own, at home in an empty folder: no file of it holds a word of the patient, mistakes included."""
    home = tmp_path / "home"
    home.mkdir()
    places = {
        name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR")
    }
    typed = ["screen", "--compound", "LSD", "zyrtecish 10 mg", "--conditions", "quokkaphobia", *wrong]
    done = subprocess.run(
        [sys.executable, "-m", "limen", *typed],
        env=os.environ | places,
        cwd=home,
        capture_output=True,
        check=False,
    )
    assert done.returncode == (2 if wrong else 0)
    held = [file.read_bytes() for file in home.rglob("*") if file.is_file()]
    assert not any(word in data for data in held for word in (b"zyrtecish", b"quokkaphobia"))


def test_nothing_given_is_not_eligible_by_silence(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    for given in ([""], ["  "], ["--file", str(tmp_path / "empty.txt")]):
        assert RUN.invoke(app, ["screen", "--compound", "LSD", *given]).exit_code == 2
    assert "Eligible:" in RUN.invoke(app, ["screen", "--compound", "LSD", "none"]).stdout
