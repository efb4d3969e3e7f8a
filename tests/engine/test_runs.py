"""Blocks, atomic writes, and JSON that programs can read."""

import json

import numpy as np
import pytest

from limen.engine import runs
from limen.errors import OutputError


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("people", [1, 7, 8, 9, 30])
def test_blocks_cover_everybody_once_and_padding_is_cut_off(workers, people):
    seen = []

    def work(indices):
        assert len(indices) == 8
        return indices * 2

    out = runs.in_blocks(work, people, workers, seen.append, block=8)
    assert np.array_equal(out, 2 * np.arange(people))
    assert sum(seen) == people


def test_an_interrupted_write_leaves_nothing(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("before")

    def half():
        with runs.atomic(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        runs.write_text(blocker / "x.txt", "text")


def test_nan_becomes_null(tmp_path):
    path = runs.write_json(tmp_path / "x.json", {"a": [float("nan"), np.float64(1.5), np.int64(2)]})
    assert json.loads(path.read_text()) == {"a": [None, 1.5, 2]}
