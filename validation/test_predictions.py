"""The committed predictions come out again: `docs/validation.json` is what `limen validate` says today."""

import json
from pathlib import Path

import pytest

from limen.calibration.validation import read_validation, validate

COMMITTED = Path(__file__).parents[1] / "docs" / "validation.json"


@pytest.fixture(scope="module")
def both():
    before = read_validation(json.loads(COMMITTED.read_text()))
    return before, validate(size=before.size)


def test_every_interval_comes_out_again(both):
    """The same seed: bits may differ between processors, and a few people may fall on the other side of a threshold."""
    for then, now in zip(*(v.predicted for v in both), strict=True):
        width = then.high - then.low
        assert (now.low, now.median, now.high) == pytest.approx(
            (then.low, then.median, then.high), abs=0.1 * width + 1e-9
        )
        assert now.name == then.name


def test_coverage_comes_out_again(both):
    then, now = both
    assert [p.name for p in now.failures] == [p.name for p in then.failures]
