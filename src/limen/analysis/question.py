"""What is asked of a difference besides "is it zero": a margin, one side, and several arms at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from limen.analysis.fitted import Fitted, VisitEstimate
from limen.analysis.t_law import Alternative, t_interval
from limen.errors import DataError

MULTIPLICITY = ("none", "holm", "dunnett")
# Points of the lattice by which the multivariate t law is integrated, and its start: the same p every time.
POINTS, START = 200_000, 1


@dataclass(frozen=True)
class Question:
    """`margin` is the difference that is tested against, in points ("not worse by 2": -2 where more is better);
    `alternative` what a one-sided test would show; `multiplicity` over the differences of one visit."""

    margin: float = 0.0
    alternative: Alternative = "two-sided"
    multiplicity: str = "none"

    def put(self, found: Fitted, level: float) -> tuple[VisitEstimate, ...]:
        """The differences as they answer it. Raises DataError for an answer that its law does not give."""
        if self.multiplicity not in MULTIPLICITY:
            raise DataError(
                f"no adjustment {self.multiplicity!r}", remedy=f"choose one of {', '.join(MULTIPLICITY)}"
            )
        lines = found.estimates
        if self.margin or self.alternative != "two-sided":
            lines = tuple(self._one(line, level) for line in lines)
        return lines if self.multiplicity == "none" else self._together(lines, found)

    def _one(self, line: VisitEstimate, level: float) -> VisitEstimate:
        if not np.isfinite(line.se) or line.se_method in ("score", "exact"):
            raise DataError(f"a margin or a one-sided test is not given by this estimator ({line.se_method})", remedy="ask two-sidedly, against zero")  # fmt: skip
        estimate, se, df = (np.array(x) for x in (line.estimate, line.se, line.df))
        found = t_interval(estimate, se, df, level, self.margin, self.alternative)
        low, high, p = (float(x) for x in found)
        return replace(line, ci_low=low, ci_high=high, p=p)

    def _together(self, lines: tuple[VisitEstimate, ...], found: Fitted) -> tuple[VisitEstimate, ...]:
        visits = defaultdict[str, list[int]](list)
        for place, line in enumerate(lines):
            visits[line.visit].append(place)
        adjusted: dict[int, float] = {}
        for visit, places in visits.items():
            mine = [lines[place] for place in places]
            if self.multiplicity == "holm":
                values = holm(np.array([line.p for line in mine], float))
            elif visit not in found.correlations:
                raise DataError("Dunnett's test needs a model of the mean of every arm", remedy="choose holm")
            else:
                values = self._dunnett(mine, np.array(found.correlations[visit]))
            adjusted |= dict(zip(places, values.tolist(), strict=True))
        return tuple(replace(line, p_adjusted=adjusted[place]) for place, line in enumerate(lines))

    def _dunnett(
        self, lines: list[VisitEstimate], correlation: Float[np.ndarray, "contrasts contrasts"]
    ) -> Float[np.ndarray, " contrasts"]:
        """P(max |T| >= |t|) of the multivariate t law with the estimates' own correlation and the fewest df of them."""
        t = np.array([(line.estimate - self.margin) / line.se for line in lines])
        df = min(line.df for line in lines)
        if len(lines) == 1:
            return np.array([line.p for line in lines], float)
        from scipy import stats  # loads for a second, and only Dunnett's adjustment asks for it

        law = stats.multivariate_t(
            shape=correlation, df=df if np.isfinite(df) else np.inf, allow_singular=True, seed=START
        )
        found = []
        for one in t if self.alternative == "greater" else -t if self.alternative == "less" else np.abs(t):
            upper = np.full(len(t), one)
            lower = -upper if self.alternative == "two-sided" else None
            found.append(1 - float(law.cdf(upper, lower_limit=lower, maxpts=POINTS)))
        return np.clip(np.array(found), 0.0, 1.0)

    def words(self) -> str:
        """For the reader, also where nothing was adjusted."""
        against = f"against a difference of {self.margin:g}" if self.margin else "against no difference"
        side = "two-sided" if self.alternative == "two-sided" else f"one-sided (is it {self.alternative}?)"
        many = {"none": "no adjustment for several comparisons", "holm": "Holm's adjustment over the arms of a visit",
                "dunnett": "Dunnett's adjustment over the arms of a visit"}[self.multiplicity]  # fmt: skip
        return f"tests {against}, {side}; {many}"


def holm(p: Float[np.ndarray, " tests"]) -> Float[np.ndarray, " tests"]:
    """Holm's adjusted p-values; NaN stays out of it."""
    from statsmodels.stats.multitest import multipletests

    found, there = np.full(len(p), np.nan), np.isfinite(p)
    if there.any():
        found[there] = multipletests(p[there], method="holm")[1]
    return found
