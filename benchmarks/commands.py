"""What the commands cost, as real processes one after another: seconds, and for `simulate` us a person by the slope between
two sizes, so that starting and compiling are not counted as people.

    python -m benchmarks.commands [--only simulate]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROTOCOL = "examples/lsddep2.yaml"
SIZES = (20_000, 120_000)
QUICK = {
    "--help": ["--help"],
    "check": ["check", PROTOCOL],
    "screen": ["screen", "--meds", "sertraline 50 mg"],
    "regulation": ["regulation", "lint", PROTOCOL],
}


def timed(arguments: list[str], cache: Path) -> tuple[float, float]:
    """Wall and processor seconds of `limen` with these arguments and this cache of compiled programs."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "limen", *arguments],
        cwd=ROOT, env=os.environ | {"LIMEN_CACHE": str(cache)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 2):  # a finding is no failure to run
        raise SystemExit(f"limen {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def simulated(cache: Path, out: str) -> tuple[float, float]:
    """us a person, wall and processor, of `limen simulate`."""
    few, many = (["simulate", PROTOCOL, "--people", str(n), "--out", out] for n in SIZES)
    for size in (few, many):  # compile both
        timed(size, cache)
    a, b = timed(few, cache), timed(many, cache)
    return tuple((y - x) / (SIZES[1] - SIZES[0]) * 1e6 for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one row of the table")
    only = parser.parse_args().only
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"load before the first command: {load:.1f}\n\n| command | wall | processor |\n|---|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        cache, out = Path(folder) / "cache", str(Path(folder) / "out")
        answer = ["answer", PROTOCOL, "--out", out]
        rows = QUICK | {"answer, cold": answer, "answer, warm": answer}
        for name, given in rows.items():
            if only in (None, name):
                wall, used = min(timed(given, cache) for _ in range(3 if name in QUICK else 1))
                print(f"| {name} | {wall:.2f} s | {used:.2f} s |", flush=True)
        if only in (None, "simulate"):
            wall, used = simulated(cache, out)
            print(f"| simulate, a person | {wall:.1f} us | {used:.1f} us |", flush=True)


if __name__ == "__main__":
    main()
