"""The score of a trial looked at several times: recursive numerical integration over where it may still go on.

At the share t of the information the score S(t) has mean eta t and variance t, increments are independent, and the
statistic of look k is z_k = S(t_k)/sqrt(t_k); eta, the drift, is the mean of z at the end. Armitage, McPherson and Rowe 1969
(J R Stat Soc A 132:235-244); Jennison and Turnbull 2000, chapter 19.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import special

# Gauss-Legendre nodes on panels two standard deviations of the narrower neighbouring step wide; with as many as this a
# Gaussian over a panel is integrated to rounding. What lies further than REACH standard deviations out is 1e-19.
NODES, PANEL, REACH = 16, 2.0, 9.0
_X, _W = np.polynomial.legendre.leggauss(NODES)


@dataclass(frozen=True)
class Path:
    """Where the score may be after a look that did not stop the trial: quadrature nodes and the probability at each."""

    t: float
    drift: float
    score: Float[np.ndarray, " nodes"]
    mass: Float[np.ndarray, " nodes"]

    @classmethod
    def start(cls, drift: float) -> Path:
        return cls(0.0, drift, np.zeros(1), np.ones(1))

    def above(self, t: float, z: float) -> float:
        """Probability that the statistic of the next look, at the share `t`, is above `z`."""
        return float(self.mass @ special.ndtr((self._centre(t) - z * math.sqrt(t)) / math.sqrt(t - self.t)))

    def below(self, t: float, z: float) -> float:
        return float(self.mass @ special.ndtr((z * math.sqrt(t) - self._centre(t)) / math.sqrt(t - self.t)))

    def on(self, t: float, low: float, high: float, following: float) -> Path:
        """The path after the look at `t` that goes on between `low` and `high` on the scale of z; `following` is the share at
        the look after it, which says how fine the nodes must be."""
        sd, root = math.sqrt(t - self.t), math.sqrt(t)
        first = max(low * root, self.drift * t - REACH * root)
        last = max(first, min(high * root, self.drift * t + REACH * root))
        width = PANEL * min(sd, math.sqrt(following - t))
        edges = np.linspace(first, last, max(1, math.ceil((last - first) / width)) + 1)
        half = np.diff(edges)[:, None] / 2
        score = (edges[:-1, None] + half * (_X + 1)).ravel()
        away = (score[:, None] - self._centre(t)) / sd
        density = np.exp(-away * away / 2) @ self.mass / (sd * math.sqrt(2 * math.pi))
        return Path(t, self.drift, score, (half * _W).ravel() * density)

    def _centre(self, t: float) -> Float[np.ndarray, " nodes"]:
        return self.score + self.drift * (t - self.t)


@dataclass(frozen=True)
class Exits:
    """Probability to stop at each look: for efficacy above (`upper`), below the lower bound (`lower`: futility, or the other
    side of a two-sided test)."""

    upper: tuple[float, ...]
    lower: tuple[float, ...]


def exits(times: Sequence[float], low: Sequence[float], high: Sequence[float], drift: float) -> Exits:
    """Where the trial stops, look by look, under a drift."""
    path, upper, lower = Path.start(drift), [], []
    for k, t in enumerate(times):
        upper.append(path.above(t, high[k]))
        lower.append(path.below(t, low[k]))
        if k + 1 < len(times):
            path = path.on(t, low[k], high[k], times[k + 1])
    return Exits(tuple(upper), tuple(lower))
