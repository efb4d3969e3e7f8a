"""`limen power`: the same answers as the calls, every option of a design named, mistakes in one message."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from typer.testing import CliRunner

import limen
from limen.analysis.power.ask import DESIGNS
from limen.cli.main import app
from limen.cli.power import Design


def run(*words: object):
    return CliRunner().invoke(app, ["power", *map(str, words)])


def test_json_and_figure(tmp_path: Path) -> None:
    words = [
        "ancova",
        "--effect",
        3,
        "--sd",
        8,
        "--correlation",
        0.5,
        "--power",
        0.9,
        "--json",
        "--out",
        tmp_path,
    ]
    result = run(*words)
    assert result.exit_code == 0, result.output
    found = limen.power("ancova", 3.0, power=0.9, sd=8.0, correlation=0.5)
    assert json.loads(result.stdout) == json.loads(found.to_json())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["power.json", "power.png", "power.svg"]
    again = run(*words)
    assert again.exit_code == 2
    assert "there already" in again.stderr
    assert run(*words, "--force").exit_code == 0


def test_a_mixed_model_and_its_lists() -> None:
    result = run("mmrm", "--effect", 3, "--sd", 8, "--visits", 3, "--correlation", "0.6,0.5,0.6", "--structure", "unstructured",
                 "--retention", "1,0.9,0.8", "--n", 200)  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "seen at the visits: 100%, 90%, 80%" in result.stdout


def test_bounds(tmp_path: Path) -> None:
    result = run(
        "sequential",
        "--information",
        "1,2,3,4,5",
        "--spending",
        "obrien-fleming",
        "--fixed-n",
        100,
        "--out",
        tmp_path,
    )
    assert result.exit_code == 0, result.output
    assert "2.0401" in result.stdout
    assert (tmp_path / "sequential.svg").exists()
    stop = run(
        "sequential",
        "--information",
        "1,2",
        "--sided",
        1,
        "--alpha",
        0.025,
        "--futility-spending",
        "kim-demets(2)",
        "--json",
    )
    assert json.loads(stop.stdout)["power"] == 0.9


@pytest.mark.parametrize("design", DESIGNS)
def test_every_assumption_of_a_design_has_its_option(design: str) -> None:
    said = set(vars(Design)[design.replace("-", "_")][0].split())
    said = {{"correlations": "correlation", "lost": "dropout"}.get(name, name) for name in said}
    assert said == {one.name for one in fields(DESIGNS[design])}


def test_a_mistake_is_one_message() -> None:
    result = run("two-sample", "--effect", 3, "--sd", 8)
    assert result.exit_code == 2
    assert "two are given and the third is found" in result.stderr
    assert "Traceback" not in result.output
