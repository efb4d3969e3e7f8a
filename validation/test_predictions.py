"""The committed predictions come out again: `calibration/predicted.json` is what `limen validate` says today."""

import pytest

from limen.calibration.validation import shipped_validation, validate


@pytest.fixture(scope="module")
def both():
    return shipped_validation(), validate(size=shipped_validation().size)


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
