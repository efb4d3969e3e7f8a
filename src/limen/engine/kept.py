"""Kept: finished blocks of a long run, so that the same command, after it was ended, goes on where it stood."""

from __future__ import annotations

import io
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

import jax
import numpy as np
from jaxtyping import Shaped

import limen
from limen import files
from limen.engine.stored import source_digest
from limen.errors import OutputError

EVERY = 20.0  # s of work between two visits to the disk: a run shorter than this keeps nothing
FORGOTTEN = 7 * 86400.0  # s after which nobody is thought to go on
DIGEST = sha256().digest_size
Leaves = list[Shaped[np.ndarray, "..."]]
Say = Callable[[str], None]
_asked: tuple[Path, Say, list[Path]] | None = None


class Kept:
    """Blocks of one run, in a private folder named by everything that decides them: its inputs, limen's source, JAX,
    machine.

    The first block is always run again. Where its bits are not those kept, nothing that was kept is used.
    """

    def __init__(self, folder: Path, say: Say, *decides: Any):
        leaves, form = jax.tree.flatten(decides)
        told = sha256(
            repr((limen.__version__, jax.__version__, np.__version__, platform.node(), form)).encode()
        )
        told.update(source_digest())
        for leaf in leaves:
            array = np.asarray(leaf)
            told.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
        self.folder, self._say, self._lock = folder / told.hexdigest()[:32], say, Lock()
        self._waiting, self._since = dict[int, Leaves](), time.monotonic()

    def trusted(self, first: Leaves) -> bool:
        """Whether blocks are there and their first has these bits; if they are others, they go."""
        before = self.read(0)
        if before is None:
            return False
        same = len(before) == len(first) and all(map(_same, before, first))
        if same:
            self._say("going on: this command was ended before, and what it had finished is taken from there")
        else:
            self._say(
                "note: what this command had finished before now comes out otherwise; all of it is run again"
            )
            shutil.rmtree(self.folder, ignore_errors=True)
        return same

    def read(self, start: int) -> Leaves | None:
        """The block that starts here; None where it was not kept whole."""
        try:
            content = self._file(start).read_bytes()
        except OSError:
            return None
        if sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            self._say("note: a part that was kept from before is damaged; it is run again")
            return None
        with np.load(io.BytesIO(content[DIGEST:])) as stored:
            return [stored[f"arr_{at}"] for at in range(len(stored.files))]

    def add(self, start: int, leaves: Leaves) -> None:
        """Keep a block; it goes to the disk with others, once there was work to lose."""
        with self._lock:
            self._waiting[start] = leaves
            if time.monotonic() - self._since < EVERY:
                return
            with suppress(OSError, OutputError):  # a full disk takes only the chance to go on
                self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
                for at, block in self._waiting.items():
                    content = io.BytesIO()
                    np.savez(content, *block)
                    whole = content.getvalue()
                    files.write_bytes(self._file(at), sha256(whole).digest() + whole)
            self._waiting.clear()
            self._since = time.monotonic()

    def _file(self, start: int) -> Path:
        return self.folder / f"{start}.block"


@contextmanager
def resumable(folder: Path, say: Say = lambda _: None) -> Iterator[None]:
    """Runs within it keep their blocks under `folder`; they go when it ends well, and when nobody came back for long.
    `say` is told what becomes of blocks from before."""
    global _asked
    for old in folder.glob("*") if folder.is_dir() else ():
        with suppress(OSError):
            gone = [old] if time.time() - old.stat().st_mtime > FORGOTTEN else files.leftovers(old)
            for path in gone:
                shutil.rmtree(path, ignore_errors=True)
    used: list[Path] = []
    _asked, before = (folder, say, used), _asked
    try:
        yield
        for path in used:
            shutil.rmtree(path, ignore_errors=True)
    finally:
        _asked = before


def kept(*decides: Any) -> Kept | None:
    """Where a run that all of this decides keeps its blocks; None where nobody asked to go on."""
    if _asked is None:
        return None
    folder, say, used = _asked
    found = Kept(folder, say, *decides)
    used.append(found.folder)
    return found


def _same(one: Shaped[np.ndarray, ...], other: Shaped[np.ndarray, ...]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
