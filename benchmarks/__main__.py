"""Run the benchmark and print ratios, accuracy beside speed, and how time grows."""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")

import numpy as np

from benchmarks import simulators
from benchmarks.problem import people

ACCURATE = 20


def timed(run: Callable[[dict[str, Any]], np.ndarray], count: int, repeats: int = 3) -> tuple[float, float]:
    """Microseconds per participant, best of `repeats`, and the seconds the first call cost beyond that."""
    p = people(count)
    started = time.perf_counter()
    run(p)
    first = time.perf_counter() - started
    best = np.inf
    for _ in range(repeats):
        started = time.perf_counter()
        run(p)
        best = min(best, time.perf_counter() - started)
    return best / count * 1e6, max(first - best, 0.0)


def main() -> None:
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; one thread"
    )
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    truth = simulators.scipy_lsoda(people(ACCURATE), rtol=1e-10)
    entries: list[tuple[str, Callable[[], Any], int]] = [
        ("limen", lambda: simulators.limen, 16384),
        ("limen, float32", lambda: simulators.limen_single, 16384),
        ("Numba RK4, 16 per SIMD block", simulators.numba_blocks, 2048),
        ("numbalsoda LSODA", simulators.numba_lsoda, 128),
        ("Diffrax Tsit5, vmap", simulators.diffrax_vmapped, 128),
        ("SciPy LSODA", lambda: simulators.scipy_lsoda, 8),
    ]
    base = None
    print(f"{'simulator':30s} {'us/person':>10s} {'x limen':>9s} {'error':>9s} {'first call s':>12s}")
    for name, make, count in entries:
        try:
            run = make()
        except ImportError as error:
            print(f"{name:30s} not installed: {error.name}")
            continue
        error = np.max(np.abs(run(people(ACCURATE)) / truth - 1))
        cost, compile_time = timed(run, count)
        base = base or cost
        print(f"{name:30s} {cost:10.2f} {cost / base:9.1f} {error:9.1e} {compile_time:12.1f}")
    if shutil.which("Rscript") is None:
        print("rxode2, mrgsolve            skipped: R is not installed here")
    print("\nlimen, how time grows (us per participant)")
    for count in (1024, 8192, 65536):
        print(f"  {count:7d} participants {timed(simulators.limen, count)[0]:8.2f}")
    for doses in (5, 10, 20):
        print(
            f"  {doses:7d} doses        {timed(lambda p, d=doses: simulators.limen(p, doses=d), 8192)[0]:8.2f}"
        )
    for states in (1, 4, 8):
        print(
            f"  {states:7d} states       {timed(lambda p, s=states: simulators.limen(p, states=s), 8192)[0]:8.2f}"
        )


if __name__ == "__main__":
    main()
