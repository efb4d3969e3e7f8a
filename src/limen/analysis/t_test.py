"""Student's and Welch's t tests, and the paired one where the same people have both arms, with Cohen's d."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from limen.analysis.fitted import Fitted, Options, VisitEstimate
from limen.analysis.frame import Frame
from limen.analysis.person_scores import PersonScores
from limen.analysis.t_law import t_interval
from limen.errors import DataError

People = Float[np.ndarray, " people"]


def t_tests(frame: Frame, options: Options, equal: bool) -> Fitted:
    """Differences of every pair of arms at every visit; `equal` variances of people in different arms."""
    people = PersonScores.of(frame)
    lines, sizes = list[VisitEstimate](), list[str]()
    asked = (options.visit, people.visits[-1])
    for one, other in options.compared(frame.arms):
        for visit in people.visits:
            name = f"{one} - {other}"
            try:
                if people.within:
                    mean, se, df, n, d = paired(people.apart(one, other, visit))
                else:
                    mean, se, df, n, d = unpaired(*people.sides(one, other, visit), equal)
            except DataError as error:
                if visit in asked:
                    raise DataError(f"{name} at {visit}: {error.what}", remedy=error.remedy) from None
                sizes.append(f"{name} at {visit} is left out: {error.what}")
                continue
            low, high, p = (
                float(x) for x in t_interval(np.array(mean), np.array(se), np.array(df), options.level)
            )
            lines.append(VisitEstimate(name, visit, mean, se, "t", df, low, high, p, n))
            sizes.append(f"{name} at {visit}: {d}" if len(people.visits) > 1 else f"{name}: {d}")
    words = "paired t test" if people.within else f"{'Student' if equal else 'Welch'}'s t test between people"
    means = tuple(
        _mean(arm, visit, people, options.level)
        for arm in frame.arms for visit in people.visits if people.of_arm(arm, visit)
    )  # fmt: skip
    return Fitted(tuple(lines), means, "t", words=words, notes=(*people.notes, *sizes))


def paired(d: People) -> tuple[float, float, float, int, str]:
    """Mean difference, standard error, df, people, and its size in words: d_z = mean / SD of the differences."""
    n = len(d)
    if n < 2:
        raise DataError("fewer than two people have both conditions", remedy="leave the visit out")
    spread = _spread(d, float(np.abs(d).max()))
    return float(d.mean()), spread / float(np.sqrt(n)), n - 1.0, n, f"Cohen's d_z {d.mean() / spread:.3f} (over the SD of the differences)"  # fmt: skip


def unpaired(
    x: Float[np.ndarray, " one"], y: Float[np.ndarray, " other"], equal: bool
) -> tuple[float, float, float, int, str]:
    """The same between people: d over the pooled SD, and Hedges' g = d (1 - 3 / (4 df - 1))."""
    m, n = len(x), len(y)
    if min(m, n) < 2:
        raise DataError("an arm has fewer than two scores", remedy="leave the visit out")
    scale = float(np.abs(np.concatenate([x, y])).max())
    vx, vy = float(x.var(ddof=1)), float(y.var(ddof=1))
    pooled = ((m - 1) * vx + (n - 1) * vy) / (m + n - 2)
    if np.sqrt(pooled) <= 1e-13 * scale:
        raise DataError("everybody in an arm has the same score", remedy="there is no spread to test against")
    df = m + n - 2.0 if equal else (vx / m + vy / n) ** 2 / ((vx / m) ** 2 / (m - 1) + (vy / n) ** 2 / (n - 1))  # fmt: skip
    se = np.sqrt(pooled * (1 / m + 1 / n) if equal else vx / m + vy / n)
    d = float(x.mean() - y.mean()) / float(np.sqrt(pooled))
    g = d * (1 - 3 / (4 * (m + n - 2) - 1))
    return float(x.mean() - y.mean()), float(se), float(df), m + n, f"Cohen's d {d:.3f}, Hedges' g {g:.3f} (over the pooled SD)"  # fmt: skip


def _spread(values: People, scale: float) -> float:
    spread = float(values.std(ddof=1))
    if spread <= 1e-13 * scale or spread == 0:
        raise DataError("every difference is the same", remedy="there is no spread to test against")
    return spread


def _mean(arm: str, visit: str, people: PersonScores, level: float) -> VisitEstimate:
    values = np.array(list(people.of_arm(arm, visit).values()))
    n, mean = len(values), float(values.mean())
    se = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    low, high, _ = (float(x) for x in t_interval(np.array(mean), np.array(se), np.array(n - 1.0), level))
    return VisitEstimate(arm, visit, mean, se, "t", n - 1.0, low, high, None, n)
