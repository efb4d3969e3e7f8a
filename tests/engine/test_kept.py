"""A run that was ended goes on where it stood, with the same bits, and leaves nothing when it ends well."""

from __future__ import annotations

import stat
import subprocess

import jax.numpy as jnp
import numpy as np
import pytest

from limen import files
from limen.engine import kept, runs
from limen.errors import OutputError

PEOPLE, BLOCK = 50, 8
DECIDES = ("plan", np.arange(6), 1.0)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(kept, "EVERY", 0.0)


def run(folder, factor=2.0, ends_at=None, workers=1, decides=DECIDES):
    """A run in blocks of what nobody could confuse; `ends_at` is the block in which it is ended. Also: blocks worked on,
    and what was said."""
    worked, said = [], []

    def work(rows):
        if rows[0] == ends_at:
            raise KeyboardInterrupt
        worked.append(int(rows[0]))
        return {"a": jnp.asarray(rows * factor), "b": (jnp.asarray(rows % 3),)}

    with kept.resumable(folder, said.append):
        found = runs.in_blocks(work, PEOPLE, workers, block=BLOCK, kept=kept.kept(*decides))
    return found, worked, [line.split(":")[0] for line in said]


def interrupted(folder, **given):
    with pytest.raises(KeyboardInterrupt):
        run(folder, ends_at=32, **given)


@pytest.mark.parametrize("workers", [1, 2])
def test_it_goes_on_from_the_blocks_that_were_finished_and_has_the_same_bits(tmp_path, workers):
    whole, every, _ = run(tmp_path / "other")
    interrupted(tmp_path)
    found, worked, said = run(tmp_path, workers=workers)
    assert sorted(every) == list(range(0, PEOPLE, BLOCK))
    assert worked[0] == 0  # always again, to see that it is the same
    assert not {8, 16, 24} & set(worked)
    assert said == ["going on"]
    assert found["a"].tobytes() == whole["a"].tobytes()
    assert found["b"][0].tobytes() == whole["b"][0].tobytes()


def test_nothing_is_left_when_it_ends_well_and_what_is_left_is_private(tmp_path):
    interrupted(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_blocks_of_other_bits_are_not_used(tmp_path):
    """The same inputs by another program (an update of a library): the first block tells."""
    interrupted(tmp_path)
    found, worked, said = run(tmp_path, factor=3.0)
    assert said == ["note"]
    assert sorted(worked) == list(range(0, PEOPLE, BLOCK))
    assert np.array_equal(found["a"], 3.0 * np.arange(PEOPLE))


OTHERS = {
    "plan": ("another plan", *DECIDES[1:]),
    "number": ("plan", np.arange(6), 1.0 + 1e-15),
    "shape": ("plan", np.arange(6).reshape(2, 3), 1.0),
    "type": ("plan", np.arange(6).astype(np.uint64), 1.0),
    "nothing": ("plan", np.arange(6), 1.0, None),
}


@pytest.mark.parametrize("decides", OTHERS.values(), ids=OTHERS)
def test_another_run_takes_none_of_them(decides, tmp_path):
    interrupted(tmp_path)
    assert takes_nothing(tmp_path, decides=decides)


@pytest.mark.parametrize("of", [kept.limen, kept.jax, kept.np], ids=lambda of: of.__name__)
def test_another_version_takes_none_of_them(of, tmp_path, monkeypatch):
    interrupted(tmp_path)
    monkeypatch.setattr(of, "__version__", "another")
    assert takes_nothing(tmp_path)


def test_another_source_of_the_same_version_takes_none_of_them(tmp_path, monkeypatch):
    source = tmp_path / "package" / "__init__.py"
    source.parent.mkdir()
    source.write_text("one = 1")
    monkeypatch.setattr(kept.limen, "__file__", str(source))
    interrupted(tmp_path / "cache")
    source.write_text("one = 2")
    assert takes_nothing(tmp_path / "cache")


def takes_nothing(folder, **given):
    _, worked, said = run(folder, **given)
    return sorted(worked) == list(range(0, PEOPLE, BLOCK)) and not said


@pytest.mark.parametrize("at", [0.0, 0.01, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("cut", [False, True])
def test_a_block_damaged_on_the_disk_is_made_again_and_that_is_said(at, cut, tmp_path):
    interrupted(tmp_path)
    (block,) = tmp_path.glob("*/16.block")
    content = bytearray(block.read_bytes())
    place = int(at * len(content))
    content[place] ^= 0x41
    block.write_bytes(content[:place] if cut else content)
    found, worked, said = run(tmp_path)
    assert 16 in worked
    assert said == ["going on", "note"]
    assert np.array_equal(found["a"], 2.0 * np.arange(PEOPLE))


def test_a_disk_that_is_full_takes_only_the_chance_to_go_on(tmp_path, monkeypatch):
    def full(path, content):
        raise OutputError("the disk is full")

    monkeypatch.setattr(files, "write_bytes", full)
    found, _, _ = run(tmp_path)
    assert np.array_equal(found["a"], 2.0 * np.arange(PEOPLE))
    folder = tmp_path / "a file"
    folder.write_text("")
    found, _, _ = run(folder)
    assert np.array_equal(found["a"], 2.0 * np.arange(PEOPLE))


def test_what_was_half_written_when_it_was_killed_goes_silently(tmp_path, recwarn):
    interrupted(tmp_path)
    (folder,) = tmp_path.iterdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    (folder / f"{files.PARTIAL}{gone.pid}-x").mkdir()
    run(tmp_path)
    assert not list(recwarn)
    assert list(tmp_path.iterdir()) == []


def test_nobody_who_did_not_ask_keeps_anything(tmp_path):
    assert kept.kept("plan") is None


def test_what_nobody_came_back_for_is_forgotten(tmp_path, monkeypatch):
    interrupted(tmp_path)
    monkeypatch.setattr(kept, "FORGOTTEN", -1.0)
    with kept.resumable(tmp_path):
        assert list(tmp_path.iterdir()) == []


def stream(folder, ends_at=None):
    """Counts of remainders, in a stream that is ended at the block `ends_at`. Also: blocks worked on, and what was said."""
    worked, said = [], []

    def seen(start):
        if start == ends_at:
            raise KeyboardInterrupt
        worked.append(start)
        return np.arange(start, start + BLOCK) ** 2 % 7

    def count(counts, found, people):
        for name, at in (("z", found), ("a", found // 2)):
            row = counts.setdefault(name, np.zeros((1, 7), np.int64))
            row += np.bincount(at[:people], minlength=7)

    with kept.resumable(folder, said.append):
        counts = runs.in_stream(seen, count, PEOPLE, BLOCK, kept=kept.kept(*DECIDES))
    return counts, worked, [line.split(":")[0] for line in said]


def test_a_stream_goes_on_from_what_was_counted(tmp_path):
    whole, every, _ = stream(tmp_path)
    assert every == list(range(0, PEOPLE, BLOCK))
    assert whole["z"].sum() == PEOPLE
    with pytest.raises(KeyboardInterrupt):
        stream(tmp_path, ends_at=32)
    counts, worked, said = stream(tmp_path)
    assert said == ["going on"]
    assert not {16} & set(worked)  # 8 was begun before the first was counted; 24 was seen, not counted
    assert list(counts) == list(whole) == ["z", "a"]
    assert all(np.array_equal(counts[name], whole[name]) for name in whole)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_whose_counts_are_damaged_is_run_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        stream(tmp_path, ends_at=32)
    (so_far,) = tmp_path.glob(f"*/{runs.SO_FAR}.block")
    so_far.write_bytes(so_far.read_bytes()[:-1])
    counts, worked, said = stream(tmp_path)
    assert said == ["going on", "note"]
    assert worked == list(range(0, PEOPLE, BLOCK))
    assert counts["z"].sum() == PEOPLE
