"""The correct-guess-rate curve: the difference between arms if another share of the guesses had been right.

Everyone stands in one of four strata, by arm and guess (index 0 active, 1 placebo, in that order). The curve carries the
strata's means over to another share of right guesses (Szigeti B et al. 2023, Sci Rep 13:12107, doi:10.1038/s41598-023-34938-7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float, Int
from scipy import special

from limen.engine.generator import generator
from limen.errors import LimenError

# How people are spread over the strata at another rate: as among the right and the wrong guesses seen, in halves of
# them, or with the placebo arm left as it is (arm sizes as seen, or equal and its guesses halved).
RULES = ("all_prop", "all_equal", "active_prop", "active_equal")
FEWEST = 5  # people in a stratum whose mean is carried over
GRID = tuple(float(c) for c in np.linspace(0, 1, 21))


@dataclass(frozen=True)
class Strata:
    """People, mean and standard deviation of the score in each stratum; leading axes are resamples."""

    n: Float[np.ndarray, "*many 2 2"]
    mean: Float[np.ndarray, "*many 2 2"]
    sd: Float[np.ndarray, "*many 2 2"]

    @classmethod
    def of(cls, scores: Sequence[Sequence[Float[np.ndarray, " _"]]]) -> Strata:
        """From the scores by arm and guess. Raises LimenError where a stratum is too thin to be carried over."""
        for arm, row in zip(("active", "placebo"), scores, strict=True):
            for guess, one in zip(("active", "placebo"), row, strict=True):
                if len(one) < FEWEST:
                    raise LimenError(f"{len(one)} people with a score were on {arm} and guessed {guess}", remedy=f"a guess-rate curve needs {FEWEST} in each of the four groups")  # fmt: skip
        n, mean, sd = (np.array([[f(one) for one in row] for row in scores], float)
                       for f in (len, np.mean, lambda x: np.std(x, ddof=1)))  # fmt: skip
        return cls(n, mean, sd)

    @property
    def rate(self) -> Float[np.ndarray, "*many"]:
        """Share of guesses that were right."""
        return np.asarray((self.n[..., 0, 0] + self.n[..., 1, 1]) / self.n.sum((-1, -2)))

    def shares(
        self, rate: Float[np.ndarray, "*many"] | float, rule: str = "all_prop"
    ) -> Float[np.ndarray, "*many 2 2"]:
        """Shares of all people in the strata at another rate of right guesses."""
        n, c = self.n, np.broadcast_to(np.asarray(rate, float), self.n.shape[:-2])
        share = np.empty(n.shape)
        if rule in ("all_prop", "all_equal"):
            even = np.full(c.shape, 0.5)
            right = n[..., 0, 0] / (n[..., 0, 0] + n[..., 1, 1]) if rule == "all_prop" else even
            wrong = n[..., 0, 1] / (n[..., 0, 1] + n[..., 1, 0]) if rule == "all_prop" else even
            share[..., 0, 0], share[..., 1, 1] = c * right, c * (1 - right)
            share[..., 0, 1], share[..., 1, 0] = (1 - c) * wrong, (1 - c) * (1 - wrong)
        elif rule in ("active_prop", "active_equal"):
            whole = n.sum((-1, -2))
            active = n[..., 0, :].sum(-1) / whole if rule == "active_prop" else np.full(c.shape, 0.5)
            share[..., 0, 0], share[..., 0, 1] = c * active, (1 - c) * active
            share[..., 1, :] = n[..., 1, :] / whole[..., None] if rule == "active_prop" else 0.25
        else:
            raise LimenError(f"no rule {rule!r}", remedy=f"there are: {', '.join(RULES)}")
        return share

    def effect(self, share: Float[np.ndarray, "*many 2 2"]) -> Float[np.ndarray, "*many"]:
        """Active less placebo, each arm's strata weighted by these shares."""
        arm = (share * self.mean).sum(-1) / share.sum(-1)
        return np.asarray(arm[..., 0] - arm[..., 1])

    def se(self, share: Float[np.ndarray, "*many 2 2"]) -> Float[np.ndarray, "*many"]:
        """Its standard error with the shares taken as fixed."""
        weight = share / share.sum(-1, keepdims=True)
        return np.asarray(np.sqrt((weight**2 * self.sd**2 / self.n).sum((-1, -2))))

    def at(self, rate: float, rule: str = "all_prop") -> Float[np.ndarray, "*many"]:
        """E(c) in closed form: the expectation of Szigeti's pseudo-trials, without their rounding."""
        return self.effect(self.shares(rate, rule))

    def alike(self) -> Float[np.ndarray, "*many 2 2"]:
        """Shares with the same guesses in both arms: those of all people together."""
        both = self.n.sum(-2) / self.n.sum((-1, -2))[..., None]
        return np.stack([both, both], -2)

    def as_control(self) -> Float[np.ndarray, "*many 2 2"]:
        """Shares with the guesses of the control arm in both arms."""
        theirs = self.n[..., 1, :] / self.n[..., 1, :].sum(-1, keepdims=True)
        return np.stack([theirs, theirs], -2)

    def parts(self, rates: Sequence[float], rule: str) -> dict[str, Float[np.ndarray, "*many"]]:
        """Every difference that is told: as seen, along the curve, with guesses alike, and the two parts of a mediation, which
        add up to what was seen: with the guesses of the control arm, and through the guesses."""
        seen, direct = self.effect(self.n), self.effect(self.as_control())
        return {
            "as seen": seen, "guesses alike": self.effect(self.alike()), "not through the guess": direct,
            "through the guess": seen - direct, **{f"rate {rate:g}": self.at(rate, rule) for rate in rates},
        }  # fmt: skip


def resampled(scores: Sequence[Sequence[Float[np.ndarray, " _"]]], times: int, seed: int) -> Strata:
    """Strata of resamples of the people, with replacement within each arm. Resamples that leave a stratum empty are NaN."""
    weights = list[list[np.ndarray]]()
    for arm, row in enumerate(scores):
        people = sum(map(len, row))
        draw = generator(f"blinding/people/{arm}", seed)
        weight = draw.multinomial(people, np.full(people, 1 / people), times).astype(float)
        weights.append([weight[:, : len(row[0])], weight[:, len(row[0]) :]])
    return _weighted(scores, weights)


def _weighted(
    scores: Sequence[Sequence[Float[np.ndarray, " _"]]],
    weights: Sequence[Sequence[Float[np.ndarray, "times _"]]],
) -> Strata:
    """Strata of resamples in which each score stands so many times; NaN where one is empty."""
    n, mean = (np.full((len(weights[0][0]), 2, 2), np.nan) for _ in range(2))
    for arm, guess in product((0, 1), (0, 1)):
        w = weights[arm][guess]
        count = w.sum(1)
        with np.errstate(invalid="ignore", divide="ignore"):
            n[:, arm, guess], mean[:, arm, guess] = count, w @ scores[arm][guess] / count
    mean[(n == 0).any((1, 2))] = np.nan
    return Strata(n, mean, np.full_like(n, np.nan))


def resampled_people(
    cells: Sequence[Sequence[Float[np.ndarray, " _"]]],
    owners: Sequence[Sequence[Int[np.ndarray, " _"]]],
    times: int,
    seed: int,
) -> Strata:
    """The same where people guessed several times: everything of a person is drawn together; within arms where each has one.
    `owners` are the people of the scores in `cells`."""
    sides = [np.unique(np.concatenate(row)) for row in owners]
    apart = not np.isin(sides[0], sides[1]).any()
    weight = np.zeros((times, int(max(side.max() for side in sides)) + 1))
    for place, side in enumerate(sides if apart else [np.unique(np.concatenate(sides))]):
        draw = generator(f"blinding/persons/{place}", seed)
        weight[:, side] = draw.multinomial(len(side), np.full(len(side), 1 / len(side)), times)
    return _weighted(cells, [[weight[:, one] for one in row] for row in owners])


@dataclass(frozen=True)
class PseudoTrials:
    """Szigeti's pseudo-trials at one rate: means over them, with the Monte Carlo error of the effect. Neither the mean standard
    error nor the mean p is one of the adjusted effect: thin strata are resampled to full size."""

    rate: float
    effect: float
    error: float
    mean_se: float
    mean_p: float
    hedges_g: float
    trials: int
    time: str = ""
    arm: str = ""


def pseudo_trials(
    scores: Sequence[Sequence[Float[np.ndarray, " _"]]],
    rate: float,
    trials: int,
    seed: int,
    rule: str = "all_prop",
) -> PseudoTrials:
    """As published: each stratum's scores with Gaussian noise of SD 1 in score units, rounded to whole numbers; stratum sizes
    from shares of two decimals, in the size of the data; ordinary least squares on the arm."""
    draw = generator(f"blinding/pseudo/{rate:g}", seed)
    sizes = _sizes(Strata.of(scores), rate, rule)
    arms = []
    for row, many in zip(scores, sizes, strict=True):
        taken = [
            one[draw.integers(0, len(one), (trials, int(size)))] for one, size in zip(row, many, strict=True)
        ]
        arms.append(np.rint(np.concatenate(taken, 1) + draw.normal(size=(trials, int(many.sum())))))
    n1, n0 = (one.shape[1] for one in arms)
    effect = arms[0].mean(1) - arms[1].mean(1)
    df = n1 + n0 - 2
    pooled = np.sqrt(sum(one.var(1) * one.shape[1] for one in arms) / df)
    se = pooled * np.sqrt(1 / n1 + 1 / n0)
    p = 2 * special.stdtr(df, -np.abs(effect / se))
    g = (1 - 3 / (4 * df - 1)) * effect / pooled
    error = float(effect.std(ddof=1) / np.sqrt(trials))
    return PseudoTrials(
        rate, float(effect.mean()), error, float(se.mean()), float(p.mean()), float(g.mean()), trials
    )


def _sizes(strata: Strata, rate: float, rule: str) -> Int[np.ndarray, "2 2"]:
    """Whole people in the strata of a pseudo-trial, halves rounded to even."""
    n = int(strata.n.sum())
    seen = np.round(strata.n / n, 2)
    rounded = Strata(seen, strata.mean, strata.sd)
    if rule in ("active_prop", "active_equal"):
        return np.rint(n * rounded.shares(round(rate, 5), rule)).astype(int)
    share = rounded.shares(0.5, rule)
    right = round(round(rate, 5) * n)
    first = round(right * share[0, 0] / (share[0, 0] + share[1, 1]))
    cross = round((n - right) * share[0, 1] / (share[0, 1] + share[1, 0]))
    return np.array([[first, cross], [n - right - cross, right - first]])
