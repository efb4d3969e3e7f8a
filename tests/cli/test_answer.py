"""`limen answer` as a person meets it: files written, mistakes answered in one message, nothing left half-done."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from typer.testing import CliRunner

from limen.cli.main import app

LIMEN = [sys.executable, "-m", "limen"]
SMALL = ["--draws", "20", "--people", "60"]


def limen(*arguments, cwd=None):
    return subprocess.run(
        [*LIMEN, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=300
    )


def inside(*arguments):
    """The same command in this process, which keeps what it has traced and compiled for the next."""
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture(scope="module")
def dossier(tmp_path_factory, examples):
    out = tmp_path_factory.mktemp("out")
    done = limen("answer", examples / "lsddep2.yaml", *SMALL, "--out", out)
    return out, done


def test_it_ends_by_naming_the_dossier_it_wrote(dossier):
    out, done = dossier
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == f"Dossier: {out / 'lsddep2.html'}"
    assert {p.name for p in out.iterdir()} == {
        f"lsddep2.{kind}" for kind in ("html", "json", "parquet", "csv")
    }


def test_the_json_file_obeys_the_published_schema(dossier):
    from limen.dossier.assembled import schema

    found = json.loads((dossier[0] / "lsddep2.json").read_text())
    assert found["schema_version"] == 1
    nullable = json.loads(json.dumps(schema()).replace('"type": "number"', '"type": ["number", "null"]'))
    jsonschema.validate(found, nullable)
    assert len(found["reproduce"]["parameter_hash"]) == 64


def test_trial_data_are_one_row_per_person_and_visit(dossier):
    table = pl.read_parquet(dossier[0] / "lsddep2.parquet")
    assert table.height == 20 * 89 * 5
    assert set(table["arm"].unique()) == {"LSD", "caffeine"}
    assert table.equals(pl.read_csv(dossier[0] / "lsddep2.csv", schema=table.schema))


@pytest.mark.parametrize("name", ["claimed_psilocybin_gad", "healthy_10ug"])
def test_other_examples_run_whole_too(name, examples, tmp_path):
    done = inside("answer", examples / f"{name}.yaml", *SMALL, "--out", tmp_path, "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    if name.startswith("claimed"):
        assert "p < 0.01" in found["claimed"]["sentence"]
        assert {row[1] for row in found["claimed"]["rows"]} >= {0.0, 0.2, 0.4}
    if name == "healthy_10ug":
        assert found["verdict"]["no_verdict"]


def test_the_same_seed_gives_the_same_digest_with_one_or_two_workers(examples, tmp_path):
    digests = set()
    for workers in (1, 2):
        done = inside(
            "answer", examples / "adhd_20ug.yaml", *SMALL, "--out", tmp_path, "--workers", workers, "--json"
        )
        digests.add(json.loads(done.stdout)["reproduce"]["result_digest"])
    assert len(digests) == 1


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(examples, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    done = limen("answer", examples / "adhd_20ug.yaml", *SMALL, "--out", blocker / "out")
    assert done.returncode == 2
    assert "a part of this path is a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_design_that_cannot_be_simulated_says_so_and_still_succeeds(examples, tmp_path):
    done = inside("answer", examples / "self_blinding.yaml", *SMALL, "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "No verdict, because" in done.stdout
    assert json.loads((tmp_path / "self_blinding.json").read_text())["trial"] is None


@pytest.mark.parametrize("content", ["", "\x00\x01\x02", "limen: 1\nlimen: 1\n", "- a list\n"])
def test_a_broken_file_gets_one_clear_message(content, tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content.encode())
    done = limen("answer", path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "broken.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
def test_ctrl_c_in_the_middle_leaves_no_file(examples, tmp_path):
    command = [
        *LIMEN,
        "answer",
        str(examples / "adhd_20ug.yaml"),
        "--draws",
        "400",
        "--people",
        "4000",
        "--out",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


def test_help_and_quick_commands_load_no_jax(examples):
    for arguments in (["--help"], ["check", str(examples / "adhd_20ug.yaml")], ["model", "perception"]):
        code = (
            f"import sys; sys.argv=['limen', *{arguments!r}]\nfrom limen.cli.main import app\n"
            "try:\n    app(standalone_mode=False)\nexcept SystemExit:\n    pass\n"
            "assert 'jax' not in sys.modules and 'polars' not in sys.modules, sorted(sys.modules)[:0]"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_simulate_and_trial_write_what_they_say(examples, tmp_path):
    done = limen(
        "simulate",
        examples / "adhd_20ug.yaml",
        "--people",
        50,
        "--keep",
        "trajectories",
        "--out",
        tmp_path,
        "--json",
    )
    found = json.loads(done.stdout)
    assert all(Path(f).exists() for f in found["files"])
    assert found["arms"][0]["cmax_ng_ml"]["q05"] < 0.5 < found["arms"][0]["cmax_ng_ml"]["q95"] * 1.5
    done = limen("trial", examples / "adhd_20ug.yaml", "--trials", 20, "--out", tmp_path, "--json")
    assert json.loads(done.stdout)["rows"] % (20 * 53) == 0
