"""Outputs appear whole, together, or not at all, and what cannot be written says why."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen import files
from limen.errors import LimenWarning, OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_kind_of_file_is_written(tmp_path):
    with files.together(tmp_path / "new" / "folder") as out:
        out.text("a.txt", "Größe")
        out.bytes("b.bin", b"\x00")
        out.json("c.json", {"schema_version": 1, "x": float("nan"), "on": date(2026, 1, 2)})
        out.csv("d.csv", ("a", "b"), [("=1+1", -1.5), (None, float("nan"))])
        out.table("e.csv", pl.DataFrame({"arm": ["@x"], "y": [None]}))
        out.table("e.parquet", pl.DataFrame({"arm": ["@x"]}))
        assert names(out.folder)[0].startswith(files.PARTIAL)
    folder = tmp_path / "new" / "folder"
    assert names(folder) == ["a.txt", "b.bin", "c.json", "d.csv", "e.csv", "e.parquet"]
    assert json.loads((folder / "c.json").read_text()) == {"schema_version": 1, "x": None, "on": "2026-01-02"}
    assert (folder / "d.csv").read_text() == "a,b\n'=1+1,-1.5\n,\n"
    assert (folder / "e.csv").read_text() == "arm,y\n'@x,\n"
    assert pl.read_parquet(folder / "e.parquet")["arm"].to_list() == ["@x"]


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, RuntimeError, OSError])
def test_nothing_of_a_run_that_ended_badly_is_left(tmp_path, end):
    (tmp_path / "a.txt").write_text("before")

    def run():
        with files.together(tmp_path) as out:
            out.text("a.txt", "after")
            out.text("b.txt", "after")
            raise end

    with pytest.raises((end, OutputError)):
        run()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "before"


def test_what_was_there_comes_back_if_one_of_several_cannot_be_published(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    store = tmp_path / "s.zarr"
    store.mkdir()
    (store / "chunk").write_text("before")
    (tmp_path / "z.txt").mkdir()  # a folder where a file should go

    def run():
        with files.together(tmp_path) as out:
            out.text("a.txt", "after")
            out.text("new.txt", "after")
            out.path("s.zarr").mkdir()
            out.text("z.txt", "after")

    with pytest.raises(OutputError, match="folder"):
        run()
    assert names(tmp_path) == ["a.txt", "s.zarr", "z.txt"]
    assert (tmp_path / "a.txt").read_text() == (store / "chunk").read_text() == "before"


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    for content in ("one", "two"):
        with files.atomic(tmp_path / "s.zarr") as store:
            store.mkdir()
            (store / content).write_text("")
    assert names(tmp_path / "s.zarr") == ["two"]


def test_what_is_there_is_kept_unless_forced(tmp_path):
    files.write_text(tmp_path / "a.txt", "one", force=False)
    with pytest.raises(OutputError, match=r"a\.txt.*there already(.|\n)*--force"):
        files.write_text(tmp_path / "a.txt", "two", force=False)
    assert (tmp_path / "a.txt").read_text() == "one"
    files.write_text(tmp_path / "a.txt", "two")
    assert (tmp_path / "a.txt").read_text() == "two"


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("file/a.txt", "a part of this path is a file"),
        ("folder", "a folder"),
        ("x" * 300, "too long"),
        ("a\0b", "null|no name"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_with_a_remedy(tmp_path, place, says):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=says) as caught:
        files.write_text(tmp_path / place, "text")
    assert caught.value.remedy
    assert names(tmp_path) == ["file", "folder"]


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    def fill():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    code = f"from limen import files; files.write_text({str(tmp_path / 'a.txt')!r}, 'x' * 5000)"
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=fill, capture_output=True, text=True)
    assert "OutputError" in done.stderr
    assert "free some space" in done.stderr
    assert names(tmp_path) == []


def test_names_that_are_no_utf8_are_written_and_read(tmp_path):
    place = tmp_path / os.fsdecode(b"Gr\xf6\xdfe.json")
    files.write_json(place, {"schema_version": 1, "file": str(place)})
    assert json.loads(place.read_text())["schema_version"] == 1


def test_an_error_that_is_not_of_writing_stays_itself(tmp_path):
    with pytest.raises(FileNotFoundError), files.atomic(tmp_path / "a.txt"):
        open(tmp_path / "patients.csv").close()


def test_documents_for_programs_say_their_version(tmp_path):
    with pytest.raises(ValueError, match="schema_version"):
        files.write_json(tmp_path / "a.json", {"x": 1})


def test_temporaries_are_private(tmp_path):
    with files.together(tmp_path) as out:
        out.text("decisions.csv", "P1")
        (staged,) = tmp_path.iterdir()
        assert staged.stat().st_mode & 0o077 == 0


def test_leftovers_of_a_killed_run_are_named_at_the_next_start(tmp_path):
    code = (
        f"import time; from limen import files\nwith files.together({str(tmp_path)!r}) as out:\n"
        " out.text('a', 'b'); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert files.leftovers(tmp_path) == []
        other.kill()
    (left,) = files.leftovers(tmp_path)
    with pytest.warns(LimenWarning, match=left.name):
        files.ready(tmp_path)


def test_two_runs_into_one_folder_never_mix(tmp_path):
    """Whoever looks between two publications sees the files of one run."""
    code = (
        "import sys; from limen import files\nfor i in range(40):\n"
        f" with files.together({str(tmp_path)!r}) as out:\n  out.text('a', sys.argv[1]); out.text('b', sys.argv[1])"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code, word]) for word in ("one", "two")]
    seen = 0
    while any(run.poll() is None for run in runs):
        with files.locked(tmp_path):
            if (tmp_path / "a").exists():
                assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text()
                seen += 1
        time.sleep(0.005)
    assert [run.returncode for run in runs] == [0, 0]
    assert seen
    assert names(tmp_path) == ["a", "b"]


def test_a_process_that_ends_at_once_takes_its_temporaries_with_it(tmp_path):
    """`abandon` is called from another thread; the block that still runs finds nothing to publish."""

    def run():
        with files.together(tmp_path) as out:
            out.text("a", "b")
            thread = threading.Thread(target=files.abandon)
            thread.start()
            thread.join()
            assert names(tmp_path) == []

    with pytest.raises(OutputError):
        run()
    assert names(tmp_path) == []


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text()
    | st.floats(width=32).map(np.float32) | st.integers(0, 9).map(np.int64),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
))  # fmt: skip
def test_any_value_becomes_json_that_every_program_reads(value):
    json.loads(files.json_text(value), parse_constant=pytest.fail)


@given(
    st.text() | st.sampled_from(["=cmd|' /C calc'!A0", "+1", "-2", "@sum", " =1", "\t=1", "\r=1", "\u202e=1"])
)
def test_no_cell_is_a_formula(text):
    cell = files.plain_cell(text)
    assert cell.isprintable()
    assert cell.startswith("'") or cell.lstrip()[:1] not in ("=", "+", "-", "@")
