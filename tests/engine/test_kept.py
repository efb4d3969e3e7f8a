"""A run that was ended goes on where it stood, with the same bits, and leaves nothing when it ends well."""

from __future__ import annotations

import stat

import jax.numpy as jnp
import numpy as np
import pytest

from limen.engine import kept, runs

PEOPLE, BLOCK = 50, 8


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(kept, "EVERY", 0.0)


def run(folder, factor=2.0, ends_at=None, workers=1, named="plan"):
    """A run in blocks of what nobody could confuse; `ends_at` is the block in which it is ended. Also: blocks worked on."""
    worked = []

    def work(rows):
        if rows[0] == ends_at:
            raise KeyboardInterrupt
        worked.append(int(rows[0]))
        return {"a": jnp.asarray(rows * factor), "b": (jnp.asarray(rows % 3),)}

    with kept.resumable(folder):
        found = runs.in_blocks(work, PEOPLE, workers, block=BLOCK, kept=kept.kept(named, np.arange(3)))
    return found, worked


def interrupted(folder, **given):
    with pytest.raises(KeyboardInterrupt):
        run(folder, ends_at=32, **given)


@pytest.mark.parametrize("workers", [1, 2])
def test_it_goes_on_from_the_blocks_that_were_finished_and_has_the_same_bits(tmp_path, workers):
    whole, every = run(tmp_path / "other")
    interrupted(tmp_path)
    found, worked = run(tmp_path, workers=workers)
    assert sorted(every) == list(range(0, PEOPLE, BLOCK))
    assert worked[0] == 0  # always again, to see that it is the same
    assert not {8, 16, 24} & set(worked)
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
    found, worked = run(tmp_path, factor=3.0)
    assert sorted(worked) == list(range(0, PEOPLE, BLOCK))
    assert np.array_equal(found["a"], 3.0 * np.arange(PEOPLE))


def test_another_run_takes_none_of_them(tmp_path):
    interrupted(tmp_path)
    _, worked = run(tmp_path, named="another plan")
    assert sorted(worked) == list(range(0, PEOPLE, BLOCK))


def test_a_block_cut_short_on_the_disk_is_made_again(tmp_path):
    interrupted(tmp_path)
    (block,) = tmp_path.glob("*/16.npz")
    block.write_bytes(block.read_bytes()[:50])
    found, worked = run(tmp_path)
    assert 16 in worked
    assert np.array_equal(found["a"], 2.0 * np.arange(PEOPLE))


def test_nobody_who_did_not_ask_keeps_anything(tmp_path):
    assert kept.kept("plan") is None


def test_what_nobody_came_back_for_is_forgotten(tmp_path, monkeypatch):
    interrupted(tmp_path)
    monkeypatch.setattr(kept, "FORGOTTEN", -1.0)
    with kept.resumable(tmp_path):
        assert list(tmp_path.iterdir()) == []
