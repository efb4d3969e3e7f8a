"""Wilcoxon's tests with the Hodges-Lehmann shift: rank sum between people, signed rank within them.

The interval inverts the normal law of the statistic (Hollander, Wolfe and Chicken 2013, sections 3.3 and 4.3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats

from limen.analysis.fitted import Fitted, Options, VisitEstimate
from limen.analysis.frame import Frame
from limen.analysis.person_scores import PersonScores
from limen.analysis.rows import RowMethod
from limen.errors import DataError

WORDS = "Wilcoxon's test, Hodges-Lehmann shift"


def _fit(frame: Frame, options: Options) -> Fitted:
    people, lines, notes = PersonScores.of(frame), list[VisitEstimate](), list[str]()
    for one, other in options.compared(frame.arms):
        for visit in people.visits:
            try:
                if people.within:
                    found = _signed(people.apart(one, other, visit), options.level)
                else:
                    found = _ranks(*people.sides(one, other, visit), options.level)
            except DataError as error:
                if visit in (options.visit, people.visits[-1]):
                    raise
                notes.append(f"{one} - {other} at {visit} is left out: {error.what}")
                continue
            estimate, low, high, p, n = found
            lines.append(
                VisitEstimate(
                    f"{one} - {other}", visit, estimate, float("nan"), "exact", np.inf, low, high, p, n
                )
            )
    kind = "signed rank, within people" if people.within else "rank sum, between people"
    return Fitted(tuple(lines), (), "exact", words=f"{WORDS}; {kind}", notes=(*people.notes, *notes))


Found = tuple[float, float, float, float, int]


def _ranks(x: Float[np.ndarray, " m"], y: Float[np.ndarray, " n"], level: float) -> Found:
    m, n = len(x), len(y)
    if min(m, n) < 2:
        raise DataError("an arm has fewer than two scores at a visit", remedy="leave the visit out")
    shifts = np.sort((x[:, None] - y).ravel())
    cut = m * n / 2 - stats.norm.isf((1 - level) / 2) * np.sqrt(m * n * (m + n + 1) / 12)
    p = float(stats.mannwhitneyu(x, y).pvalue)
    return (*_inverted(shifts, cut), p, m + n)


def _signed(d: Float[np.ndarray, " n"], level: float) -> Found:
    n = len(d)
    if n < 2:
        raise DataError("fewer than two people have both conditions at a visit", remedy="leave the visit out")
    means = np.sort(((d[:, None] + d) / 2)[np.triu_indices(n)])
    cut = n * (n + 1) / 4 - stats.norm.isf((1 - level) / 2) * np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    test: Any = stats.wilcoxon(d) if d.any() else None
    p = 1.0 if test is None else float(test.pvalue)
    return (*_inverted(means, cut), p, n)


def _inverted(shifts: Float[np.ndarray, " pairs"], cut: float) -> tuple[float, float, float]:
    """Median of the shifts, and those that the test does not refuse."""
    place = max(round(cut), 1) - 1
    return float(np.median(shifts)), float(shifts[place]), float(shifts[len(shifts) - 1 - place])


MODEL = RowMethod(WORDS, _fit)
