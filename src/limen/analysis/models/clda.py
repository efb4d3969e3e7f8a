"""Constrained longitudinal data analysis: the baseline is a score like the others, with one mean for all arms.

y_iv = mu_v + d_{v,arm(i)} (v after baseline) + e_iv,  e_i ~ N(0, Sigma) over baseline and visits (Liang and Zeger 2000).
Somebody without a later score still says something about the baseline and its covariance with the rest.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from limen.analysis.effects import Effects
from limen.analysis.fitted import Fitted, Options, compare
from limen.analysis.frame import Frame
from limen.analysis.mixed import Grouped, fit_rows
from limen.analysis.rows import RowMethod
from limen.errors import DataError

WORDS = "constrained longitudinal model, one baseline mean"
FIRST = "baseline"


def _fit(frame: Frame, options: Options) -> Fitted:
    if "baseline" not in frame.table or frame.within:
        raise DataError("this model needs a baseline, and one arm for each person", remedy="choose mixed")
    visits, arms = frame.order.visits, frame.arms
    start = frame.table["baseline"].to_numpy(float)
    held = {int(o): x for o, x in zip(frame.owner, start, strict=True) if np.isfinite(x)}
    arm_of = dict(zip(frame.owner.tolist(), frame.table["arm"].cat.codes.tolist(), strict=True))
    rows = np.isfinite(frame.score)
    owner = np.concatenate([np.array(list(held), int), frame.owner[rows]])
    occasion = np.concatenate([np.zeros(len(held), int), frame.table["visit"].cat.codes.to_numpy()[rows] + 1])
    score = np.concatenate([np.array(list(held.values())), frame.score[rows]])
    arm = np.array([arm_of[one] for one in owner.tolist()])
    names = tuple((v, a) for v in visits for a in arms[1:])
    columns = (FIRST, *visits, *(f"{v}:{a}" for v, a in names))
    matrix = np.zeros((len(owner), len(columns)))
    matrix[np.arange(len(owner)), occasion] = 1.0
    for place, (visit, name) in enumerate(names, 1 + len(visits)):
        matrix[:, place] = (occasion == visits.index(visit) + 1) & (arm == arms.index(name))
    _, owner = np.unique(owner, return_inverse=True)
    count = len(owner)
    who = Grouped(
        owner, occasion, (FIRST, *visits), (0.0, *map(float, range(1, len(visits) + 1))), np.zeros(count, int), 1,
        np.zeros((count, 0)), (), np.ones(count),
    )  # fmt: skip
    effects = Effects(matrix, columns, {}, None, frame.table)
    found = fit_rows(
        effects, score, who, options.rows.structures or ("unstructured",), options.rows.restricted
    )
    seen = {
        v: {a: int(((occasion == i) & (arm == j)).sum()) for j, a in enumerate(arms)}
        for i, v in enumerate(visits, 1)
    }
    estimates, means, correlations = compare(
        found.fit, _cells(columns, visits, arms), seen, options, options.se_method
    )
    notes = tuple(f"{words}: no maximum within its bounds" for words in found.tried)
    words = f"{WORDS}; {found.covariance}; {options.se_method}"
    return Fitted(
        estimates, means, options.se_method, found.covariance, found.fit.minus2, None, words=words, aic=found.fit.aic,
        bic=found.fit.bic, notes=notes, correlations=correlations,
    )  # fmt: skip


def _cells(
    columns: tuple[str, ...], visits: tuple[str, ...], arms: tuple[str, ...]
) -> dict[tuple[str, str], Float[np.ndarray, " columns"]]:
    rows = {(a, v): [v, f"{v}:{a}"] for a in arms for v in visits}
    return {cell: np.array([float(column in mine) for column in columns]) for cell, mine in rows.items()}


MODEL = RowMethod(WORDS, _fit)
