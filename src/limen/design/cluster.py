"""Cluster: the cells of one search on many machines, through a Dask scheduler; what is computed hangs on none of them.

A cell is one task, sent when it is due and again when its machine is lost. Finished cells are kept as those of one machine are,
and are written to a folder as they come.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jax
import numpy as np
import polars as pl
from jaxtyping import Float, Int

import limen
from limen import files
from limen.design.search import CellMeaning, Design, Elsewhere, SearchCells
from limen.engine.kept import Kept, Leaves
from limen.engine.runs import cache_compiled_programs, in_blocks
from limen.engine.stored import source_digest
from limen.errors import LimenError

WAITING = 256  # cells that wait for a machine
AGAIN = 2  # times a cell that failed is sent again; one whose machine was lost goes to another anyway
WAIT = 20  # s for the scheduler to answer


def _sent(held: MappingProxyType[Any, Any]) -> tuple[type, tuple[dict[Any, Any]]]:
    return MappingProxyType, (dict(held),)


# Parameters are held in mappings that cannot be changed, which Python does not send by itself.
copyreg.pickle(MappingProxyType, _sent)


@dataclass(frozen=True)
class Cluster(Elsewhere):
    """The machines behind a scheduler's `address`, and the folder `into` which each cell is written as it comes."""

    address: str
    into: Path | None = None

    def blocks(
        self,
        cells: SearchCells,
        count: int,
        tick: Callable[[int], None] | None,
        before: Kept | None,
        found: CellMeaning,
    ) -> Float[np.ndarray, "cells sizes measures 3"]:
        """All cells, in order. Raises LimenError where no scheduler answers, or a machine has another limen."""
        with _client(self.address) as client:
            here = stamp()

            def work(numbers: Int[np.ndarray, " one"]) -> Float[np.ndarray, "one sizes measures 3"]:
                return client.submit(computed, cells, numbers, here, pure=False, retries=AGAIN).result()

            written = before if self.into is None else Streamed(before, self.into, found)
            return in_blocks(work, count, min(count, WAITING), tick, block=1, kept=written)


class Streamed(Kept):
    """What is kept of a run, and each cell in a folder as `cell-N.parquet`, whoever computed it and when."""

    def __init__(self, before: Kept | None, folder: Path, found: CellMeaning):
        self.before, self.into, self._found = before, folder, found
        for old in folder.glob("cell-*.parquet"):
            old.unlink()

    def trusted(self, first: Leaves) -> bool:
        return self.before is not None and self.before.trusted(first)

    def read(self, start: int) -> Leaves | None:
        leaves = None if self.before is None else self.before.read(start)
        if leaves is not None:
            self._write(start, leaves)
        return leaves

    def add(self, start: int, leaves: Leaves) -> None:
        self._write(start, leaves)
        if self.before is not None:
            self.before.add(start, leaves)

    def _write(self, cell: int, leaves: Leaves) -> None:
        table = cell_table(self._found(cell, leaves[0][0]))
        with files.together(self.into) as out:
            out.table(f"cell-{cell:04d}.parquet", table)


def cell_table(designs: Sequence[Design]) -> pl.DataFrame:
    """The designs of one cell, in columns that are the same whatever is known of it."""
    rows = [{**design.row(), "beyond": design.beyond} for design in designs]
    text = {"beyond", *(name for design in designs for name in design.said)}
    whole = {"people", "doses"}
    schema = {
        name: pl.String if name in text else pl.Int64 if name in whole else pl.Float64
        for row in rows for name in row
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def stamp() -> tuple[str, ...]:
    """What must be the same on every machine for its numbers to be."""
    return limen.__version__, source_digest().hex(), jax.__version__, np.__version__


def computed(
    cells: SearchCells, numbers: Int[np.ndarray, " one"], wanted: tuple[str, ...]
) -> Float[np.ndarray, "one sizes measures 3"]:
    """One cell, on the machine that was given it. Raises LimenError where that has another limen."""
    if stamp() != wanted:
        raise LimenError(
            "a machine of the cluster has another limen, JAX or NumPy than this one",
            remedy="install the same limen everywhere, from the same lock file",
        )
    cache_compiled_programs()
    return cells(numbers)


@contextmanager
def _client(address: str) -> Generator[Any]:
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        raise LimenError("Dask is not installed", remedy="pip install 'limen[cluster]'") from None
    try:
        client = dask.Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise LimenError(
            f"no Dask scheduler answers at {address!r}",
            remedy=f"start one with `dask scheduler` and give its address, such as tcp://HOST:8786 ({error})",
        ) from None
    with client:
        yield client
