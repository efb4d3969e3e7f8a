"""Multiple imputation of the antidepressant trial against the published result of the DIA working group's SAS macros."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from validation.test_mmrm import read

from limen.analysis.imputation import impute

IMPUTATIONS = 4000


@pytest.fixture(scope="module")
def case() -> Path:
    root = os.environ.get("LIMEN_REALDATA")
    if not root or not (Path(root) / "01_mmrm_antidepressant").is_dir():
        pytest.skip("LIMEN_REALDATA does not name a folder with 01_mmrm_antidepressant")
    return Path(root) / "01_mmrm_antidepressant"


def test_missing_at_random(case: Path) -> None:
    """10,000 draws there, whose own Monte Carlo error is like that of as many here (0.004 in the difference)."""
    published = json.loads((case / "expected.json").read_text())[
        "multiple_imputation_MAR_reference_10000_draws"
    ]
    done = impute(read(case), "missing-at-random", IMPUTATIONS)
    found = done.pooled(done.differences)
    at = (0, 3)
    print(
        *(
            round(float(x[at]), 4)
            for x in (found.estimate, found.monte_carlo, found.se, found.monte_carlo_se, found.df)
        )
    )
    assert float(found.monte_carlo[at]) < 0.008
    assert float(found.estimate[at]) == pytest.approx(published["visit7_difference"], abs=0.02)
    assert float(found.se[at]) == pytest.approx(published["se"], abs=0.01)
    assert float(found.df[at]) == pytest.approx(published["df"], abs=2)
    assert float(found.p[at]) == pytest.approx(published["p"], abs=0.001)
