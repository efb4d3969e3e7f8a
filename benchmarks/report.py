"""The tables: plain Markdown, so that they read in a terminal and paste into a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from math import log
from pathlib import Path
from typing import Any

PACKAGES = (
    "jax", "numpy", "scipy", "diffrax", "numba", "numbalsoda", "libroadrunner", "myokit",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """Processor, cores and versions; not whose machine it is."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": model,
        "cores": cores,
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def machine_line(found: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number or 'not installed'}" for name, number in found["versions"].items())
    busy = "" if found["load_before"] is None else f"; load before the run {found['load_before']:.1f}"
    flags = f"; XLA_FLAGS {found['xla_flags']}" if found["xla_flags"] else ""
    return (
        f"{found['processor']}, {found['cores']} cores, {found['system']}, Python {found['python']}; {versions}"
        f"{flags}{busy}"
    )


def number(value: float | None, form: str = "{:.3g}") -> str:
    """Three digits, without an exponent where a person would not write one."""
    if value is None:
        return ""
    if form == "{:.3g}" and abs(value) >= 100:
        return f"{value:.0f}"
    return form.format(value)


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to the same width; the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule, *map(line, rows)])


COLUMNS = (
    "simulator", "us/person", "ratio", "2 cores, us", "2 cores, x", "error", "compile s", "cached s", "peak MiB", "people",
)  # fmt: skip


def why_absent(row: dict[str, Any]) -> str | None:
    if "absent" in row:
        return f"not installed: {row['absent']}"
    if "failed" in row:
        return f"failed: {row['failed']}"
    return None


def comparison(rows: Sequence[dict[str, Any]]) -> str:
    """The main table; what is absent or failed has its row, with the reason below."""
    base = next((row["us"] for row in rows if row["name"] == "limen" and "us" in row), None)
    body, reasons = [], []
    for row in rows:
        reason = why_absent(row)
        if reason:
            body.append([row["name"], reason.split(":")[0], *[""] * (len(COLUMNS) - 2)])
            reasons.append(f"{row['name']}: {reason}")
            continue
        two = row.get("two", {})
        body.append(
            [
                row["name"],
                number(row["us"]),
                number(row["us"] / base if base else None),
                number(two.get("us")),
                number(row["us"] / two["us"] if two.get("us") else None, "{:.2f}"),
                number(row.get("error"), "{:.0e}"),
                number(row.get("compile_s"), "{:.1f}"),
                number(row.get("cached_s"), "{:.1f}"),
                number(row.get("memory_mib"), "{:.0f}"),
                str(row["people"]),
            ]
        )
        if why_absent(two):
            reasons.append(f"{row['name']} on two cores {why_absent(two)}")
    return "\n".join([markdown(COLUMNS, body), *(f"\n{reason}" for reason in reasons)])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Slope b of log(seconds) = a + b log(size), by least squares: 1 where time grows in proportion."""
    x, y = [log(s) for s in sizes], [log(s) for s in seconds]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / sum((a - mx) ** 2 for a in x)


def growth(what: str, cases: dict[str, list[dict[str, Any]]]) -> str:
    """One column of us per participant and peak memory for each simulator, sizes down; the exponent of time last."""
    sizes = [case[what] for case in next(iter(cases.values()))]
    header = [what, *(f"{name}, {unit}" for name in cases for unit in ("us/person", "MiB"))]
    body = []
    for i, size in enumerate(sizes):
        row = [str(size)]
        for found in cases.values():
            case = found[i]
            row += (
                [(why_absent(case) or "").split(":")[0], ""]
                if why_absent(case)
                else [number(case["us"]), number(case["memory_mib"], "{:.0f}")]
            )
        body.append(row)
    last = ["exponent of time"]
    for found in cases.values():
        there = [case for case in found if "us" in case]
        seconds = [case["us"] * (case["people"] if what == "participants" else 1) for case in there]
        last += [number(exponent([c[what] for c in there], seconds), "{:.2f}") if len(there) > 1 else "", ""]
    return markdown(header, [*body, last])
