"""Real data that are there must be used: a test skipped for want of them fails the run if the folder exists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

WANTED = "LIMEN_REALDATA"
_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple) and WANTED in report.longrepr[2]:
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    folder = os.environ.get(WANTED)
    if _skipped and folder and Path(folder).is_dir():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, exitstatus: int, config: pytest.Config) -> None:
    folder = os.environ.get(WANTED)
    if _skipped and folder and Path(folder).is_dir():
        terminalreporter.section("real data are there and were not used", red=True)
        for name in _skipped:
            terminalreporter.write_line(name)
