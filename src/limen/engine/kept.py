"""Kept: finished blocks of a long run, so that the same command, after it was ended, goes on where it stood."""

from __future__ import annotations

import io
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

import jax
import numpy as np
from jaxtyping import Shaped

from limen import __version__, files

EVERY = 20.0  # s of work between two visits to the disk: a run shorter than this keeps nothing
FORGOTTEN = 7 * 86400.0  # s after which nobody is thought to go on
Leaves = list[Shaped[np.ndarray, "people ..."]]
_used: list[Path] | None = None


class Kept:
    """Blocks of one run, in a private folder named by everything that decides them: its inputs, limen, JAX, machine.

    The first block is always run again. Where its bits are not those kept, nothing that was kept is used.
    """

    def __init__(self, folder: Path, *decides: Any):
        told = sha256("/".join((__version__, jax.__version__, platform.node())).encode())
        for leaf in jax.tree.leaves(decides):
            told.update(leaf.encode() if isinstance(leaf, str) else np.ascontiguousarray(leaf).tobytes())
        self.folder, self._lock = folder / told.hexdigest()[:32], Lock()
        self._waiting, self._since = dict[int, Leaves](), time.monotonic()

    def trusted(self, first: Leaves) -> bool:
        """Whether blocks are there and their first has these bits; if they are others, they go."""
        before = self.read(0)
        if before is None:
            return False
        same = len(before) == len(first) and all(map(_same, before, first))
        if not same:
            shutil.rmtree(self.folder, ignore_errors=True)
        return same

    def read(self, start: int) -> Leaves | None:
        """The block that starts here; None where it was not kept whole."""
        with (
            suppress(OSError, ValueError, KeyError, EOFError, BadZipFile),
            np.load(self._file(start)) as stored,
        ):
            return [stored[f"arr_{at}"] for at in range(len(stored.files))]
        return None

    def add(self, start: int, leaves: Leaves) -> None:
        """Keep a block; it goes to the disk with others, once there was work to lose."""
        with self._lock:
            self._waiting[start] = leaves
            if time.monotonic() - self._since < EVERY:
                return
            with suppress(OSError):  # a full disk takes only the chance to go on
                self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
                for at, block in self._waiting.items():
                    content = io.BytesIO()
                    np.savez(content, *block)
                    files.write_bytes(self._file(at), content.getvalue())
            self._waiting.clear()
            self._since = time.monotonic()

    def _file(self, start: int) -> Path:
        return self.folder / f"{start}.npz"


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Runs within it keep their blocks under `folder`; they go when it ends well, and when nobody came back for long."""
    global _used
    for old in folder.glob("*") if folder.is_dir() else ():
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > FORGOTTEN:
                shutil.rmtree(old, ignore_errors=True)
    _used, before = [folder], _used
    try:
        yield
        for used in _used[1:]:
            shutil.rmtree(used, ignore_errors=True)
    finally:
        _used = before


def kept(*decides: Any) -> Kept | None:
    """Where a run that all of this decides keeps its blocks; None where nobody asked to go on."""
    if _used is None:
        return None
    found = Kept(_used[0], *decides)
    _used.append(found.folder)
    return found


def _same(one: Shaped[np.ndarray, ...], other: Shaped[np.ndarray, ...]) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
