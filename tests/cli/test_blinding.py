"""`limen blinding`: a table, a figure and JSON from a CSV; one message for a mistake; no JAX."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from limen.cli.main import app

ROLES = ["--id", "id", "--arm", "group", "--control", "placebo", "--guess", "guess"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(3)
    rows = [
        f"P{i},{'drug' if i % 2 else 'placebo'},{rng.choice([1, 2, 9], p=[0.5, 0.4, 0.1])},{rng.normal(5, 2):.2f}"
        for i in range(90)
    ]
    path = tmp_path_factory.mktemp("guesses") / "guesses.csv"
    path.write_text("\n".join(["id,group,guess,score", *rows]) + "\n")
    return path


def run(*words: object):
    return CliRunner().invoke(app, ["blinding", *map(str, words)])


CODES = ["--guess-active", 1, "--guess-placebo", 2, "--guess-unknown", 9]


def test_json_and_figure(file: Path, tmp_path: Path) -> None:
    words = [
        file,
        *ROLES,
        *CODES,
        "--outcome",
        "score",
        "--resamples",
        100,
        "--replicate",
        8,
        "--json",
        "--out",
        tmp_path,
    ]
    result = run(*words)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema_version"] == 1
    assert len(document["replicated"]) == 14
    assert document["assumptions"]
    assert json.loads((tmp_path / "blinding.json").read_text()) == document
    assert "as seen" in (tmp_path / "blinding.svg").read_text()
    assert run(*words).exit_code == 2


def test_a_table_for_a_person(file: Path) -> None:
    result = run(file, *ROLES, *CODES)
    assert result.exit_code == 0, result.output
    for words in (
        "Bang's index",
        "James",
        "criterion",
        "columns not read: score",
        "guessed that they had the drug",
    ):
        assert words in result.stdout


def test_a_code_without_a_meaning_is_one_message(file: Path) -> None:
    result = run(file, *ROLES)
    assert result.exit_code == 2
    assert '--guess-active "1"' in result.stderr
    assert "Traceback" not in result.output


def test_a_command_to_copy_is_offered(file: Path) -> None:
    result = run(file)
    assert f"limen blinding {file} --arm group --control placebo --guess guess" in result.stderr


@pytest.mark.parametrize(
    "words", [["blinding", "FILE", *ROLES, *map(str, CODES)], ["power", "two-sample", "--effect", "1", "--sd", "2", "--n", "40"]]
)  # fmt: skip
def test_neither_this_nor_power_loads_jax(file: Path, words: list[str]) -> None:
    words = [str(file) if word == "FILE" else word for word in words]
    code = f"import sys; sys.argv = ['limen', *{words!r}]\nfrom limen.cli.main import app\ntry:\n    app()\nexcept SystemExit:\n    pass\nassert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
