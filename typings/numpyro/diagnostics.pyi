"""Diagnostics of chains (chains x draws)."""

import numpy as np
from numpy.typing import NDArray

def effective_sample_size(x: NDArray[np.float64]) -> np.float64: ...
def split_gelman_rubin(x: NDArray[np.float64]) -> np.float64: ...
