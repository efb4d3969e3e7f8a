"""What of a spread over parameter draws is only the luck of simulating few people for each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True)
class Quiet:
    """A mean by parameter draw without the simulation's variance, and the Monte Carlo standard error of its mean."""

    draws: Float[np.ndarray, " draws"]
    error: float

    @property
    def mean(self) -> float:
        return float(self.draws.mean())


def share_error(share: float, trials: int) -> float:
    """Standard error of a share of so many trials; where none or all of them show it, that of one in two more."""
    p = share if 0.0 < share < 1.0 else 1.0 / (trials + 2)
    return float(np.sqrt(p * (1.0 - p) / trials))


def quiet(
    by_trial: Float[np.ndarray, " trials"], draw_of_trial: Int[np.ndarray, " trials"], count: int
) -> Quiet:
    """Means m_d of the trials of each draw, drawn together until their variance is that of the parameters alone.

    With s2 the variance of trials within draws and n_d their number, m_d varies by the parameters' variance plus
    s2/n_d; the means are scaled about their own mean by sqrt(max(0, 1 - mean(s2/n_d) / var(m_d))). The error of their
    mean is sd(m_d)/sqrt(draws), simulation included. With one trial a draw s2 is unknown and nothing is removed.
    """
    finite = np.isfinite(by_trial)
    values, draw = by_trial[finite], draw_of_trial[finite]
    trials = np.bincount(draw, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(draw, values, count) / trials
    there = trials > 0
    if there.sum() < 2:
        return Quiet(means, float("inf"))
    variance = float(means[there].var(ddof=1))
    spare = int((trials[there] - 1).sum())
    within = float(((values - means[draw]) ** 2).sum()) / spare if spare else 0.0
    noise = float((within / trials[there]).mean())
    left = np.sqrt(max(0.0, 1.0 - noise / variance)) if variance > 0 else 1.0
    centre = float(means[there].mean())
    return Quiet(centre + left * (means - centre), float(np.sqrt(variance / there.sum())))
