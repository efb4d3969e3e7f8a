"""Residual maximum likelihood of many replicates iterated together, from the sums of each; the law is `reml.likelihood`.

With the same regressors z at every visit, a pattern g with W = Sigma_gg^-1 (zero at visits not seen) enters as
X'V^-1X = W (x) Z'Z, and all second derivatives are taken by the elements of Sigma, a <= b; a covariance structure
enters only by the chain rule, d Sigma / d theta.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from math import prod

import numpy as np
from jaxtyping import Bool, Float, Int

from limen.analysis.covariance import Covariance, begin
from limen.analysis.reml import HALVINGS, ROUNDING, SINGULAR, STEPS
from limen.analysis.sums import Sums

# As `reml.CONVERGED`, of what one step more will leave: the error of theta is then below 1e-8 of its own SE.
SETTLED = 1e-17
# Steps by the cheap curvature; a replicate that needs more has something odd about it and gets the exact one.
CHEAP_STEPS = 8
# People for each element of Sigma from which on the cheap curvature is used.
AMPLE = 6
# What is left of a variance that rounding has made.
ROUNDED = 1e-13
# Numbers a step through the costliest term holds at once.
CACHE = 100_000

Pairs = Float[np.ndarray, "replicates pairs pairs"]


@dataclass(frozen=True)
class Point:
    """-2 log L_R (without its constant) at theta with its first derivatives and its second, `observed`."""

    theta: Float[np.ndarray, "replicates parameters"]
    sigma: Float[np.ndarray, "replicates visits visits"]
    minus2: Float[np.ndarray, " replicates"]
    beta: Float[np.ndarray, "replicates visits z"]
    phi: Float[np.ndarray, "replicates columns columns"]
    w: Float[np.ndarray, "replicates patterns visits visits"]
    gradient: Float[np.ndarray, "replicates parameters"]
    observed: Float[np.ndarray, "replicates parameters parameters"]

    def put(self, rows: Int[np.ndarray, " chosen"], other: Point) -> None:
        """Take the values of `other` for `rows`."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(other, field.name)

    def at(self, rows: Int[np.ndarray, " chosen"] | Bool[np.ndarray, " replicates"]) -> Point:
        """The replicates of `rows`."""
        return Point(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def likelihood_many(
    s: Sums, covariance: Covariance, theta: Float[np.ndarray, "replicates parameters"], exact: bool
) -> Point:
    """`reml.likelihood` of every replicate; every Sigma must be positive definite.

    tr(Phi S_k Phi S_l), S_k = X'V^-1 V_k V^-1 X, costs more than everything else. Unless `exact` it is taken as
    tr(Phi X'V^-1 V_k V^-1 V_l V^-1 X), to which it is equal where nothing is missing.
    """
    sigma = covariance.matrix(theta)
    w, logdet = _inverses(s, sigma)
    replicates, visits, m = len(sigma), sigma.shape[-1], s.zz.shape[-1]
    phi, size = _phi(s, w)
    beta = (phi @ (w @ s.zy.swapaxes(2, 3)).sum(1).reshape(replicates, visits * m, 1)).reshape(
        replicates, visits, m
    )
    turned = beta.swapaxes(1, 2)[:, None]
    u = s.zy - s.zz @ turned
    rr = s.yy - s.zy.swapaxes(2, 3) @ turned - beta[:, None] @ u
    wr, wf, nw = w @ rr @ w, w @ _fixed(s, phi) @ w, s.n[..., None, None] * w
    pairs = Elements.of(visits)
    minus2 = logdet + size + np.einsum("rgab,rgab->r", w, rr)
    slope = pairs.twice((nw - wr - wf).sum(1))
    score = pairs.scores(w, w @ u.swapaxes(2, 3))
    crossed = _crossed(s, w, phi, pairs) if exact else pairs.traces(wf, w)
    observed = pairs.traces(2 * (wr + wf) - nw, w) - 2 * score @ phi @ score.swapaxes(1, 2) - crossed
    jacobian = covariance.first(theta)[..., pairs.a, pairs.b]
    gradient = (jacobian @ slope[..., None])[..., 0]
    observed = jacobian @ observed @ jacobian.swapaxes(-1, -2)
    if (second := covariance.second(theta)) is not None:
        observed = observed + (second[..., pairs.a, pairs.b] @ slope[:, None, :, None])[..., 0]
    observed = (observed + observed.swapaxes(1, 2)) / 2
    return Point(theta, sigma, minus2, beta, phi, w, gradient, observed)


def _expected(
    s: Sums, covariance: Covariance, here: Point
) -> Float[np.ndarray, "replicates parameters parameters"]:
    """Expected second derivatives of -2 log L_R by theta."""
    pairs = Elements.of(here.sigma.shape[-1])
    wf = here.w @ _fixed(s, here.phi) @ here.w
    jacobian = covariance.first(here.theta)[..., pairs.a, pairs.b]
    crossed = _crossed(s, here.w, here.phi, pairs)
    by_pair = pairs.traces(s.n[..., None, None] * here.w - 2 * wf, here.w) + crossed
    expected = jacobian @ by_pair @ jacobian.swapaxes(-1, -2)
    return (expected + expected.swapaxes(1, 2)) / 2


def _fixed(
    s: Sums, phi: Float[np.ndarray, "replicates columns columns"]
) -> Float[np.ndarray, "replicates patterns visits visits"]:
    """F_ab, the sum over people of a pattern of x_a Phi x_b'."""
    replicates, patterns, m = s.zz.shape[:3]
    visits = phi.shape[-1] // m
    blocks = (
        phi.reshape(replicates, visits, m, visits, m)
        .transpose(0, 1, 3, 2, 4)
        .reshape(replicates, visits * visits, m * m)
    )
    found = s.zz.reshape(replicates, patterns, m * m) @ blocks.swapaxes(1, 2)
    return found.reshape(replicates, patterns, visits, visits)


def _inverses(
    s: Sums, sigma: Float[np.ndarray, "replicates visits visits"]
) -> tuple[Float[np.ndarray, "replicates patterns visits visits"], Float[np.ndarray, " replicates"]]:
    w = np.zeros((*s.n.shape, *sigma.shape[1:]))
    logdet = np.zeros(len(sigma))
    for number, kind in enumerate(s.kinds):
        part = sigma[:, kind[:, None], kind]
        w[:, number, kind[:, None], kind] = np.linalg.inv(part)
        logdet += s.n[:, number] * np.linalg.slogdet(part)[1]
    return w, logdet


def _phi(
    s: Sums, w: Float[np.ndarray, "replicates patterns visits visits"]
) -> tuple[Float[np.ndarray, "replicates columns columns"], Float[np.ndarray, " replicates"]]:
    """(X'V^-1X)^-1, columns by visit and within by z, and log|X'V^-1X|."""
    replicates, visits, m = len(w), w.shape[-1], s.zz.shape[-1]
    flat = (_flat(x) for x in (w, s.zz))
    blocks = (next(flat).swapaxes(1, 2) @ next(flat)).reshape(replicates, visits, visits, m, m)
    information = blocks.transpose(0, 1, 3, 2, 4).reshape(replicates, visits * m, visits * m)
    return np.linalg.inv(information), np.linalg.slogdet(information)[1]


def _crossed(
    s: Sums, w: Float[np.ndarray, "replicates patterns visits visits"],
    phi: Float[np.ndarray, "replicates columns columns"], pairs: Elements,
) -> Pairs:  # fmt: skip
    """tr(Phi S_k Phi S_l) by the elements of Sigma, a few replicates at a time so that they stay in the cache."""
    some = max(1, CACHE // (len(pairs.a) * phi.shape[-1] ** 2))
    parts = [slice(start, start + some) for start in range(0, max(len(w), 1), some)]
    return np.concatenate([_crossed_part(s.zz[part], w[part], phi[part], pairs) for part in parts])


def _crossed_part(
    zz: Float[np.ndarray, "replicates patterns z z"], w: Float[np.ndarray, "replicates patterns visits visits"],
    phi: Float[np.ndarray, "replicates columns columns"], pairs: Elements,
) -> Pairs:  # fmt: skip
    """S_k Phi is the sum over patterns of W e_a (x) (e_b'W (x) Z'Z) Phi."""
    replicates, patterns, visits, m = (*w.shape[:3], zz.shape[-1])
    k, columns = len(pairs.a), visits * m
    rows = (w[..., None, None] * zz[:, :, None, None]).transpose(0, 1, 2, 4, 3, 5)
    right = rows.reshape(replicates, patterns, columns, columns) @ phi[:, None]
    both = _flat(w).swapaxes(1, 2) @ _flat(right)
    both = both.reshape(replicates, visits, visits, visits, m, columns).transpose(0, 2, 3, 1, 4, 5)
    moved = _flat(both[:, pairs.a, pairs.b] + both[:, pairs.b, pairs.a])
    moved *= pairs.half[:, None]
    turned = _flat(moved.reshape(replicates, k, columns, columns).swapaxes(2, 3))
    return moved @ turned.swapaxes(1, 2)


@dataclass(frozen=True)
class Elements:
    """The elements a <= b of a symmetric matrix; E_k = e_a e_b' + e_b e_a', with `half` so that the diagonal counts once."""

    a: Int[np.ndarray, " pairs"]
    b: Int[np.ndarray, " pairs"]
    half: Float[np.ndarray, " pairs"]
    place: Int[np.ndarray, "visits visits"]

    @staticmethod
    @cache
    def of(visits: int) -> Elements:
        a, b = np.triu_indices(visits)
        place = np.zeros((visits, visits), int)
        place[a, b] = place[b, a] = np.arange(len(a))
        return Elements(a, b, np.where(a == b, 0.5, 1.0), place)

    def twice(
        self, matrix: Float[np.ndarray, "replicates visits visits"]
    ) -> Float[np.ndarray, "replicates pairs"]:
        """tr(E_k M) of a symmetric M."""
        return 2 * self.half * matrix[:, self.a, self.b]

    def traces(
        self,
        left: Float[np.ndarray, "replicates patterns visits visits"],
        right: Float[np.ndarray, "replicates patterns visits visits"],
    ) -> Pairs:
        """Sum over patterns of tr(L E_k R E_l), L and R symmetric."""
        t = left[..., self.a, self.b].swapaxes(1, 2) @ right[..., self.a, self.b]
        size = len(self.a)
        flat = t.reshape(len(t), size * size)
        i, j, p, q = self.a[:, None], self.b[:, None], self.a, self.b
        terms = [(q, i, j, p), (q, j, i, p), (p, i, j, q), (p, j, i, q)]
        total = sum(flat[:, self.place[w, x] * size + self.place[y, z]] for w, x, y, z in terms)
        return total * (self.half[:, None] * self.half)

    def scores(
        self,
        w: Float[np.ndarray, "replicates patterns visits visits"],
        y: Float[np.ndarray, "replicates patterns visits z"],
    ) -> Float[np.ndarray, "replicates pairs columns"]:
        """Sum over patterns of W E_k Y, columns by visit and within by z."""
        replicates, visits, m = len(y), *y.shape[2:]
        flat = (_flat(x) for x in (w, y))
        both = (next(flat).swapaxes(1, 2) @ next(flat)).reshape(replicates, visits, visits, visits, m)
        # both[v, a, b, i] = W_va Y_bi
        both = both.transpose(0, 2, 3, 1, 4)
        total = both[:, self.a, self.b] + both[:, self.b, self.a]
        return _flat(total) * self.half[:, None]


def _flat(x: Float[np.ndarray, "a b ..."]) -> Float[np.ndarray, "a b c"]:
    """All but the first two axes as one."""
    return x.reshape(*x.shape[:2], prod(x.shape[2:]))


def definite(matrices: Float[np.ndarray, "replicates n n"]) -> Bool[np.ndarray, " replicates"]:
    """Which are positive definite, and by more than rounding."""
    try:
        root = np.linalg.cholesky(matrices)
    except np.linalg.LinAlgError:
        if len(matrices) == 1:
            return np.zeros(1, bool)
        middle = len(matrices) // 2
        return np.concatenate([definite(matrices[:middle]), definite(matrices[middle:])])
    pivots, sizes = (np.einsum("raa->ra", x) for x in (root, matrices))
    return (pivots**2 > ROUNDED * sizes).all(1)


@dataclass(frozen=True)
class Maxima:
    """`at`: the exact maxima of the replicates numbered `rows`. The others have none inside the positive definite
    covariances; `sigma` is where each ended, after `steps`."""

    at: Point
    rows: Int[np.ndarray, " found"]
    sigma: Float[np.ndarray, "replicates visits visits"]
    steps: Int[np.ndarray, " replicates"]


def maximise_many(s: Sums, covariance: Covariance) -> Maxima:
    """Newton's method for every replicate. In small trials, and where the cheap curvature does not lead straight to a
    maximum, a replicate goes the way of `reml.maximise`, so that it ends where a single fit does even if the likelihood
    has several peaks."""
    theta = begin(covariance, s.sample)
    small = s.n.sum(1).min() < AMPLE * len(Elements.of(s.sample.shape[-1]).a)
    end, settled, steps = _newton(s, covariance, theta, exact=bool(small))
    rough = np.flatnonzero(~settled)
    if len(rough) and not small:
        again = _newton(s.at(rough), covariance, theta[rough], exact=True)
        for whole, part in zip((end, settled, steps), again, strict=True):
            whole[rough] = part
    sigma = covariance.matrix(end)
    found = np.flatnonzero(settled & definite(sigma))
    at = likelihood_many(s.at(found), covariance, end[found], exact=True)
    inside = _is_maximum(at)
    return Maxima(at.at(inside), found[inside], sigma, steps)


def _newton(
    s: Sums, covariance: Covariance, theta: Float[np.ndarray, "replicates parameters"], exact: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each replicate ended, whether it settled there, and its steps. Only the `exact` one halves steps and scores."""
    rows, part = np.arange(len(s.n)), s
    here = likelihood_many(s, covariance, theta, exact)
    end, settled, steps = theta.copy(), np.zeros(len(rows), bool), np.zeros(len(rows), int)
    last = np.full(len(rows), np.inf)
    for step in range(STEPS if exact else CHEAP_STEPS):
        direction, decrement = _direction(part, covariance, here, exact)
        # One step more shrinks the decrement at least as much as the last one did.
        left = decrement * np.minimum(decrement / last, 1.0)
        done = (decrement < ROUNDING) & ((left < SETTLED) | (last <= decrement))
        end[rows] = here.theta + np.where(done[:, None], direction, 0.0)
        settled[rows[done]] = True
        steps[rows] = step + 1
        stays = np.isfinite(decrement) & ~done
        if not stays.all():
            rows, here, part = rows[stays], here.at(stays), part.at(stays)
            direction, decrement = direction[stays], decrement[stays]
        if not len(rows):
            break
        here, moved = _search(part, covariance, here, direction, decrement, exact)
        end[rows], last = here.theta, decrement
        if not moved.all():
            rows, here, part, last = rows[moved], here.at(moved), part.at(moved), last[moved]
    return end, settled, steps


def _direction(
    s: Sums, covariance: Covariance, here: Point, exact: bool
) -> tuple[Float[np.ndarray, "replicates parameters"], Float[np.ndarray, " replicates"]]:
    """Newton's step and its decrement; where the observed information is not positive definite, scoring if `exact`. NaN
    where there is no step."""
    information, able = here.observed, definite(here.observed)
    if exact and not able.all():
        information = np.where(able[:, None, None], information, _expected(s, covariance, here))
        able |= definite(information)
    step = np.full(here.theta.shape, np.nan)
    step[able] = -np.linalg.solve(information[able], here.gradient[able, :, None])[..., 0]
    return step, -(here.gradient * step).sum(-1)


def _search(
    s: Sums, covariance: Covariance, here: Point, direction: Float[np.ndarray, "replicates parameters"],
    decrement: Float[np.ndarray, " replicates"], exact: bool,
) -> tuple[Point, Bool[np.ndarray, " replicates"]]:  # fmt: skip
    """Where each step leads, if `exact` halved until the likelihood rises enough, and whether it does."""
    there, moved, left = here, np.zeros(len(s.n), bool), np.arange(len(s.n))
    for halved in range(HALVINGS if exact else 1):
        size = 0.5**halved
        theta = here.theta[left] + size * direction[left]
        inside = definite(covariance.matrix(theta))
        tried = left[inside]
        whole = len(tried) == len(s.n)
        new = likelihood_many(s if whole else s.at(tried), covariance, theta[inside], exact)
        enough = new.minus2 <= here.minus2[tried] - 1e-4 * size * decrement[tried]
        enough |= decrement[tried] < ROUNDING
        if whole and enough.all():
            return new, enough
        if there is here:
            there = here.at(np.arange(len(s.n)))
        there.put(tried[enough], new.at(enough))
        moved[tried[enough]] = True
        left = np.flatnonzero(~moved)
        if not len(left):
            break
    return there, moved


def _is_maximum(at: Point) -> Bool[np.ndarray, " replicates"]:
    spread = np.sqrt(np.einsum("raa->ra", at.sigma))
    correlation = at.sigma / (spread[:, :, None] * spread[:, None])
    return definite(at.observed) & (np.linalg.eigvalsh(correlation)[:, 0] >= SINGULAR)
