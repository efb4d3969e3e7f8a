"""Indices of the blind as lines of a result: at each time, and over all times, where a person's guesses are not independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import stdtr, stdtrit

from limen.analysis.blinding import Index, bang, correct_guess_rate, count_guesses, detection, james
from limen.analysis.guesses import TOGETHER, Guesses, Read

GUESSED = ("guessed active", "guessed placebo", "did not know")
ROUNDING = 1e-12
NULL = {"James": 0.5, "correct-guess rate": 0.5}  # what a kept blind has; 0 of the others
Flags = Bool[np.ndarray, " guesses"]
Counts = Float[np.ndarray, "*many 3 2"]


@dataclass(frozen=True)
class Line:
    """One number: a count or an index of an arm, of both (`arm` names the active one), or a difference of scores."""

    time: str
    arm: str
    quantity: str
    estimate: float
    ci_low: float | None = None
    ci_high: float | None = None
    se: float | None = None
    p: float | None = None
    n: int | None = None


def indices(read: Read, time: Guesses, level: float) -> list[Line]:
    """Counts and Bang's index of each arm; the others of each active arm beside the control. Over all times together a person
    has several guesses, and standard errors are those of a jackknife that leaves out whole people."""
    found = list[Line]()
    for place, arm in enumerate(read.arms):
        here = time.arm == place
        counts = _counts(time, here, place)
        column = counts[:, 0 if place else 1]
        asked = int(column.sum())
        if asked == 0:
            continue
        found += [Line(time.time, arm, q, float(n), n=asked) for q, n in zip(GUESSED, column, strict=True)]
        found += _lines(time, here, place, level, {"Bang": 0 if place else 1}, arm)
    for place, arm in enumerate(read.arms[1:], 1):
        here = (time.arm == place) | (time.arm == 0)
        if _counts(time, here, place).sum(0).all():
            found += _lines(
                time,
                here,
                place,
                level,
                dict.fromkeys(("James", "correct-guess rate", "d'", "criterion")),
                arm,
            )
    return found


def _counts(time: Guesses, here: Flags, place: int) -> Counts:
    active = (time.arm[here] == place).astype(float) * (place > 0)
    return count_guesses(time.guess[here], active, time.asked[here])


def _lines(
    time: Guesses, here: Flags, place: int, level: float, asked: Mapping[str, int | None], arm: str
) -> list[Line]:
    """These indices, each of one column of the counts or of both."""
    found = _every(_counts(time, here, place), level)
    apart = _apart(time, here, place) if time.time == TOGETHER else None
    lines = list[Line]()
    for quantity, column in asked.items():
        one = _column(found[quantity], column)
        if apart is not None and one[1] != one[2]:
            left_out, stratum = apart
            values = _column(_every(left_out, level)[quantity], column)[0]
            one = _jackknifed(one, values, stratum, level, NULL.get(quantity, 0.0))
        e, low, high, se, p, n = map(float, one)
        # Everybody answered alike: the formula has no width there, which is not certainty.
        lines.append(Line(time.time, arm, quantity, e, n=int(n)) if low == high else Line(time.time, arm, quantity, e, low, high, se, p, int(n)))  # fmt: skip
    return lines


def _every(counts: Counts, level: float) -> dict[str, Index]:
    told = detection(counts, level)
    return {"Bang": bang(counts, level), "James": james(counts, level), "correct-guess rate": correct_guess_rate(counts, level),
            "d'": told.d_prime, "criterion": told.criterion}  # fmt: skip


def _column(index: Index, column: int | None) -> tuple[np.ndarray, ...]:
    """Estimate, ends of the interval, standard error, p and number of answers, each of one column."""
    place = ... if column is None else (..., column)
    numbers = (index.estimate, index.ci_low, index.ci_high, index.se, index.p, index.n)
    return tuple(np.asarray(np.asarray(x)[place]) for x in numbers)


def _apart(
    time: Guesses, here: Flags, place: int
) -> tuple[Float[np.ndarray, "people 3 2"], Int[np.ndarray, " people"]]:
    """Counts without each person in turn, and the stratum people were drawn in: their arm, where everybody has one."""
    people, owner = np.unique(time.person[here], return_inverse=True)
    whole = _counts(time, here, place)
    each, arms = np.zeros((len(people), 3, 2)), np.zeros((len(people), 2), bool)
    active = (time.arm[here] == place) & (place > 0)
    guess, asked = time.guess[here], time.asked[here]
    row = np.where(np.isnan(guess), 2, np.where(guess == 1, 0, 1))
    np.add.at(each, (owner[asked], row[asked], (~active[asked]).astype(int)), 1.0)
    arms[owner, active.astype(int)] = True
    return whole - each, np.zeros(len(people), int) if arms.all(1).any() else arms[:, 1].astype(int)


def _jackknifed(
    one: Sequence[np.ndarray],
    values: Float[np.ndarray, " people"],
    stratum: Int[np.ndarray, " people"],
    level: float,
    null: float,
) -> tuple[np.ndarray, ...]:
    """var = sum over strata (m - 1)/m sum over people (theta without them - their mean)^2; t with people less strata df. Where
    everybody is alike there is no width."""
    strata = [values[stratum == s] for s in np.unique(stratum)]
    estimate, df = one[0], len(values) - len(strata)
    se = np.sqrt(sum((len(v) - 1) / len(v) * ((v - v.mean()) ** 2).sum() for v in strata))
    if df < 1 or not se > ROUNDING:
        return estimate, estimate, estimate, *one[3:]
    half = stdtrit(df, 0.5 + level / 2) * se
    numbers = (estimate - half, estimate + half, se, 2 * stdtr(df, -np.abs(estimate - null) / se))
    return estimate, *map(np.asarray, numbers), one[5]
