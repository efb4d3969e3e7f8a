"""Wilson's score interval for a share, for arrays of any kind: estimators in JAX and tables in NumPy use the one law."""

from __future__ import annotations

from typing import Any


def score_limits(share: Any, n: Any, z: Any) -> tuple[Any, Any]:
    """Limits of a share of `n`, z the normal quantile (Wilson 1927, J Am Stat Assoc 22:209-212):

    [ p + z^2/2n -+ z sqrt( p(1-p)/n + z^2/4n^2 ) ] / (1 + z^2/n).
    """
    whole = 1 + z**2 / n
    centre = (share + z**2 / (2 * n)) / whole
    half = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5 / whole
    return centre - half, centre + half
