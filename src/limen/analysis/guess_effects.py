"""What guesses have to do with the difference between arms, as lines of a result: as seen, at another rate of right guesses, with
guesses alike, and in two parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

import numpy as np
from jaxtyping import Float

from limen.analysis.guess_rate import (
    GRID,
    RULES,
    PseudoTrials,
    Strata,
    pseudo_trials,
    resampled,
    resampled_people,
)
from limen.analysis.guesses import TOGETHER, Guesses
from limen.analysis.index_lines import Line

Cells = list[list[np.ndarray]]


class BlindingChoices(TypedDict, total=False):
    """How it is done. `rate` is the share of right guesses of a kept blind (0.5 only for 1:1), `rule` how people are spread over
    the strata (see `RULES`), `scale`, `keep` and `encoding` are as in `Fitting`, `count` the column of a table of counts, `pooled` indices and a curve more over all times, `resamples` of the people, `trials` pseudo-trials of the published Monte Carlo (none if 0)."""

    visit_order: Sequence[str]
    scale: str | None
    keep: Sequence[str]
    encoding: str | None
    count: str | None
    pooled: bool
    level: float
    rate: float
    rule: str
    resamples: int
    trials: int
    seed: int


def cells_of(time: Guesses, active: int) -> Cells:
    """Scores by arm (the active one, the control) and guess (active, placebo)."""
    there = time.asked & np.isfinite(time.outcome)
    return [
        [time.outcome[there & (time.arm == arm) & (time.guess == said)] for said in (1, 0)]
        for arm in (active, 0)
    ]


def owners_of(time: Guesses, active: int) -> Cells | None:
    """Whose the scores of `cells_of` are, where a person may have several."""
    if time.time != TOGETHER:
        return None
    return cells_of(replace(time, outcome=np.where(np.isfinite(time.outcome), time.person, np.nan)), active)


def by_guessing(
    cells: Cells, of: tuple[str, str], how: BlindingChoices, owners: Cells | None = None
) -> tuple[list[Line], list[Line], list[PseudoTrials]]:
    """The difference as seen, at the rate of a kept blind, with guesses alike and in two parts; and along the curve. Intervals
    are percentiles over resamples of the people; where they guessed several times (`owners` of the scores) each with all of
    theirs, and no standard error is given."""
    rate, rule, level = how.get("rate", 0.5), how.get("rule", RULES[0]), how.get("level", 0.95)
    seed, strata = how.get("seed", 1), Strata.of(cells)
    rates = tuple(dict.fromkeys((rate, *GRID)))
    point = strata.parts(rates, rule)
    times = how.get("resamples", 2000)
    if owners is None:
        drawn = resampled(cells, times, seed)
    else:
        drawn = resampled_people(cells, [[x.astype(int) for x in row] for row in owners], times, seed)
    again = drawn.parts(rates, rule)
    n = int(strata.n.sum())

    def line(part: str, quantity: str, se: float | None = None) -> Line:
        low, high = _percentiles(again[part], level)
        return Line(*of, quantity, float(point[part]), low, high, se, n=n)

    told = {
        "as seen": ("as seen", strata.n), f"rate {rate:g}": (f"rate of right guesses {rate:g}", strata.shares(rate, rule)),
        "guesses alike": ("guesses alike in both arms", strata.alike()),
        "not through the guess": ("not through the guess (guesses of the control arm)", strata.as_control()),
        "through the guess": ("through the guess", None),
    }  # fmt: skip
    rate_seen = Line(*of, "correct-guess rate among those with a score", float(strata.rate), n=n)
    table = [rate_seen, *(line(part, f"difference, {words}", None if share is None or owners else float(strata.se(share))) for part, (words, share) in told.items())]  # fmt: skip
    curve = [line(f"rate {c:g}", f"at rate {c:g}") for c in GRID]
    trials = how.get("trials", 0)
    asked = (
        sorted({rate, round(float(strata.rate), 4), *np.round(np.linspace(0, 1, 13), 5).tolist()})
        if trials
        else []
    )
    return (
        table,
        curve,
        [replace(pseudo_trials(cells, c, trials, seed, rule), time=of[0], arm=of[1]) for c in asked],
    )


def _percentiles(values: Float[np.ndarray, " resamples"], level: float) -> tuple[float, float]:
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
