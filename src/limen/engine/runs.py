"""How long work is run: fixed padded blocks, a compile cache, progress with time left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import numpy as np
import platformdirs
from jaxtyping import Int

BLOCK = 4096  # people per compiled call: large enough to amortise dispatch, small enough for the cache


def cache_compiled_programs() -> None:
    """Keep compiled programs in the user's cache folder, so that only a first run pays for compiling."""
    folder = os.environ.get("LIMEN_CACHE") or platformdirs.user_cache_dir("limen")
    jax.config.update("jax_compilation_cache_dir", str(Path(folder) / "compiled"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def padded(count: int, sizes: Sequence[int] = (8, 16, 32, 64, 128, 256, 512, 1024)) -> int:
    """The smallest shared size that holds `count`: few sizes, so that protocols share compiled programs."""
    return next((size for size in sizes if size >= count), -(-count // 1024) * 1024)


def in_blocks(
    work: Callable[[np.ndarray], Any],
    people: int,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    block: int = BLOCK,
    order: Int[np.ndarray, " people"] | None = None,
) -> Any:
    """Run `work(indices)` over 0..people-1 in blocks with fixed boundaries, and join the results along axis 0.

    `order` says who share a block (neighbours in it do); the results stand as people are numbered. Every block has
    `block` indices, the last padded by repeating its final index; padding is cut off again. One compiled program serves
    all blocks, so the bits do not depend on the number of `workers`.
    """
    order = np.arange(people) if order is None else order
    starts = range(0, people, block)

    def run(start: int) -> Any:
        result = jax.tree.map(
            np.asarray, work(order[np.minimum(np.arange(start, start + block), people - 1)])
        )
        if tick is not None:
            tick(min(block, people - start))
        return result

    first = run(0)
    joined = jax.tree.map(lambda leaf: np.empty((people, *leaf.shape[1:]), leaf.dtype), first)

    def keep(start: int, part: Any) -> None:
        rows = order[start : start + block]
        for whole, leaf in zip(jax.tree.leaves(joined), jax.tree.leaves(part), strict=True):
            whole[rows] = leaf[: len(rows)]

    keep(0, first)
    if workers <= 1 or len(starts) <= 2:
        for start in starts[1:]:
            keep(start, run(start))
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda start: keep(start, run(start)), starts[1:]))
    return joined


@contextmanager
def progress(what: str, total: int, show: bool = True) -> Iterator[Callable[[int], None]]:
    """A progress bar with time left on standard error; silent when nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not (show and console.is_terminal):
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda step: bar.advance(task, step)
