"""Blocks with fixed boundaries."""

import numpy as np
import pytest

from limen.engine import runs


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("people", [1, 7, 8, 9, 30])
def test_blocks_cover_everybody_once_and_padding_is_cut_off(workers, people):
    seen = []

    def work(indices):
        assert len(indices) == 8
        return indices * 2

    out = runs.in_blocks(work, people, workers, seen.append, block=8)
    assert np.array_equal(out, 2 * np.arange(people))
    assert sum(seen) == people
