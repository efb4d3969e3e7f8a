"""Blocks with fixed boundaries."""

import os
import subprocess
import sys

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


@pytest.mark.parametrize(
    ("said", "heard", "width"),
    [
        ("", "=false", 512),
        ("--xla_cpu_use_fusion_emitters=true --xla_cpu_prefer_vector_width=256", "=true", 256),
    ],
)
def test_kernels_are_the_soon_compiled_wide_ones_unless_the_user_says_otherwise(said, heard, width):
    environment = {**os.environ, "XLA_FLAGS": said}
    code = "import os, limen.engine.runs, jax.numpy as jnp; jnp.exp(1.0); print(os.environ['XLA_FLAGS'])"
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    flags = told.stdout.split()
    assert [flag for flag in flags if "fusion_emitters" in flag] == [f"--xla_cpu_use_fusion_emitters{heard}"]
    assert [flag for flag in flags if "vector" in flag] == [f"--xla_cpu_prefer_vector_width={width}"]
