"""`limen evidence` as people and programs call it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from limen.cli.main import app
from limen.facts.read import read, read_bibtex
from limen.facts.schema import declarations


@pytest.fixture(autouse=True)
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIMEN_OVERLAY", str(tmp_path / "overlay"))
    return tmp_path / "overlay"


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, ["evidence", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def load(*arguments: str | Path) -> Any:
    found = json.loads(run(*arguments, "--json"))
    assert found["schema_version"]
    return found


@pytest.mark.parametrize("name", ["studies", "outcomes", "comparators", "claims", "refs", "pipeline"])
def test_every_table_comes_as_table_json_csv_and_bibtex(name: str) -> None:
    count = len(load(name)[name])
    assert count > 25
    assert len(list(csv.DictReader(io.StringIO(run(name, "--csv"))))) == count
    assert read_bibtex(run(name, "--bibtex"))
    assert run(name)


def test_filters_narrow_and_combine() -> None:
    found = load(
        "studies",
        "--compound",
        "psilocybin",
        "--dose-class",
        "microdose",
        "--design",
        "RCT",
        "--year",
        "2022-2025",
    )
    ids = {row["study_id"] for row in found["studies"]}
    assert {"cavanna2022", "toronto_md"} <= ids
    assert "mueller2025" not in ids
    assert all(2022 <= int(row["year"]) <= 2025 for row in found["studies"])


def test_57_claims_by_topic_and_verdict() -> None:
    assert load("claims")["count"] == 57
    found = load("claims", "--topic", "regulatory", "--verdict", "contradicted")["claims"]
    assert {row["claim_id"] for row in found} == {"C36", "C41"}


def test_a_verdict_that_is_none_is_refused_with_those_there_are() -> None:
    result = CliRunner().invoke(app, ["evidence", "claims", "--verdict", "true"])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["studies", "--compound", "mushrooms"], "psilocybin"),
        (["studies", "--dose-class", "micro"], "low dose comparator"),
        (["studies", "--design", "openlabel"], "open"),
        (["studies", "--year", "2026-2022"], "2022-2026"),
        (["studies", "--indication", "baldness"], "depression"),
        (["outcomes", "--compound", "l"], "LSD"),
        (["comparators", "--verification", "sure"], "recalled"),
        (["claims", "--topic", "gossip"], "regulatory"),
        (["pipeline", "--dose-class", "huge"], "microdose"),
        (["facts", "mechanism/nothing"], "mechanism/hpa"),
        (["meta", "-o", "anxiety", "--subgroup", "weather"], "compound"),
        (["meta", "-o", "anxiety", "--moderator", "weather"], "year"),
        (["meta", "-o", "anxiety", "--measure", "hr"], "smd"),
        (["meta", "-o", "anxiety", "--method", "guess"], "REML"),
        (["meta", "-o", "anxiety", "--dose-class", "micro"], "full dose"),
        (["meta", "-o", "baldness"], "no word on whether a trial exists"),
    ],
)  # fmt: skip
def test_a_value_that_nobody_knows_is_an_error_with_those_known(arguments: list[str], names: str) -> None:
    result = CliRunner().invoke(app, ["evidence", *arguments])
    assert result.exit_code == 2
    assert names in result.output
    assert "Traceback" not in result.output


def test_open_label_is_found_however_it_is_written() -> None:
    one, other = (load("studies", "--design", word)["studies"] for word in ("open label", "open-label"))
    assert one == other
    assert "lsddep1" in {row["study_id"] for row in one}


@pytest.mark.parametrize("table", sorted(name for name in declarations() if "/" in name))
def test_every_shipped_table_is_reached(table: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("facts", table, "--csv"))))
    assert len(rows) == len(read(table))
    assert table in {row["table"] for row in load("facts")["tables"]}


def test_a_target_is_not_shown_as_randomised() -> None:
    """Trials of which no result is known have randomised nobody that limen knows of."""
    for row in load("studies")["studies"]:
        if any(word in row["status"] for word in ("recruiting", "registered", "started")):
            assert row["n_randomised"] == ""


def test_a_sentence_gets_a_verdict_only_where_it_is_the_claim() -> None:
    same = load("check", "Microdosing lowered cortisol in that pilot.")
    assert (same["verdict"], same["verdict_of"]) == ("not found", "C24")
    near = load("check", "microdosing lowers cortisol")
    assert near["verdict"] is None
    assert near["near"][0]["claim_id"] == "C24"
    assert near["near"][0]["differs"]
    assert "no known claim comes near" in run("check", "the moon is made of cheese")


def test_depression_is_too_few_to_pool_and_says_what_a_second_trial_adds() -> None:
    found = load("meta", "--outcome", "depression", "--dose-class", "microdose")
    assert found["verdict"] == "too few to pool"
    assert found["pooled"] is None
    assert found["k"] == 1
    assert "normal(0, 1)" in found["too_few"]["prior"]
    assert found["too_few"]["second_trial"][0]["width"] > 0
    assert any(row["study_id"] == "lsddep2" for row in found["refused"])
    assert "a second trial would add" in run("meta", "-o", "depression")


def test_anxiety_is_pooled_by_every_method() -> None:
    found = load("meta", "--outcome", "anxiety")
    assert {fit["method"] for fit in found["by_method"]} == {"EE", "DL", "PM", "ML", "REML"}
    assert found["pooled"]["method"] == "REML"


def test_subgroups_are_compared_and_a_moderator_needs_trials() -> None:
    found = load("meta", "--outcome", "anxiety", "--subgroup", "compound")
    assert len(found["subgroups"]["groups"]) == 2
    assert found["subgroups"]["df"] == 1
    refused = load("meta", "--outcome", "anxiety", "--moderator", "year")
    assert refused["regression"] is None
    assert any("2 trials cannot carry 2 coefficients" in why for why in refused["not_done"])


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_the_forest_is_drawn_for_print(tmp_path: Path, ending: str) -> None:
    for outcome in ("anxiety", "depression"):
        file = tmp_path / f"{outcome}.{ending}"
        run("meta", "--outcome", outcome, "--figure", file)
        content = file.read_bytes()
        assert content.startswith({"svg": b"<svg", "pdf": b"%PDF", "png": b"\x89PNG"}[ending])
    if ending == "svg":
        words = re.sub(r"<[^>]+>", " ", file.read_text())
        assert "too few to pool" in words
        assert "antidepressants" in words
        assert "CBT" not in words


def test_a_figure_of_another_kind_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evidence", "meta", "-o", "adhd", "--figure", str(tmp_path / "x.gif")])
    assert result.exit_code == 2


def test_adding_a_corrupt_file_leaves_nothing_behind(tmp_path: Path, overlay: Path) -> None:
    lines = run("outcomes", "--csv").splitlines()
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join([lines[0], lines[1].replace("szigeti2021,", "nobody2020,", 1)]) + "\n")
    result = CliRunner().invoke(app, ["evidence", "add", str(bad)])
    assert result.exit_code == 2
    assert "row 2, column study_id" in result.output
    assert "Traceback" not in result.output
    assert not overlay.exists()


@pytest.mark.parametrize(
    "arguments", [["claims", "--json"], ["studies"], ["meta", "-o", "depression", "--json"]]
)
def test_it_loads_no_jax_and_little_else(arguments: list[str]) -> None:
    code = (
        "import sys; from limen.cli.main import app\n"
        f"try: app(['evidence', *{arguments!r}])\n"
        "except SystemExit: pass\n"
        "assert not {'jax', 'numpyro', 'polars', 'altair', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("week", ["nan", "inf", "-1"])
def test_a_week_that_is_none_is_refused(week: str) -> None:
    assert (
        CliRunner().invoke(app, ["evidence", "meta", "-o", "depression", f"--timepoint={week}"]).exit_code
        == 2
    )


def test_a_long_list_is_cut_where_asked_and_says_so() -> None:
    assert run("outcomes", "--limit", "2").startswith("the first 2 of ")
    said = json.loads(run("facts", "safety/drugs", "--limit", "3", "--json"))
    assert (said["count"], len(said["safety/drugs"]), said["of"] > 300) == (3, 3, True)


def test_a_figure_replaces_no_file_unasked(tmp_path) -> None:
    there = tmp_path / "forest.svg"
    there.write_text("before")
    asked = ["evidence", "meta", "-o", "depression", "--figure", str(there)]
    assert CliRunner().invoke(app, asked).exit_code == 2
    assert there.read_text() == "before"
    assert CliRunner().invoke(app, [*asked, "--force"]).exit_code == 0
    assert there.read_text() != "before"
