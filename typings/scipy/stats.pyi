"""The distributions and ranks limen uses; scipy ships no types."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

binom: Any
norm: Any
qmc: Any

def rankdata(a: ArrayLike) -> NDArray[np.float64]: ...
def kendalltau(x: ArrayLike, y: ArrayLike) -> Any: ...
def __getattr__(name: str) -> Any: ...
