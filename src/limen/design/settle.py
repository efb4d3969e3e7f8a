"""Settle: how large a trial would have to be to end the argument, averaged over what is believed (assurance)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

LIMIT = 20_000
ASSURANCE = 0.8
MEANING = (
    "the 95% interval of the drug's own effect, the trial's estimate less the bias by belief that is expected and widened by "
    "what is not known of it, excludes zero in favour of the active arm, or excludes the smallest difference that matters; 80% "
    "assurance over what is believed now; only the number of people is searched, with dose, schedule and comparator as "
    "the protocol has them, in trials that nothing stops early"
)
Z = 1.959963984540054
Share = tuple[float, float]  # a share and its Monte Carlo standard error


@dataclass(frozen=True)
class Question:
    """What a trial of `people` is believed to estimate, by parameter draw: `drug` + `belief`, with SE `se`; and the
    smallest drug effect that matters."""

    drug: Float[np.ndarray, " draws"]
    belief: Float[np.ndarray, " draws"]
    se: Float[np.ndarray, " draws"]
    mcid: float
    people: int

    def settled(
        self, size: int, drug: Float[np.ndarray, " draws"] | None = None
    ) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"]]:
        """P(lower limit > 0) and P(upper limit < MCID) by draw in a trial of `size`, with this true `drug` effect.

        The estimate is Normal(drug_d + belief_d, s_d), s_d = se_d sqrt(people/size). From it the mean b of belief is
        taken, and the limits stand z sqrt(s_d^2 + sd(belief)^2) on either side: a bias that is not known exactly is no
        answer, however large the trial.
        """
        s = self.se * np.sqrt(self.people / size)
        half = Z * np.sqrt(s**2 + self.belief.var(ddof=1))
        centre = (self.drug if drug is None else drug) + self.belief - self.belief.mean()
        return ndtr((centre - half) / s), ndtr((self.mcid - half - centre) / s)


@dataclass(frozen=True)
class Settlement:
    """A size, the chance that a trial of it settles the question, the share of its settlements that are wrong (a benefit
    where there is none, none that matters where there is one), and how often it finds a benefit of a drug that does nothing."""

    people: int
    chance: float
    chance_error: float
    wrong: float
    wrong_error: float
    false_benefit: float

    def enough(self, beyond: float = 0.0) -> bool:
        """Whether the chance reaches ASSURANCE by so many of its Monte Carlo errors."""
        return self.chance - beyond * self.chance_error >= ASSURANCE


@dataclass(frozen=True)
class Smallest:
    """The smallest trial that settles the question, and between which sizes the simulation can tell: every size from
    `high` on settles it, and none below `low` does, beyond twice the Monte Carlo error. None above LIMIT."""

    found: Settlement
    low: int
    high: int | None


def chances(question: Question, size: int) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"]]:
    """The chance that a trial of `size` settles the question, and that it does so wrongly, by draw. Where both limits could
    exclude their value the interval lies between zero and the MCID, and the trial counts once."""
    benefit, too_small = question.settled(size)
    wrong = np.where(question.drug <= 0, benefit, 0.0) + np.where(
        question.drug >= question.mcid, too_small, 0.0
    )
    return np.minimum(benefit + too_small, 1.0), wrong


def counted(
    question: Question,
    estimate: Float[np.ndarray, " trials"],
    se: Float[np.ndarray, " trials"],
    drug: Float[np.ndarray, " trials"],
) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Which trials settle the question (1 or 0), and which of them wrongly, from what each found and the drug's own effect in
    its parameter draw; the limits are those of `Question.settled`."""
    half = Z * np.hypot(se, question.belief.std(ddof=1))
    centre = estimate - question.belief.mean()
    benefit, too_small = centre - half > 0, centre + half < question.mcid
    wrong = (benefit & (drug <= 0)) | (too_small & (drug >= question.mcid))
    return (benefit | too_small).astype(float), wrong.astype(float)


def shares(chance: Float[np.ndarray, " draws"], wrong: Float[np.ndarray, " draws"]) -> tuple[Share, Share]:
    """The chance of settling and the share of what is settled that is wrong, each with its Monte Carlo error. That of the
    share is the error of a ratio, sd(wrong - share chance) / (mean(chance) sqrt(n))."""
    settled, root = float(chance.mean()), np.sqrt(chance.size)
    share = float(wrong.mean()) / settled if settled > 0 else 0.0
    off = float((wrong - share * chance).std(ddof=1) / max(settled, 1e-9) / root)
    return (settled, float(chance.std(ddof=1) / root)), (share, off)


def settled_by(question: Question, size: int) -> Settlement:
    """What a trial of `size` settles, averaged over parameter draws."""
    nothing = question.settled(size, np.zeros_like(question.drug))[0]
    chance, wrong = shares(*chances(question, size))
    return Settlement(size, *chance, *wrong, float(np.mean(nothing)))


def first(count: int, reached: Callable[[int], bool]) -> int:
    """The first of `count` sizes that is reached, by halving, where every larger one is reached too."""
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    reached(low)
    return low


def smallest(question: Question) -> Smallest | None:
    """The smallest even total that settles the question with 80% assurance; None above LIMIT."""
    sizes = np.arange(10, LIMIT + 1, 2)

    def size(beyond: float) -> int | None:
        def enough(at: int) -> bool:
            return settled_by(question, int(sizes[at])).enough(beyond)

        return int(sizes[first(len(sizes), enough)]) if enough(len(sizes) - 1) else None

    found, low = size(0.0), size(-2.0)
    if found is None or low is None:
        return None
    return Smallest(settled_by(question, found), low, size(2.0))
