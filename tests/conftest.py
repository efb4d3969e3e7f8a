"""Shared fixtures: one small run that many tests look at, and shapes checked at run time."""

from __future__ import annotations

from pathlib import Path

import pytest
from jaxtyping import install_import_hook

# Every shape written in a signature of these rooms is checked while the tests run.
hook = install_import_hook(
    ["limen.trial", "limen.pharmacology", "limen.people", "limen.design"], "beartype.beartype"
)

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="session", autouse=True)
def compiled_programs(tmp_path_factory):
    """Compiled programs are shared between the tests of one run."""
    from limen.engine import runs

    runs.cache_compiled_programs()


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
    from limen.trial import lay_out

    plan = lay_out(load(EXAMPLES / "adhd_20ug.yaml"), parameters)
    return operate(plan, parameters, draws=20, people=530, seed=3)
