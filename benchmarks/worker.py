"""One measurement in a process of its own, so that threads, memory and compiling are its own too; prints JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

ACCURATE = 20  # people whose states are compared
LONG_ENOUGH = 0.5  # s: shorter runs are too near to what the clock and the machine's other work can spoil


def peak_memory() -> float:
    """Peak resident memory of this process, MiB. `ru_maxrss` may hold the parent's, so Linux's own count goes first."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def keep_to(threads: int) -> None:
    """Only `threads` of the processor's cores, before any library counts them."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def clock(run: Any, p: dict[str, Any], options: dict[str, int]) -> float:
    started = time.perf_counter()
    run(p, **options)
    return time.perf_counter() - started


def measure(
    name: str,
    threads: int = 1,
    people: int | None = None,
    repeats: int = 5,
    doses: int | None = None,
    states: int | None = None,
    error: bool = False,
) -> dict[str, Any]:
    """us per participant (best of `repeats`), seconds the first call cost beyond that, peak memory, error."""
    import numpy as np

    from benchmarks import problem
    from benchmarks.simulators import BY_NAME, scipy_lsoda
    from limen.engine.runs import cache_compiled_programs

    cache_compiled_programs()
    simulator = BY_NAME[name]
    options = {k: v for k, v in (("doses", doses), ("states", states)) if v is not None}
    started = time.perf_counter()
    run = simulator.make(threads)
    built = time.perf_counter() - started
    count = people or simulator.people
    first = clock(run, problem.people(count), options)
    compiling = 0.0  # some compile for every number of people, some once: what counts is the longest
    if people is None:
        while (once := clock(run, problem.people(count), options)) < LONG_ENOUGH and count < 2**20:
            count *= max(2, 2 ** int(np.ceil(np.log2(LONG_ENOUGH / once))))
            compiling = max(compiling, first - once)
            first = clock(run, problem.people(count), options)
    p = problem.people(count)
    times = [clock(run, p, options) for _ in range(repeats)]
    found = {
        "people": count,
        "threads": threads,
        "us": min(times) / count * 1e6,
        "us_median": float(np.median(times)) / count * 1e6,
        "compile_s": built + max(compiling, first - min(times)),
        "memory_mib": peak_memory(),
    }
    if error:
        p = problem.people(ACCURATE)
        truth = scipy_lsoda(rtol=1e-12)(p)
        found["error"] = float(np.max(np.abs(run(p) / truth - 1)))
    return found


def measure_in_r(**asked: Any) -> dict[str, Any]:
    from benchmarks.r_peers import measure_r

    return measure_r(**asked)


def measure_chunks(people: int, repeats: int, threads: int = 1) -> dict[str, Any]:
    """limen where only a mean is kept: every chunk is the same people again, so their making is not timed."""
    from functools import cache

    from benchmarks import problem
    from limen.engine.runs import cache_compiled_programs
    from limen.engine.solve import solve

    cache_compiled_programs()
    some = cache(problem.people)

    def once() -> float:
        started = time.perf_counter()
        for first in range(0, people, CHUNK):
            found = solve(problem.model(), some(min(CHUNK, people - first)), problem.schedule())
            for value in found.values.values():
                value.mean(axis=0)
        return time.perf_counter() - started

    first = once()
    best = min(once() for _ in range(repeats))
    return {
        "people": people,
        "us": best / people * 1e6,
        "compile_s": max(first - best, 0.0),
        "memory_mib": peak_memory(),
    }


CHUNK = 16384
JOBS = {"python": measure, "R": measure_in_r, "chunks": measure_chunks}


def main() -> None:
    asked = json.loads(sys.argv[1])
    keep_to(asked["threads"])
    try:
        found = JOBS[asked.pop("job")](**asked)
    except ImportError as error:
        found = {"absent": error.name or str(error)}
    except Exception as error:  # a peer that does not build here must not take the table with it
        found = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
