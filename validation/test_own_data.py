"""What limen simulates passes through limen: the table of every example is analysed as it is."""

from pathlib import Path

import pytest

from limen.parameters import load
from support.recorded import passes_through

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_every_examples_data_pass_through(name: str, tmp_path: Path) -> None:
    passes_through(EXAMPLES / f"{name}.yaml", load(), tmp_path / "trials.parquet")
