"""What knowing would be worth: the expected value of perfect information about one part of what is not known.

The choice is to use the drug or not, at a net benefit of B points of the primary outcome against none. Choosing now is
worth max(0, E B); knowing a part X first is worth E max(0, E[B | X]). With B on X by least squares over the parameter
draws (Strong, Oakley and Brennan 2014), E[B | X] is taken as Normal(E B, s), so that the gain is
s phi(m/s) + m Phi(m/s) - max(0, m). It costs no further simulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from limen.design.influence import normal_scores

DRUG = "the drug effect itself"
PARTS = {
    DRUG: ("drug_effect.prior.",),
    "how an effect grows with dose, schedule and time": ("drug_effect.", "receptor."),
    "what the dose puts into the blood": ("pharmacology.", "comedication."),
    "what is noticed": ("perception.",),
    "what belief does": ("belief.",),
    "the course of a trial without the drug": ("outcomes.", "leaving."),
}


@dataclass(frozen=True)
class Gain:
    """A part of what is not known, the gain by knowing it in points per patient, and the gain that luck alone would show."""

    part: str
    points: float
    luck: float


def gains(
    benefit: Float[np.ndarray, " draws"], columns: Mapping[str, Float[np.ndarray, " draws"]]
) -> list[Gain]:
    """Each part's gain, largest first; a part none of whose parameters is drawn is left out."""
    mean, total = float(benefit.mean()), float(benefit.std(ddof=1))
    found, taken = [], set[str]()
    for part, prefixes in PARTS.items():
        names = [n for n in columns if n.startswith(prefixes) and n not in taken and np.ptp(columns[n]) > 0]
        taken.update(names)
        if not names:
            continue
        share, luck = _explained(benefit, [columns[n] for n in names])
        found.append(Gain(part, _gain(mean, total * share**0.5), _gain(mean, total * luck**0.5)))
    return sorted(found, key=lambda g: -g.points)


def _explained(
    benefit: Float[np.ndarray, " draws"], columns: list[Float[np.ndarray, " draws"]]
) -> tuple[float, float]:
    """Adjusted share of the variance that the parameters explain, and twice the error of such a share where they explain none."""
    n, k = len(benefit), min(len(columns), len(benefit) // 5)
    scores = np.stack([normal_scores(c) for c in columns], -1)
    order = np.argsort(-np.abs(scores.T @ (benefit - benefit.mean())))[:k]
    design = np.column_stack([np.ones(n), scores[:, order]])
    fit, *_ = np.linalg.lstsq(design, benefit, rcond=None)
    left = float(((benefit - design @ fit) ** 2).sum() / ((benefit - benefit.mean()) ** 2).sum())
    share = 1 - left * (n - 1) / max(1, n - k - 1)
    return float(np.clip(share, 0.0, 1.0)), float(np.clip(2 * np.sqrt(2 * k) / n, 0.0, 1.0))


def _gain(mean: float, sd: float) -> float:
    """E max(0, Normal(mean, sd)) - max(0, mean)."""
    if sd <= 0:
        return 0.0
    z = mean / sd
    return float(sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) + mean * ndtr(z) - max(0.0, mean))
