"""Settle: how large a trial would have to be to end the argument, averaged over what is believed (assurance)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

LIMIT = 20_000
ASSURANCE = 0.8
MEANING = (
    "the 95% interval of the drug's own effect, the trial's estimate less the bias by belief that is expected and widened by "
    "what is not known of it, excludes zero in favour of the active arm, or excludes the smallest difference that matters; 80% "
    "assurance over what is believed now"
)
Z = 1.959963984540054


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
    wrong: float
    false_benefit: float


def chances(question: Question, size: int) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"]]:
    """The chance that a trial of `size` settles the question, and that it does so wrongly, by draw. Where both limits could
    exclude their value the interval lies between zero and the MCID, and the trial counts once."""
    benefit, too_small = question.settled(size)
    wrong = np.where(question.drug <= 0, benefit, 0.0) + np.where(
        question.drug >= question.mcid, too_small, 0.0
    )
    return np.minimum(benefit + too_small, 1.0), wrong


def counted(
    centre: Float[np.ndarray, " trials"],
    spread: Float[np.ndarray, " trials"],
    drug: Float[np.ndarray, " trials"],
    mcid: float,
) -> tuple[Float[np.ndarray, " trials"], Float[np.ndarray, " trials"]]:
    """Which trials settle the question (1 or 0), and which of them wrongly, from the limits centre -+ z spread of each and the
    drug's own effect in its parameter draw."""
    benefit, too_small = centre - Z * spread > 0, centre + Z * spread < mcid
    wrong = (benefit & (drug <= 0)) | (too_small & (drug >= mcid))
    return (benefit | too_small).astype(float), wrong.astype(float)


def settled_by(question: Question, size: int) -> Settlement:
    """What a trial of `size` settles, averaged over parameter draws."""
    chance, wrong = (float(np.mean(by_draw)) for by_draw in chances(question, size))
    nothing = question.settled(size, np.zeros_like(question.drug))[0]
    return Settlement(size, chance, wrong / chance if chance > 0 else 0.0, float(np.mean(nothing)))


def smallest(question: Question) -> Settlement | None:
    """The smallest even total that settles the question with 80% assurance; None above LIMIT."""
    sizes = np.arange(10, LIMIT + 1, 2)
    low, high = 0, len(sizes) - 1
    if settled_by(question, int(sizes[high])).chance < ASSURANCE:
        return None
    while low < high:
        middle = (low + high) // 2
        enough = settled_by(question, int(sizes[middle])).chance >= ASSURANCE
        low, high = (low, middle) if enough else (middle + 1, high)
    return settled_by(question, int(sizes[low]))
