"""What the commands cost, as real processes one after another: the median of seconds, and for `simulate` us a person by
the slope between two sizes, so that starting and compiling are not counted as people. Python's own compiled modules are
there from the second run on, as they are where limen is installed.

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
from statistics import median

ROOT = Path(__file__).parents[1]
PROTOCOL = "examples/lsddep2.yaml"
SIZES = (20_000, 120_000)
QUICK = {
    "--help": ["--help"],
    "check": ["check", PROTOCOL],
    "screen": ["screen", "--compound", "LSD", "sertraline 50 mg; Zyrtec"],
    "monitor": ["monitor", PROTOCOL],
    "regulation": ["regulation"],
}
TIMES = 9


def timed(arguments: list[str], cache: Path) -> tuple[float, float]:
    """Wall and processor seconds of `limen` with these arguments and this cache of compiled programs and modules."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"LIMEN_CACHE": str(cache), "PYTHONPYCACHEPREFIX": str(cache / "modules")}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "limen", *arguments],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"limen {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def simulated(cache: Path, out: str) -> tuple[float, float]:
    """us a person, wall and processor, of `limen simulate`."""
    few, many = (["simulate", PROTOCOL, "--people", str(n), "--out", out, "--force"] for n in SIZES)
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
                if name in QUICK:
                    timed(given, cache)
                runs = [timed(given, cache) for _ in range(TIMES if name in QUICK else 1)]
                wall, used = map(median, zip(*runs, strict=True))
                print(f"| {name} | {wall:.2f} s | {used:.2f} s |", flush=True)
        if only in (None, "simulate"):
            wall, used = simulated(cache, out)
            print(f"| simulate, a person | {wall:.1f} us | {used:.1f} us |", flush=True)


if __name__ == "__main__":
    main()
