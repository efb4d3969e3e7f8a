"""A size decided anew on the way, and the best of several arms: the tests that keep the level, and what they show in closed form.

At the share t of the largest trial the score S(t) has mean eta t and variance t; z at the look is S(t)/sqrt t. Conditional power
and the promising zone: Mehta and Pocock 2011 (Stat Med 30:3267-3284). That a size raised from a conditional power of one half
upwards costs no level: Chen, DeMets and Lan 2004 (Stat Med 23:1023-1038). Inverse normal: Lehmacher and Wassmer 1999 (Biometrics
55:1286-1290). Best of several arms against one control: Dunnett 1955 (JASA 50:1096-1121), closed over the arms as in Bauer and Kieser
1999 (Stat Med 18:1833-1848).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy import special, stats

NODES, REACH = 20_001, 9.0  # of a grid over z; what lies further out is 1e-19


@dataclass(frozen=True)
class Sizes:
    """A trial looked at after the share `at` of its largest size, planned for the first of `sizes` and raised to another one
    where that is promising: where the conditional power under the trend is from `above` up to `power`. `critical` is the z that
    rejects; `combined`: two stages by the inverse normal method with the weights of the planned size, else all data as one."""

    at: float
    sizes: tuple[float, ...]
    power: float
    above: float
    critical: float
    combined: bool = True

    @property
    def weight(self) -> float:
        """Weight of the first stage: its share of the planned size."""
        return self.at / self.sizes[0]

    def rejects(
        self, z: Float[np.ndarray, "*z"], size: float, drift: float | Float[np.ndarray, "*z"]
    ) -> Float[np.ndarray, "*z"]:
        """Probability to reject in a trial of this size, given z at the look, if z at the largest size has mean `drift`."""
        t, c = self.at, self.critical
        if self.combined:
            w = self.weight
            return special.ndtr((np.sqrt(w) * z - c) / np.sqrt(1 - w) + drift * np.sqrt(size - t))
        return special.ndtr((z * np.sqrt(t) + drift * (size - t) - c * np.sqrt(size)) / np.sqrt(size - t))

    def conditional_power(self, z: Float[np.ndarray, "*z"], size: float) -> Float[np.ndarray, "*z"]:
        """That probability if what was seen goes on: eta = z/sqrt t."""
        return self.rejects(z, size, z / np.sqrt(self.at))

    def chosen(self, z: Float[np.ndarray, "*z"]) -> Int[np.ndarray, "*z"]:
        """Which of the sizes the trial goes on to: in the promising zone the first that reaches the power, or the largest."""
        reached = np.stack([self.conditional_power(z, size) >= self.power for size in self.sizes])
        needed = np.where(reached.any(0), reached.argmax(0), len(self.sizes) - 1)
        planned = self.conditional_power(z, self.sizes[0])
        return np.where((planned >= self.above) & (planned < self.power), needed, 0)

    def operating(self, drift: float) -> tuple[float, Float[np.ndarray, " sizes"]]:
        """Probability to reject for a benefit, and the share of trials that go on to each size."""
        z = np.linspace(-REACH, REACH, NODES) + drift * np.sqrt(self.at)
        mass = stats.norm.pdf(z, drift * np.sqrt(self.at)) * (z[1] - z[0])
        size = self.chosen(z)
        rejects = sum(
            float(mass @ np.where(size == k, self.rejects(z, s, drift), 0.0))
            for k, s in enumerate(self.sizes)
        )
        return rejects, np.bincount(size, mass, len(self.sizes))


def combine(
    first: Float[np.ndarray, "*z"], second: Float[np.ndarray, "*z"], weight: float
) -> Float[np.ndarray, "*z"]:
    """Inverse normal combination of the z of two stages that share nobody: sqrt w z1 + sqrt(1 - w) z2."""
    return np.sqrt(weight) * first + np.sqrt(1 - weight) * second


def for_variance(
    variance: Float[np.ndarray, "*v"], assumed: float, sizes: tuple[float, ...]
) -> Int[np.ndarray, "*v"]:
    """Which of the sizes a variance calls for, where the first was planned for an `assumed` one: the size grows with the
    variance, and is never less than planned (Kieser and Friede 2003, Stat Med 22:3571-3581)."""
    needed = sizes[0] * variance / assumed
    return np.minimum(np.searchsorted(np.array(sizes) * (1 + 1e-12), needed), len(sizes) - 1)


def variance_sizes(ratio: float, df: float, sizes: tuple[float, ...]) -> Float[np.ndarray, " sizes"]:
    """Share of trials that go on to each size, if the variance is `ratio` times the assumed one and estimated with so many
    degrees of freedom: s^2 is chi-squared."""
    below = stats.chi2.cdf(df * np.array(sizes) / (sizes[0] * ratio), df)
    below[-1] = 1.0
    return np.diff(below, prepend=0.0)


def best_of(z: Float[np.ndarray, "*z"], arms: int, ratio: float = 1.0) -> Float[np.ndarray, "*z"]:
    """P(max_j Z_j >= z) of so many arms against one control, none of which does anything; `ratio` people of the control for one of
    an arm, so that two Z have correlation 1/(1 + ratio)."""
    rho = 1 / (1 + ratio)
    u, w = np.polynomial.hermite_e.hermegauss(80)
    below = special.ndtr((np.asarray(z)[..., None] + np.sqrt(rho) * u) / np.sqrt(1 - rho)) ** arms
    return np.clip(1 - below @ w / np.sqrt(2 * np.pi), 0.0, 1.0)


def right_arm(arms: int, lead: float) -> float:
    """Chance that the best of so many arms is kept, where its mean leads all others, which are alike, by so many of its
    standard errors."""
    u, w = np.polynomial.hermite_e.hermegauss(80)
    return float(special.ndtr(u + lead) ** (arms - 1) @ w / np.sqrt(2 * np.pi))
