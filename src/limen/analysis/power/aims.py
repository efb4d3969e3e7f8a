"""What a trial is to show, and how often a difference with a normal law and an estimated error shows it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import special
from scipy.optimize import brentq

from limen.errors import LimenError

KINDS = ("superiority", "non-inferiority", "equivalence")
USUAL_ALPHA = {"superiority": 0.05, "non-inferiority": 0.025, "equivalence": 0.05}
# Nodes over the estimated standard deviation, whose law is cut where this little is left on either side.
SPREAD_NODES, NEGLIGIBLE = 128, 1e-17


@dataclass(frozen=True)
class Aim:
    """Superiority (two sides or one), or with a margin non-inferiority (one side) or equivalence (two one-sided tests at
    `alpha` each). A benefit is positive: the effect of a scale that counts complaints is given with its sign turned."""

    kind: str = "superiority"
    alpha: float = 0.05
    sides: int = 2
    margin: float = 0.0

    @classmethod
    def of(
        cls,
        kind: str = "superiority",
        alpha: float | None = None,
        sides: int | None = None,
        margin: float = 0.0,
    ) -> Aim:
        """With what is usual left out: alpha 0.05 (0.025 for non-inferiority), two sides for superiority. Raises LimenError."""
        if kind not in KINDS:
            raise LimenError(f"no aim is called {kind!r}", remedy=f"there are: {', '.join(KINDS)}")
        many = sides if sides is not None else 2 if kind == "superiority" else 1
        level = USUAL_ALPHA[kind] if alpha is None else alpha
        if many not in (1, 2) or (many == 2 and kind != "superiority"):
            raise LimenError(f"{kind} with {many} sides", remedy="superiority has 1 or 2, the others 1")
        if not 0 < level < 0.5:
            raise LimenError(f"a level alpha of {level:g}", remedy="give one between 0 and 0.5, such as 0.05")
        if (margin > 0) != (kind != "superiority"):
            raise LimenError(f"{kind} with a margin of {margin:g}", remedy="a margin above zero goes with non-inferiority and equivalence, and with nothing else")  # fmt: skip
        return cls(kind, level, many, margin)

    def check(self, effect: float) -> None:
        """Raises LimenError for an effect that this aim cannot be after."""
        if self.kind == "superiority" and self.sides == 1 and effect < 0:
            raise LimenError(
                f"a one-sided test of an effect of {effect:g}", remedy="give a benefit as a positive number"
            )
        if self.kind != "superiority" and effect <= -self.margin:
            raise LimenError(
                f"an effect of {effect:g}, at or beyond the margin",
                remedy=f"it must be above {-self.margin:g}",
            )
        if self.kind == "equivalence" and effect >= self.margin:
            raise LimenError(
                f"an effect of {effect:g}, at or beyond the margin",
                remedy=f"it must be below {self.margin:g}",
            )

    @property
    def tail(self) -> float:
        """The error of one test in one tail."""
        return self.alpha / self.sides

    def words(self, margin: str) -> str:
        """The test in a sentence, its `margin` in the words of the outcome."""
        level = f"{100 * self.alpha:g}%"
        if self.kind == "superiority":
            return f"at a {'two' if self.sides == 2 else 'one'}-sided level of {level}"
        if self.kind == "non-inferiority":
            return f"with a margin of {margin} at a one-sided level of {level}"
        return f"within a margin of {margin} either way by two one-sided tests, each at a level of {level}"


def shown(
    effect: float,
    se: Float[np.ndarray, "*_"] | float,
    width: Float[np.ndarray | np.float64, "*_"],
    aim: Aim,
) -> Float[np.ndarray | np.float64, "*_"]:
    """Probability that an estimate ~ N(effect, se^2) shows the aim where its critical half-width is `width`."""
    if aim.kind == "equivalence":
        inside = special.ndtr((aim.margin - width - effect) / se) - special.ndtr(
            (width - aim.margin - effect) / se
        )
        return np.maximum(inside, 0.0)
    above = special.ndtr((effect + aim.margin - width) / se)
    return above + special.ndtr((-effect - width) / se) if aim.sides == 2 else above


def t_power(
    effect: float, se: Float[np.ndarray, "*many"] | float, df: float, aim: Aim
) -> Float[np.ndarray | np.float64, "*many"]:
    """How often a t test shows the aim: the mean of `shown` over s, s^2 ~ chi^2_df/df, width = t_{1 - tail, df} s se.

    This is the noncentral t (and for equivalence Owen's Q) as an integral that is smooth everywhere; SciPy's own returns
    NaN in the far tail. An infinite `df` is the z test.
    """
    se = np.asarray(se, float)
    if math.isinf(df):
        return shown(effect, se, float(-special.ndtri(aim.tail)) * se, aim)
    critical = float(-special.stdtrit(df, aim.tail))
    low, high = ends(df)
    if aim.kind == "equivalence":
        # Wider than this, nothing is shown: the integrand has its corner at the end.
        widest = np.asarray(np.clip(aim.margin / (critical * se), low, high))
        low, high = np.broadcast_to(low, se.shape), widest
    s, weight = spread(df, low, high)
    return (shown(effect, se[..., None], critical * se[..., None] * s, aim) * weight).sum(-1)


def ends(df: float) -> tuple[Float[np.ndarray, ""], Float[np.ndarray, ""]]:
    """Where the law of s, s^2 ~ chi^2_df/df, is cut."""
    squared = 2 * special.gammaincinv(df / 2, NEGLIGIBLE), special.chdtri(df, NEGLIGIBLE)
    low, high = (np.array(math.sqrt(q / df)) for q in squared)
    return low, high


def spread(
    df: float,
    low: Float[np.ndarray, "*many"],
    high: Float[np.ndarray, "*many"],
    nodes: int = SPREAD_NODES,
) -> tuple[Float[np.ndarray, "*many nodes"], Float[np.ndarray, "*many nodes"]]:
    """Nodes between `low` and `high` and weights for a mean over s, s^2 ~ chi^2_df/df."""
    x, w = np.polynomial.legendre.leggauss(nodes)
    s = low[..., None] + (high - low)[..., None] * (x + 1) / 2
    x = df * s * s
    log_pdf = special.xlogy(df / 2 - 1, x) - x / 2 - special.gammaln(df / 2) - math.log(2) * df / 2
    return s, 2 * df * s * np.exp(log_pdf) * (high - low)[..., None] / 2 * w


def root(excess: Callable[[float], float], low: float, high: float, within: float = 1e-12) -> float:
    """Where a function that changes its sign between `low` and `high` is zero."""
    found: Any = brentq(excess, low, high, xtol=within, maxiter=200)
    return float(found)
