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

from limen.engine.kept import Kept, Leaves
from limen.engine.stored import store_in

BLOCK = 4096  # people per compiled call: large enough to amortise dispatch, small enough for the cache
SO_FAR = 1  # where a stream keeps how many people are counted, and their counts
Histograms = dict[Any, Int[np.ndarray, "times bins"]]
# XLA's newer emitters for CPUs start a compiler of their own for every fused kernel: they take near twice as long to
# compile a walk, and what they compile is no faster. A flag that a release does not know ends the process: releases
# that were not tried are left as they are.
PLAIN_KERNELS = "--xla_cpu_use_fusion_emitters=false"
# Eight numbers at a time where a processor can: it is not asked for by itself, and a walk takes a fifth longer without.
WIDE_VECTORS = "--xla_cpu_prefer_vector_width=512"
TRIED = (0, 10)


def compile_plainly() -> None:
    """Ask XLA for the kernels that compile soonest, and for wide vectors. Heard only before the first use of JAX; a user's own
    flags stand."""
    if jax.__version_info__[:2] != TRIED:
        return
    for flag in (PLAIN_KERNELS, WIDE_VECTORS):
        flags = os.environ.get("XLA_FLAGS", "")
        if flag.split("=")[0] not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} {flag}".strip()


compile_plainly()


def cache() -> Path:
    """The user's cache folder."""
    return Path(os.environ.get("LIMEN_CACHE") or platformdirs.user_cache_dir("limen"))


def cache_compiled_programs() -> None:
    """Keep compiled programs in the user's cache folder, so that only a first run pays for compiling."""
    store_in(cache() / "programs")
    jax.config.update("jax_compilation_cache_dir", str(cache() / "compiled"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def padded(count: int, sizes: Sequence[int] = (8, 16, 32, 64, 128, 256, 512, 1024)) -> int:
    """The smallest shared size that holds `count`: few sizes, so that protocols share compiled programs."""
    return next((size for size in sizes if size >= count), -(-count // 1024) * 1024)


def in_blocks(
    work: Callable[[Int[np.ndarray, " people"]], Any],
    people: int,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    block: int = BLOCK,
    order: Int[np.ndarray, " people"] | None = None,
    kept: Kept | None = None,
    allow: Callable[[Leaves], None] = lambda _: None,
) -> Any:
    """Run `work(indices)` over 0..people-1 in blocks with fixed boundaries, and join the results along axis 0.

    `order` says who share a block (neighbours in it do); the results stand as people are numbered. Every block has
    `block` indices, the last padded by repeating its final index; padding is cut off again. One compiled program serves
    all blocks, so the bits do not depend on the number of `workers`. Blocks `kept` from a run that was ended are taken
    as they are, if the first comes out as it did then. `allow` sees the first block, and may raise before there are more.
    """
    order = np.arange(people) if order is None else order
    starts = range(block, people, block)
    trusted, forms = False, dict[int, Any]()

    def run(start: int) -> Leaves:
        leaves = kept.read(start) if trusted and kept is not None else None
        if leaves is None:
            result = work(order[np.minimum(np.arange(start, start + block), people - 1)])
            leaves, forms[start] = jax.tree.flatten(jax.tree.map(np.asarray, result))
            if kept is not None and start:
                kept.add(start, leaves)
        if tick is not None:
            tick(min(block, people - start))
        return leaves

    def place(start: int, leaves: Leaves) -> None:
        rows = order[start : start + block]
        for whole, leaf in zip(joined, leaves, strict=True):
            whole[rows] = leaf[: len(rows)]

    first = run(0)
    allow(first)
    if kept is not None:
        trusted = kept.trusted(first)
        kept.add(0, first)
    joined = [np.empty((people, *leaf.shape[1:]), leaf.dtype) for leaf in first]
    place(0, first)
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        list(pool.map(lambda start: place(start, run(start)), starts))
    return jax.tree.unflatten(forms[0], joined)


def in_stream(
    seen: Callable[[int], Any],
    count: Callable[[Histograms, Any, int], None],
    people: int,
    block: int,
    tick: Callable[[int], None] | None = None,
    kept: Kept | None = None,
) -> Histograms:
    """Count people in memory that does not grow with them: `count(counts, seen(start), how many)` adds a block.

    The next block is computed while the last is counted. Counts `kept` from a run that was ended are gone on from, if
    the first block counts as it did then.
    """
    counts: Histograms = {}
    start, following = 0, seen(0)
    while start < people:
        found, after = following, min(start + block, people)
        following = seen(after) if after < people else None
        count(counts, found, after - start)
        if kept is not None and start == 0:
            first = [counted.copy() for counted in counts.values()]
            before = kept.read(SO_FAR) if kept.trusted(first) else None
            kept.add(0, first)
            if before is not None:
                after = int(before[0])
                counts.update(zip(counts, before[1:], strict=True))
                following = seen(after) if after < people else None
        if kept is not None:
            kept.add(SO_FAR, [np.array(after), *counts.values()])
        if tick is not None:
            tick(after - start)
        start = after
    return counts


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
