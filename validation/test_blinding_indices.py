"""Bang and James on the CRISP trial (Bang 2004, table 7), as computed by the CRAN package BI 1.2.0."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.blinding import bang, james


@pytest.fixture(scope="module")
def expected() -> dict:
    root = os.environ.get("LIMEN_REALDATA")
    path = Path(root or "") / "04_blinding_index_crisp" / "expected.json"
    if not root or not path.is_file():
        pytest.skip("LIMEN_REALDATA does not name a folder with 04_blinding_index_crisp")
    return json.loads(path.read_text())


def test_james(expected: dict) -> None:
    e, published = james(np.array(expected["counts"])), expected["james"]
    assert e.estimate == pytest.approx(published["index"], abs=6e-5)
    assert e.se == pytest.approx(published["se"], abs=6e-6)
    np.testing.assert_allclose([e.ci_low, e.ci_high], published["ci95"], atol=6e-5)


def test_bang_per_arm(expected: dict) -> None:
    counts = np.array(expected["counts"])
    two_sided, one_sided = bang(counts), bang(counts, level=0.9)
    for column, arm in enumerate(("treatment", "placebo")):
        published = expected["bang"][arm]
        assert two_sided.estimate[column] == pytest.approx(published["index"], abs=6e-5)
        assert two_sided.se[column] == pytest.approx(published["se"], abs=6e-6)
        limits = [two_sided.ci_low[column], two_sided.ci_high[column]]
        np.testing.assert_allclose(limits, published["ci95_two_sided"], atol=6e-5)
        limits = [one_sided.ci_low[column], one_sided.ci_high[column]]
        np.testing.assert_allclose(limits, published["one_sided_95_limits"], atol=6e-5)
