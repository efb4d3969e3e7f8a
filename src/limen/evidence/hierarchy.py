"""One posterior for every compound and illness: trials of others are borrowed from as far as effects have been alike.

    y_s = r_s delta_ci + bias_s + u_s + e_s        delta_ci = mu + a_c + b_i + g_ci
    mu ~ N(m, s^2)   a ~ N(0, A^2)   b ~ N(0, B^2)   g ~ N(0, G^2)   u ~ N(0, T^2)   A, B, G, T half-normal

r_s is the share of the reference effect that a trial's regimen shows at its week. Given the scales everything is
normal; the scales enter as squares only, so a half-normal is integrated by the positive half of a Gauss-Hermite rule.
A result known by its direction says that y_s lay in an interval, and is integrated over the effects it speaks of by
another; given the scales the effect is then taken as normal, with its exact mean and SD. Nothing is drawn. Effects
are in SDs, benefit positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Float, Int
from scipy.special import log_ndtr, ndtr

Cell = tuple[str, str]  # compound, indication
SCALE_NODES = (3, 4, 2, 4)  # of the four scales: many more move no mean or SD by 0.0002 (tests)
CENSORED_NODES = 5


@dataclass(frozen=True)
class PoolPrior:
    """Mean and SD of mu, and the scales of the half-normal SDs between compounds, indications, both, and studies."""

    mean: float
    sd: float
    compound: float
    indication: float
    both: float
    study: float


@dataclass(frozen=True)
class Contribution:
    """What one set of participants says: `y` with its `se`, or, where only a direction is known, an interval of y
    from a trial whose standard error would be `se`. `weight` is the power to which the likelihood is raised."""

    name: str
    cell: Cell
    y: float | None
    se: float
    bias: float = 0.0
    bias_sd: float = 0.0
    weight: float = 1.0
    between: tuple[float, float] = (-np.inf, np.inf)

    @property
    def unbiased(self) -> tuple[float, float] | None:
        """The result with the bias taken off, and its standard error with that of the bias; None of a direction."""
        return None if self.y is None else (self.y - self.bias, float(np.hypot(self.se, self.bias_sd)))


@dataclass(frozen=True)
class Mixture:
    """A posterior per draw as a mixture of normals over the integrated scales."""

    share: Float[np.ndarray, "draws parts"]
    centre: Float[np.ndarray, "draws parts"]
    spread: Float[np.ndarray, "draws parts"]

    @property
    def mean(self) -> Float[np.ndarray, " draws"]:
        return (self.share * self.centre).sum(1)

    @property
    def sd(self) -> Float[np.ndarray, " draws"]:
        off = self.centre - self.mean[:, None]
        return np.sqrt((self.share * (self.spread**2 + off**2)).sum(1))

    @property
    def sd_over_draws(self) -> float:
        """SD over the draws and within them."""
        return float(np.sqrt(self.mean.var() + (self.sd**2).mean()))

    def above(self, threshold: Float[np.ndarray, " draws"] | float) -> Float[np.ndarray, " draws"]:
        """P(delta > threshold) of each draw."""
        distance = (self.centre - np.reshape(threshold, (-1, 1))) / self.spread
        return (self.share * ndtr(distance)).sum(1)

    def quantile(self, u: Float[np.ndarray, " draws"]) -> Float[np.ndarray, " draws"]:
        """The value below which a share `u` of each draw's posterior lies, by bisection."""
        low, high = self.mean - 12 * self.sd, self.mean + 12 * self.sd
        for _ in range(60):
            middle = (low + high) / 2
            below = 1 - self.above(middle) < u
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def pool_effects(
    studies: Sequence[Contribution],
    ratio: Float[np.ndarray, "draws studies"],
    target: Cell,
    prior: PoolPrior,
    nodes: tuple[int, int, int, int] = SCALE_NODES,
) -> Mixture:
    """The posterior of the effect in `target`, per draw of the studies' ratios r_s. No study moves by its place."""
    order = sorted(range(len(studies)), key=lambda s: studies[s].name)
    known = [s for s in order if studies[s].y is not None]
    hinted = [s for s in order if studies[s].y is None]
    cells = sorted({target, *(s.cell for s in studies)})
    weight, scale = _scales(prior, nodes)
    cov = _between(cells, prior, scale)
    at = np.array([cells.index(studies[s].cell) for s in known], int)
    mean, left, log_z = _given_numbers(
        [studies[s] for s in known], ratio[:, known], at, cov, scale[:, 3], prior
    )
    hints = [studies[s] for s in hinted]
    share, centre, spread = _given_directions(
        hints, ratio[:, hinted], cells, cells.index(target), (mean, left), scale[:, 3]
    )
    log_share = (np.log(weight)[:, None] + log_z + share).T
    shares = np.exp(log_share - log_share.max(1, keepdims=True))
    return Mixture(shares / shares.sum(1, keepdims=True), centre.T, spread.T)


def _scales(
    prior: PoolPrior, nodes: tuple[int, int, int, int]
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, "nodes 4"]]:
    """Weights and values of the four SDs: E f(|Z|^2) over the positive half of a rule of twice the nodes."""
    rules = [np.polynomial.hermite_e.hermegauss(2 * n) for n in nodes]
    sides = [[(x, w) for x, w in zip(*rule, strict=True) if x > 0] for rule in rules]
    widths = (prior.compound, prior.indication, prior.both, prior.study)
    grid = [*product(*sides)]
    value = np.array([[x * width for (x, _), width in zip(point, widths, strict=True)] for point in grid])
    weight = np.array([np.prod([w for _, w in point]) for point in grid])
    return weight / weight.sum(), value


def _between(
    cells: Sequence[Cell], prior: PoolPrior, scale: Float[np.ndarray, "nodes 4"]
) -> Float[np.ndarray, "nodes cells cells"]:
    """Prior covariance of the effects: s^2, + A^2 for one compound, + B^2 for one indication, + G^2 for both."""
    alike = [np.array([[p[k] == q[k] for q in cells] for p in cells], float) for k in (0, 1)]
    square = scale[:, :3, None, None] ** 2
    return prior.sd**2 + square[:, 0] * alike[0] + square[:, 1] * alike[1] + square[:, 2] * np.eye(len(cells))


def _given_numbers(
    studies: Sequence[Contribution],
    r: Float[np.ndarray, "draws studies"],
    at: Int[np.ndarray, " studies"],
    cov: Float[np.ndarray, "nodes cells cells"],
    tau: Float[np.ndarray, " nodes"],
    prior: PoolPrior,
) -> tuple[
    Float[np.ndarray, "nodes draws cells"],
    Float[np.ndarray, "nodes draws cells cells"],
    Float[np.ndarray, "nodes draws"],
]:
    """Mean and covariance of every effect, and the log evidence, given the studies with a number."""
    own = np.array([s.se**2 + s.bias_sd**2 for s in studies])
    weight = np.array([s.weight for s in studies])
    off = np.array([(s.y or 0.0) - s.bias for s in studies]) - r * prior.mean
    noise = (own + tau[:, None] ** 2) / weight
    gain = cov[:, None][..., at] * r[None, :, None, :]
    total = gain[..., at, :] * r[None, :, :, None] + noise[:, None, :, None] * np.eye(len(studies))
    half = np.linalg.inv(np.linalg.cholesky(total))
    scaled = np.einsum("jdmn,dn->jdm", half, off)
    turned = np.einsum("jdcn,jdmn->jdcm", gain, half)
    mean = prior.mean + np.einsum("jdcm,jdm->jdc", turned, scaled)
    left = cov[:, None] - np.einsum("jdcm,jdem->jdce", turned, turned)
    log_z = np.log(np.diagonal(half, axis1=2, axis2=3)).sum(-1) - 0.5 * (scaled**2).sum(-1)
    # N(y; m, v)^w is N(y; m, v / w) up to v^((1 - w) / 2), which says how well a scale fits.
    log_z += (0.5 * (1 - weight) * np.log(own + tau[:, None] ** 2)).sum(1)[:, None]
    return mean, left, log_z


def _given_directions(
    studies: Sequence[Contribution],
    r: Float[np.ndarray, "draws studies"],
    cells: Sequence[Cell],
    target: int,
    given: tuple[Float[np.ndarray, "nodes draws cells"], Float[np.ndarray, "nodes draws cells cells"]],
    tau: Float[np.ndarray, " nodes"],
) -> tuple[
    Float[np.ndarray, "nodes draws"], Float[np.ndarray, "nodes draws"], Float[np.ndarray, "nodes draws"]
]:
    """Log probability of the directions, and the target's mean and SD given them, by a rule over their effects."""
    mean, left = given
    spoken = sorted({cells.index(s.cell) for s in studies})
    own = left[..., target, target]
    if not spoken:
        return np.zeros_like(own), mean[..., target], np.sqrt(own)
    x, w = np.polynomial.hermite_e.hermegauss(CENSORED_NODES)
    points = np.array([*product(x, repeat=len(spoken))])
    root = np.linalg.cholesky(left[..., spoken, :][..., spoken])
    effect = mean[..., spoken][:, :, None] + np.einsum("jdce,pe->jdpc", root, points)
    load = np.linalg.solve(root, left[..., spoken, target][..., None])[..., 0]
    centre = mean[..., target, None] + np.einsum("jdc,pc->jdp", load, points)
    log = np.broadcast_to(np.log([*product(w / w.sum(), repeat=len(spoken))]).sum(1), centre.shape).copy()
    for k, s in enumerate(studies):
        sd = np.sqrt(s.se**2 + s.bias_sd**2 + tau**2)[:, None, None]
        seen = r[None, :, k, None] * effect[..., spoken.index(cells.index(s.cell))] + s.bias
        log += s.weight * _within((s.between[0] - seen) / sd, (s.between[1] - seen) / sd)
    most = log.max(-1, keepdims=True)
    share = np.exp(log - most)
    total = share.sum(-1, keepdims=True)
    share /= total
    found = (share * centre).sum(-1)
    spread = own - (load**2).sum(-1) + (share * (centre - found[..., None]) ** 2).sum(-1)
    return (most + np.log(total))[..., 0], found, np.sqrt(spread)


def _within(
    low: Float[np.ndarray, "*shape"], high: Float[np.ndarray, "*shape"]
) -> Float[np.ndarray, "*shape"]:
    """log(Phi(high) - Phi(low)), from the tail in which both are small."""
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    upper = log_ndtr(high)
    return upper + np.log1p(-np.exp(np.minimum(log_ndtr(low) - upper, -1e-12)))
