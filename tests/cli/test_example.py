"""`limen example`: what ships can be listed, had as a file, and is a protocol like any other."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from limen import load
from limen.cli.main import app
from limen.protocol import examples

NAMES = sorted(path.stem for path in examples().glob("*.yaml"))


def example(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["example", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_list_names_every_example_and_cuts_no_line(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, _ = example()
    assert code == 0
    assert all(name in out for name in NAMES)
    assert max(map(len, out.splitlines())) <= columns


def test_the_list_for_a_program():
    assert [row["name"] for row in json.loads(example("--json")[1])["examples"]] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_one_becomes_a_file_of_the_readers_own(name, tmp_path):
    code, out, _ = example(name, "--out", tmp_path)
    assert code == 0
    assert load(tmp_path / f"{name}.yaml") == load(name)
    assert str(tmp_path / f"{name}.yaml") in out


def test_what_the_reader_changed_is_not_written_over_unasked(tmp_path):
    file = tmp_path / "lsddep2.yaml"
    file.write_text("mine")
    code, _, err = example("lsddep2", "--out", tmp_path)
    assert code != 0
    assert "--force" in err
    assert file.read_text() == "mine"
    assert example("lsddep2", "--out", tmp_path, "--force")[0] == 0
    assert load(file) == load("lsddep2")


def test_a_name_nobody_knows_is_answered_with_those_there_are():
    code, _, err = example("lsddep3")
    assert code != 0
    assert all(name in err for name in NAMES)
