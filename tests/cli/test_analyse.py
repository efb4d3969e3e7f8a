"""`limen analyse`: a table and a figure from a CSV in one command, JSON for programs, one message for a mistake."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from limen.cli.main import app

ROLES = [
    "--id",
    "person",
    "--visit",
    "week",
    "--arm",
    "group",
    "--control",
    "placebo",
    "--outcome",
    "madrs",
    "--baseline",
    "madrs0",
]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    lines = ["person,week,group,madrs,madrs0,sex"]
    for i in range(40):
        start, person = rng.normal(30, 4), rng.normal(0, 3)
        for week in (2, 4, 8):
            score = "" if rng.random() < 0.1 else f"{start - week + person + rng.normal(0, 3):.1f}"
            lines.append(
                f"P{i},{week},{'drug' if i % 2 else 'placebo'},{score},{start:.2f},{'fm'[i % 3 == 0]}"
            )
    path = tmp_path_factory.mktemp("data") / "trial.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(*words: object):
    return CliRunner().invoke(app, ["analyse", *map(str, words)])


def test_json_and_figure(trial: Path, tmp_path: Path) -> None:
    result = run(trial, *ROLES, "--json", "--out", tmp_path / "new" / "folder")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema_version"] == 1
    assert [line["visit"] for line in document["estimates"]] == ["2", "4", "8"]
    assert all(line["se_method"] == "kenward-roger" for line in document["estimates"])
    folder = tmp_path / "new" / "folder"
    assert json.loads((folder / "analysis.json").read_text()) == document
    assert (folder / "lsmeans.png").read_bytes().startswith(b"\x89PNG")
    drawing = (folder / "lsmeans.svg").read_text()
    assert drawing.startswith("<svg")
    assert "drug minus placebo" in drawing
    assert sorted(path.name for path in folder.iterdir()) == ["analysis.json", "lsmeans.png", "lsmeans.svg"]


def test_table_for_a_person(trial: Path) -> None:
    result = run(trial, *ROLES, "--method", "ancova", "--factor", "sex", "--visit-of-interest", "4.0")
    assert result.exit_code == 0, result.output
    assert "ANCOVA, baseline-adjusted, of those observed, at each visit" in result.stdout
    assert "At visit 4, drug - placebo was" in result.stdout


def test_roles_are_required_without_a_terminal_and_a_command_is_offered(trial: Path) -> None:
    result = run(trial, "--id", "person", "--outcome", "madrs", "--baseline", "madrs0")
    assert result.exit_code == 2
    assert "--visit, --arm, --control not given" in result.stderr
    assert f"limen analyse {trial} --id person --visit week --arm group --control placebo" in result.stderr


def test_a_mistake_names_file_row_and_column(trial: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    lines = trial.read_text().splitlines()
    lines[4] = lines[4].replace("P1,2,drug", "P0,2,placebo")
    bad.write_text("\n".join(lines))
    result = run(bad, *ROLES, "--out", tmp_path / "none")
    assert result.exit_code == 2
    assert "bad.csv, row 5, column week" in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "none").exists()


def test_data_the_model_cannot_be_fitted_to(trial: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("\n".join(trial.read_text().splitlines()[:13]))
    result = run(few, *ROLES)
    assert result.exit_code == 2
    assert "few.csv" in result.stderr


def test_a_folder_that_cannot_be_written(trial: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = run(trial, *ROLES, "--out", blocked / "results")
    assert result.exit_code == 2
    assert "cannot write here" in result.stderr


def test_other_assumptions_about_what_is_missing_stand_beside_the_analysis(trial: Path) -> None:
    asked = ("--impute", "jump-to-reference", "--impute", "missing-at-random", "--imputations", 20)
    document = json.loads(run(trial, *ROLES, *asked, "--json").stdout)
    assert [one["strategy"] for one in document["imputed"]["assumed"]] == [
        "jump-to-reference",
        "missing-at-random",
    ]
    shown = run(trial, *ROLES, *asked).stdout
    assert "imputed 20 times" in shown
    assert "significance ends at" in shown
    refused = run(trial, *ROLES, "--impute", "jump")
    assert refused.exit_code != 0
    assert "missing-at-random, jump-to-reference" in refused.output


@pytest.mark.parametrize(
    "asked", [["--margin", "1", "--alternative", "less"], ["--method", "wilcoxon"], ["--by", "sex"]]
)
def test_every_result_has_its_figure(trial: Path, tmp_path: Path, asked: list[str]) -> None:
    """An open side of an interval is not drawn, and a model without means shows its differences."""
    result = run(trial, *ROLES, "--method", "ancova", *asked, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert len(list(tmp_path.glob("*.svg"))) == 1
    assert json.loads((tmp_path / "analysis.json").read_text())["schema_version"] == 1
