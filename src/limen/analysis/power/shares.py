"""Shares: two independent shares compared, by normal laws or exactly, over every table that may come out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Num
from scipy import special

from limen.analysis.power.aims import Aim
from limen.analysis.power.means import Allocated
from limen.errors import LimenError

Arms = tuple[int, ...]
# Tables less likely than this are left out of an exact power.
RARE = 1e-12


@dataclass(frozen=True, kw_only=True)
class Shares(Allocated):
    """The effect is the share of responders on active less that on `control`. `method` is

    score        Pearson's chi-square (without continuity correction); with a margin Farrington and Manning's score test, whose
                 standard error is that of the likeliest shares the margin apart (Stat Med 1990;9:1447-1454)
    wald         the same with the standard error of the two shares as they are
    arcsine      Cohen's h = 2 asin sqrt p_1 - 2 asin sqrt p_0, superiority only
    score-exact  how often the score test rejects, summed over every table
    fisher       the same for Fisher's exact test, superiority only
    """

    control: float
    method: str = "score"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.control < 1:
            raise LimenError(f"a share of {self.control:g} on control", remedy="give one between 0 and 1")
        if self.method not in METHODS:
            raise LimenError(f"no method {self.method!r}", remedy=f"there are: {', '.join(METHODS)}")

    @property
    def unit(self) -> float:
        return 1 - self.control

    @property
    def smooth(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.method not in EXACT

    @property
    def test(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return TESTS[self.method]

    def most_effect(self, aim: Aim) -> float:
        return min(super().most_effect(aim), 1 - self.control)

    def power(self, effect: float, arms: Arms, aim: Aim) -> float:
        active = self.control + effect
        if not 0 < active < 1:
            raise LimenError(f"a share of {active:g} on active", remedy=f"control {self.control:g} plus the effect must be between 0 and 1")  # fmt: skip
        if aim.kind != "superiority" and self.method in ("arcsine", "fisher"):
            raise LimenError(f"{self.method} with a margin", remedy="use score, wald or score-exact")
        return float(METHODS[self.method](active, self.control, arms, aim))

    def size(self, difference: float) -> str:
        return f"{100 * difference:.4g} percentage points"

    def words(self) -> str:
        return f"{100 * self.control:g}% responders on control"


def _score(p1: float, p0: float, arms: Arms, aim: Aim) -> float:
    def null(margin: float) -> float:
        a, b = restricted(np.array(p1), np.array(p0), arms, margin)
        return float(np.sqrt(a * (1 - a) / arms[0] + b * (1 - b) / arms[1]))

    return _normal(p1, p0, arms, aim, null)


def _wald(p1: float, p0: float, arms: Arms, aim: Aim) -> float:
    return _normal(p1, p0, arms, aim, lambda _: _se(p1, p0, arms))


def _normal(p1: float, p0: float, arms: Arms, aim: Aim, null: Callable[[float], float]) -> float:
    """P(estimate - z null > -margin) and, with two sides or for equivalence, what the other test adds."""
    se, z, d = _se(p1, p0, arms), -special.ndtri(aim.tail), p1 - p0
    above = float(special.ndtr((d + aim.margin - z * null(-aim.margin)) / se))
    if aim.kind == "equivalence":
        return max(0.0, above + float(special.ndtr((aim.margin - d - z * null(aim.margin)) / se)) - 1)
    return above + (float(special.ndtr((-d - z * null(0.0)) / se)) if aim.sides == 2 else 0.0)


def _arcsine(p1: float, p0: float, arms: Arms, aim: Aim) -> float:
    h = 2 * math.asin(math.sqrt(p1)) - 2 * math.asin(math.sqrt(p0))
    shift, z = h / math.sqrt(1 / arms[0] + 1 / arms[1]), -special.ndtri(aim.tail)
    return float(special.ndtr(shift - z) + (special.ndtr(-z - shift) if aim.sides == 2 else 0.0))


def _score_exact(p1: float, p0: float, arms: Arms, aim: Aim) -> float:
    tables, (x1, x0) = _tables(p1, p0, arms)
    z = -special.ndtri(aim.tail) * (1 - 1e-12)
    above = score(x1, x0, arms, -aim.margin) >= z
    if aim.kind == "equivalence":
        above &= score(x1, x0, arms, aim.margin) <= -z
    elif aim.sides == 2:
        above |= score(x1, x0, arms, 0.0) <= -z
    return tables[above].sum()


def _binomial(x: Int[np.ndarray, " counts"], n: int, p: float) -> Float[np.ndarray, " counts"]:
    from scipy import stats  # loads for a second, and only the exact methods ask for it

    return stats.binom.pmf(x, n, p)


def _fisher(p1: float, p0: float, arms: Arms, aim: Aim) -> float:
    """Given the responders in all, those on active are hypergeometric; a table counts as extreme as those no likelier than
    it, with the tolerance R has."""
    n1, n0 = arms
    joint = np.outer(_binomial(np.arange(n1 + 1), n1, p1), _binomial(np.arange(n0 + 1), n0, p0))
    ways = [special.gammaln(n + 1) - special.gammaln(np.arange(n + 1) + 1) - special.gammaln(np.arange(n, -1, -1) + 1)
            for n in (*arms, n1 + n0)]  # fmt: skip
    power = 0.0
    for total in range(n1 + n0 + 1):
        x1 = np.arange(max(0, total - n0), min(n1, total) + 1)
        law = np.exp(ways[0][x1] + ways[1][total - x1] - ways[2][total])
        if aim.sides == 2:
            rising = np.sort(law)
            p = np.append(0.0, rising.cumsum())[np.searchsorted(rising, law * (1 + 1e-7), side="right")]
        else:
            p = law[::-1].cumsum()[::-1]
        power += joint[x1, total - x1][p <= aim.alpha].sum()
    return power


METHODS: dict[str, Callable[[float, float, Arms, Aim], float]] = {
    "score": _score, "wald": _wald, "arcsine": _arcsine, "score-exact": _score_exact, "fisher": _fisher,
}  # fmt: skip
EXACT = ("score-exact", "fisher")
TESTS = {
    "score": "a score test of two shares (chi-square without continuity correction)",
    "wald": "an unpooled z test of two shares",
    "arcsine": "an arcsine test of two shares",
    "score-exact": "a score test of two shares, its power exact over all tables,",
    "fisher": "Fisher's exact test",
}


def score(
    x1: Num[np.ndarray, "*tables"], x0: Num[np.ndarray, "*tables"], arms: Arms, margin: float
) -> Float[np.ndarray, "*tables"]:
    """The score statistic of p_1 - p_0 against `margin`; 0 where both shares sit on one edge and say nothing."""
    p1, p0 = x1 / arms[0], x0 / arms[1]
    a, b = restricted(p1, p0, arms, margin)
    se = np.sqrt(a * (1 - a) / arms[0] + b * (1 - b) / arms[1])
    return np.divide(p1 - p0 - margin, se, out=np.zeros_like(se), where=se > 0)


def restricted(
    p1: Float[np.ndarray, "*#tables"], p0: Float[np.ndarray, "*#tables"], arms: Arms, margin: float
) -> tuple[Float[np.ndarray | np.float64, "*tables"], Float[np.ndarray | np.float64, "*tables"]]:
    """The likeliest pair of shares whose difference is `margin`: the pooled share without one, else the root of Farrington
    and Manning's cubic by its trigonometric form."""
    theta = arms[1] / arms[0]
    if margin == 0:
        pooled = (p1 + theta * p0) / (1 + theta)
        return pooled, pooled
    a = 1 + theta
    b = -(1 + theta + p1 + theta * p0 + margin * (theta + 2))
    c = margin**2 + margin * (2 * p1 + theta + 1) + p1 + theta * p0
    d = -p1 * margin * (1 + margin)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = np.copysign(np.sqrt(np.maximum((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v)
    ratio = np.divide(v, u**3, out=np.zeros_like(u), where=u != 0)
    w = (math.pi + np.arccos(np.clip(ratio, -1, 1))) / 3
    first = np.clip(2 * u * np.cos(w) - b / (3 * a), max(0.0, margin), min(1.0, 1 + margin))
    return first, first - margin


def _tables(p1: float, p0: float, arms: Arms) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Probabilities of the tables that matter, and their responders on active and control."""
    (x1, w1), (x0, w0) = (
        (x[keep], law[keep])
        for n, p in zip(arms, (p1, p0), strict=True)
        for x in [np.arange(n + 1)]
        for law in [_binomial(x, n, p)]
        for keep in [law > RARE]
    )
    grid = np.meshgrid(x1, x0, indexing="ij")
    return np.outer(w1, w0).ravel(), (grid[0].ravel(), grid[1].ravel())


def _se(p1: float, p0: float, arms: Arms) -> float:
    return math.sqrt(p1 * (1 - p1) / arms[0] + p0 * (1 - p0) / arms[1])
