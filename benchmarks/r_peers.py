"""Simulators of R, run by `peers.R` in an R of their own that keeps its own time."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problem import DOSES, NAMES, people, table

SCRIPT = Path(__file__).with_name("peers.R")


@dataclass(frozen=True)
class RPeer:
    """A simulator of `peers.R` and how many people it is timed on."""

    name: str
    people: int
    threads: bool = True


ALL = (
    RPeer("rxode2 dop853", 4096),
    RPeer("rxode2 liblsoda", 2048),
    RPeer("mrgsolve LSODA", 4096),
    RPeer("deSolve LSODA", 16, threads=False),
)


def available() -> bool:
    return shutil.which("Rscript") is not None


def measure_r(name: str, threads: int, people_count: int, repeats: int, error_on: int = 20) -> dict[str, Any]:
    """The same entries as `worker.measure`. Raises ImportError where R or the package is absent."""
    from benchmarks.simulators import scipy_lsoda

    if not available():
        raise ImportError("R is not installed", name="R")
    count = max(people_count, error_on)
    p = people(count)
    with tempfile.TemporaryDirectory() as folder:
        given, states = Path(folder) / "people.csv", Path(folder) / "states.csv"
        np.savetxt(given, table(p), delimiter=",", header=",".join(NAMES), comments="", fmt="%.17g")
        command = ["Rscript", "--vanilla", SCRIPT, name, given, states, threads, repeats]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "R stopped")
        said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        if "absent" in said:
            raise ImportError(f"{said['absent']} is not installed", name=f"{said['absent']} (R)")
        found = np.loadtxt(states, delimiter=",").reshape(count, DOSES, 5)[:error_on]
    truth = scipy_lsoda(rtol=1e-12)({k: v[:error_on] for k, v in p.items()})
    best = float(said["best"])
    return {
        "people": count,
        "threads": threads,
        "us": best / count * 1e6,
        "compile_s": max(float(said["first"]) - best, 0.0),
        "memory_mib": float(said["memory"] or 0) / 1024,
        "error": float(np.max(np.abs(found / truth - 1))),
        "version": said["version"],
    }
