"""Run the benchmark and print ratios, accuracy beside speed, and how time grows. `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import r_peers, report
from benchmarks.simulators import ALL

ROOT = Path(__file__).parents[1]
THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
PARTICIPANTS, DOSES, STATES = (1_000, 10_000, 100_000), (5, 10, 20, 40, 80), (1, 2, 4, 8, 16)
GROWS = {"limen": 16384, "Numba RK4 in SIMD blocks": 2048}  # people where doses or states grow


class Runner:
    """Measurements one after another, each in a process of its own, compiled programs kept in `cache`."""

    def __init__(self, cache: Path, timeout: float):
        self.cache, self.timeout = cache, timeout

    def __call__(self, job: str, threads: int = 1, **asked: Any) -> dict[str, Any]:
        environment = os.environ | {name: str(threads) for name in THREAD_LIMITS}
        environment |= {"LIMEN_CACHE": str(self.cache), "NUMBA_CACHE_DIR": str(self.cache / "numba")}
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH", "")])]
        )
        command = [
            sys.executable, "-m", "benchmarks.worker", json.dumps({"job": job, "threads": threads, **asked}),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=self.timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"took more than {self.timeout:.0f} s"}
        try:
            return json.loads(done.stdout.splitlines()[-1])
        except (IndexError, json.JSONDecodeError):
            last = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
            return {"failed": last[0]}


def tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def compare(run: Runner, repeats: int, two_cores: bool, only: str | None) -> list[dict[str, Any]]:
    """Every simulator on the same problem; limen is measured again at the end, with its programs from the cache."""
    rows = []
    for simulator in ALL:
        if only and only.lower() not in simulator.name.lower():
            continue
        tell(f"  {simulator.name}")
        row = {"name": simulator.name, **run("python", name=simulator.name, repeats=repeats, error=True)}
        if "us" in row:
            if simulator.cached and simulator.name != "limen":
                _again(run, row, repeats)
            if simulator.threads and two_cores:
                row["two"] = run("python", 2, name=simulator.name, people=2 * row["people"], repeats=repeats)
        rows.append(row)
    for peer in r_peers.ALL:
        if only and only.lower() not in peer.name.lower():
            continue
        tell(f"  {peer.name}")
        asked = {"name": peer.name, "people_count": peer.people, "repeats": repeats}
        row = {"name": peer.name, **run("R", **asked)}
        if "us" in row and peer.threads and two_cores:
            row["two"] = run("R", 2, **asked)
        rows.append(row)
    for row in rows:
        if row["name"] == "limen" and "us" in row:
            tell("  limen again")
            _again(run, row, repeats)
    return rows


def _again(run: Runner, row: dict[str, Any], repeats: int) -> None:
    """Once more in a new process: what compiling costs when programs are in the cache, and how far times repeat."""
    again = run("python", name=row["name"], people=row["people"], repeats=repeats)
    if "us" in again:
        row["cached_s"] = again["compile_s"]
        row["us_runs"] = [row["us"], again["us"]]
        row["us"] = min(row["us_runs"])


def grow(run: Runner, repeats: int, long: bool) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """How time grows with participants, doses and states."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    counts = (*PARTICIPANTS, 1_000_000) if long else PARTICIPANTS
    tell("  participants")
    found["participants"] = {
        name: [{"participants": n, **run("python", name=name, people=n, repeats=repeats)} for n in counts]
        for name in GROWS
    }
    found["participants"]["limen, summaries only"] = [
        {"participants": n, **run("chunks", people=n, repeats=repeats)} for n in counts
    ]
    for what, sizes in (("doses", DOSES), ("states", STATES)):
        tell(f"  {what}")
        found[what] = {
            name: [
                {what: size, **run("python", name=name, people=people, repeats=repeats, **{what: size})}
                for size in sizes
            ]
            for name, people in GROWS.items()
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="limen beside its peers, in one run."
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything measured to FILE")
    parser.add_argument("--long", action="store_true", help="let participants grow to a million")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of which the best counts (5)")
    parser.add_argument(
        "--only", metavar="NAME", help="only simulators whose name contains NAME (limen is needed for ratios)"
    )
    parser.add_argument("--no-growth", action="store_true", help="leave out how time grows")
    parser.add_argument(
        "--timeout", type=float, default=600, help="seconds after which one measurement is given up (600)"
    )
    asked = parser.parse_args()

    found: dict[str, Any] = {"machine": report.machine()}
    print(report.machine_line(found["machine"]), flush=True)
    two_cores = found["machine"]["cores"] > 1
    tell("measuring; each simulator has processes of its own, one after another")
    with tempfile.TemporaryDirectory() as folder:
        run = Runner(Path(folder), asked.timeout)
        found["comparison"] = compare(run, asked.repeats, two_cores, asked.only)
        print(f"\n{report.comparison(found['comparison'])}")
        if not two_cores:
            print("\nOnly one core may be used here: nothing was measured on two.")
        for row in found["comparison"]:
            if row["name"] == "limen" and "us_runs" in row:
                first, last = row["us_runs"]
                print(f"\nlimen at the start of the run {first:.3g}, at its end {last:.3g} us/person.")
        if not asked.no_growth:
            found["growth"] = grow(run, max(2, asked.repeats // 2), asked.long)
            for what, cases in found["growth"].items():
                print(f"\nHow time grows with {what}\n\n{report.growth(what, cases)}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
