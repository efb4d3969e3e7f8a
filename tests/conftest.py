"""Shared fixtures: one small run that many tests look at, and shapes checked at run time."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

import support.typed  # noqa: F401 - the hook finds it by name

# Every shape written in a signature of these rooms is checked while the tests run.
NUMERIC = (
    "analysis",
    "dossier",
    "design",
    "people",
    "pharmacology",
    "trial",
    "parameters",
    "response",
    "evidence",
    "calibration",
    "engine",
    "turn",
    "figures",
)
hook = install_import_hook([f"limen.{room}" for room in NUMERIC], "support.typed.check")
ROOM = 1.2e9  # bytes a worker may hold before what it compiled is dropped: a laptop of 8 GB runs two workers

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """Compiled programs are shared between the tests of one run."""
    from limen.engine import runs

    runs.cache_compiled_programs()


@pytest.fixture(scope="module", autouse=True)
def room_for_the_next():
    """Compiled programs pile up in a process; after a module that left many they are dropped (the disk keeps them)."""
    yield
    statm = Path("/proc/self/statm")
    if not statm.exists() or int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") < ROOM:
        return
    import jax

    from limen.engine.stored import forget_programs

    forget_programs()
    jax.clear_caches()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@pytest.fixture(scope="session")
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(scope="session")
def parameters():
    from limen.parameters import load

    return load()


@pytest.fixture(scope="session")
def adhd(parameters):
    """A small run of the ADHD trial: 20 draws, ten trials each."""
    from limen.design.operate import operate
    from limen.protocol import load
    from limen.trial.plan import lay_out

    plan = lay_out(load(EXAMPLES / "adhd_20ug.yaml"), parameters)
    return operate(plan, parameters, draws=20, people=530, seed=3)
