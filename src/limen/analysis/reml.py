"""Maximum likelihood, restricted or not, for y_i = X_i beta + e_i, e_i ~ N(0, V_i(theta)), people independent.

V_i = L_i Sigma(theta) L_i': the loading L_i says which of the correlated quantities behind Sigma each of a person's
scores has a share in. A visit is picked by a one; a random slope loads with its time, a weight w by 1/sqrt(w).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from limen.analysis.covariance import Covariance

STEPS = 200
HALVINGS = 40
# Newton decrement g'H^-1 g of -2 log L, twice what is left to gain; free of units and parameterisation.
CONVERGED = 1e-12
# Below this, rounding in the likelihood itself can hide the last improvement.
ROUNDING = 1e-7
# Up to this many quantities behind Sigma, sums over people of products of matrices are kept instead of the matrices.
FEW = 20
# A correlation matrix whose smallest eigenvalue is below this is taken as singular.
SINGULAR = 1e-8

Theta = Float[np.ndarray, " parameters"]
Information = Float[np.ndarray, "parameters parameters"]
Sigma = Float[np.ndarray, "effects effects"]


class NoMaximum(Exception):
    """The likelihood rises towards the edge of the positive definite covariances; `sigma` is the last one."""

    def __init__(self, sigma: Sigma):
        self.sigma = sigma
        super().__init__("no maximum")


@dataclass(frozen=True)
class Scored:
    """Everybody's scores, padded to the most a person has: what is not there is zero everywhere and `absent`.
    `scores` are regressors and outcome side by side (q = columns + 1). `restricted` is REML."""

    scores: Float[np.ndarray, "people rows q"]
    loading: Float[np.ndarray, "people rows effects"]
    absent: Bool[np.ndarray, "people rows"]
    restricted: bool = True

    @property
    def observations(self) -> int:
        return int((~self.absent).sum())


@dataclass(frozen=True)
class Evaluation:
    """-2 log L at theta with what inference needs; see `likelihood` for the symbols."""

    theta: Theta
    sigma: Sigma
    minus2: float
    beta: Float[np.ndarray, " columns"]
    phi: Float[np.ndarray, "columns columns"]
    gradient: Theta
    observed: Information
    expected: Information
    s1: Float[np.ndarray, "parameters columns columns"]


def scored(
    design: Float[np.ndarray, "people rows columns"],
    outcome: Float[np.ndarray, "people rows"],
    loading: Float[np.ndarray, "people rows effects"] | None = None,
    restricted: bool = True,
) -> Scored:
    """Everybody with a score; NaN outcome is missing. Without a `loading` row v of a person is visit v."""
    seen = np.isfinite(outcome)
    if loading is None:
        loading = np.broadcast_to(np.eye(outcome.shape[1]), (*outcome.shape, outcome.shape[1]))
    scores = np.where(seen[..., None], np.concatenate([design, outcome[..., None]], -1), 0.0)
    here = seen.any(1)
    return Scored(scores[here], np.where(seen[..., None], loading, 0.0)[here], ~seen[here], restricted)


def minus2_loglik(data: Scored, sigma: Sigma) -> float:
    """-2 log L_R = (n - p) log 2pi + sum log|V_i| + log|X'V^-1X| + r'V^-1 r (without p and |X'V^-1X| where the likelihood
    is not the restricted one); infinite off the cone."""
    try:
        np.linalg.cholesky(sigma)
        inverse, logdet = _inverse(data, sigma)
        total = _products(data.scores, inverse @ data.scores)
        p = len(total) - 1
        root = np.linalg.cholesky(total[:p, :p])
    except np.linalg.LinAlgError:
        return np.inf
    half = np.linalg.solve(root, total[:p, p])
    residual = total[p, p] - half @ half
    fixed = 2 * np.log(np.diag(root)).sum() - p * np.log(2 * np.pi) if data.restricted else 0.0
    return float(data.observations * np.log(2 * np.pi) + logdet + fixed + residual)


def _inverse(data: Scored, sigma: Sigma) -> tuple[np.ndarray, float]:
    """V_i^-1, with ones for what is absent, and sum log|V_i|. Raises LinAlgError where a V_i is not definite."""
    v = data.loading @ sigma @ data.loading.swapaxes(1, 2)
    rows = np.arange(v.shape[1])
    v[:, rows, rows] += data.absent
    root = np.linalg.cholesky(v)
    return np.linalg.inv(v), float(2 * np.log(root[:, rows, rows]).sum())


def _products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """sum_i left_i' right_i."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


@dataclass(frozen=True)
class _Behind:
    """By person, seen from the quantities behind Sigma: w = L'V^-1 L and a = L'V^-1 [X, y]."""

    w: Float[np.ndarray, "people effects effects"]
    a: Float[np.ndarray, "people effects q"]
    total: Float[np.ndarray, "q q"]
    logdet: float


def _behind(data: Scored, sigma: Sigma) -> _Behind:
    inverse, logdet = _inverse(data, sigma)
    turned = data.loading.swapaxes(1, 2)
    solved = inverse @ data.scores
    return _Behind(turned @ inverse @ data.loading, turned @ solved, _products(data.scores, solved), logdet)


def likelihood(data: Scored, covariance: Covariance, theta: Theta) -> Evaluation:
    """-2 log L_R, its gradient and second derivatives.

    With V_k = dV/dtheta_k, P = V^-1 - V^-1 X Phi X'V^-1, Phi = (X'V^-1X)^-1:

        gradient_k = tr(P V_k) - y'P V_k P y
        expected_kl = tr(P V_k P V_l)
        observed_kl = 2 y'P V_k P V_l P y - tr(P V_k P V_l) + tr(P V_kl) - y'P V_kl P y

    (the last two terms vanish where V is linear in theta); unrestricted, V^-1 stands for P in the traces. `expected` and
    `observed` are second derivatives of -2 log L, so twice the information. `s1[k]` = X'V^-1 V_k V^-1 X.
    """
    sigma, first = covariance.matrix(theta), covariance.first(theta)
    b = _behind(data, sigma)
    p = len(b.total) - 1
    phi = np.linalg.inv(b.total[:p, :p])
    phi = (phi + phi.T) / 2
    beta = phi @ b.total[:p, p]
    c = np.append(-beta, 1.0)
    residual = b.a @ c
    outer = residual[:, :, None] * residual[:, None, :]
    s1 = _between(first, b.a)
    x1, score = s1[:, :p, :p], s1[:, :p] @ c
    phi_x1 = phi @ x1
    gradient = np.tensordot(first, b.w.sum(0) - outer.sum(0), 2)
    expected = _pairs(first, b.w, b.w)
    mean = b.w.sum(0) - outer.sum(0)
    minus2 = data.observations * np.log(2 * np.pi) + b.logdet + c @ b.total @ c
    if data.restricted:
        fixed = b.a[..., :p] @ phi @ b.a[..., :p].swapaxes(1, 2)
        gradient = gradient - np.trace(phi_x1, axis1=1, axis2=2)
        expected = expected - 2 * _pairs(first, fixed, b.w) + traces(phi_x1, phi_x1)
        mean = mean - fixed.sum(0)
        minus2 += -p * np.log(2 * np.pi) - np.linalg.slogdet(phi)[1]
    observed = 2 * (_pairs(first, outer, b.w) - score @ phi @ score.T) - expected
    second = covariance.second(theta)
    if second is not None:
        observed = observed + np.tensordot(second, mean, 2)
    halves = ((observed + observed.T) / 2, (expected + expected.T) / 2)
    return Evaluation(theta, sigma, float(minus2), beta, phi, gradient, *halves, x1)


def _between(first: Float[np.ndarray, "k s s"], a: Float[np.ndarray, "people s q"]) -> np.ndarray:
    """sum_i a_i' E_k a_i for every k."""
    n, s, q = a.shape
    flat = a.reshape(n, s * q)
    return np.tensordot(first, (flat.T @ flat).reshape(s, q, s, q).transpose(0, 2, 1, 3), 2)


def _pairs(first: Float[np.ndarray, "k s s"], left: np.ndarray, right: np.ndarray) -> Information:
    """sum_i tr(left_i E_k right_i E_l), both of them symmetric."""
    k, s, _ = first.shape
    flat = first.reshape(k, s * s)
    if s > FEW:
        ahead = (left[:, None] @ first).transpose(1, 0, 2, 3)
        behind = (right[:, None] @ first).transpose(1, 0, 3, 2)
        return ahead.reshape(k, -1) @ behind.reshape(k, -1).T
    sums = left.reshape(len(left), -1).T @ right.reshape(len(right), -1)
    return flat @ sums.reshape(s, s, s, s).transpose(1, 2, 3, 0).reshape(s * s, s * s) @ flat.T


def traces(left: Float[np.ndarray, "k a a"], right: Float[np.ndarray, "l a a"]) -> Float[np.ndarray, "k l"]:
    """tr(A_k B_l) for stacks of square matrices."""
    return left.reshape(len(left), -1) @ right.swapaxes(1, 2).reshape(len(right), -1).T


def second_order(
    data: Scored, covariance: Covariance, theta: Theta, weight: Information
) -> Float[np.ndarray, "columns columns"]:
    """sum_kl w_kl (Q_kl - R_kl / 4), Q_kl = X'V^-1 V_k V^-1 V_l V^-1 X, R_kl = X'V^-1 V_kl V^-1 X: what Kenward and
    Roger (1997) weight with the covariance of theta."""
    sigma, first, second = covariance.matrix(theta), covariance.first(theta), covariance.second(theta)
    b = _behind(data, sigma)
    inner = np.zeros_like(b.w)
    for one, other in zip(first, np.tensordot(weight, first, 1), strict=True):
        inner += one @ b.w @ other
    if second is not None:
        inner = inner - np.tensordot(weight, second, 2) / 4
    x = b.a[..., :-1]
    return _products(x, inner @ x)


def sandwich(data: Scored, sigma: Sigma) -> Float[np.ndarray, "columns columns"]:
    """Covariance of beta by what people's own residuals say (Mancl and DeRouen 2001, Biometrics 57:126-134):

    Phi [ sum_i X_i'V_i^-1 f_i f_i' V_i^-1 X_i ] Phi,  f_i = (I - X_i Phi X_i'V_i^-1)^-1 (y_i - X_i beta).
    """
    inverse, _ = _inverse(data, sigma)
    x, y = data.scores[..., :-1], data.scores[..., -1]
    weighted = inverse @ x
    phi = np.linalg.inv(_products(x, weighted))
    residual = y - x @ (phi @ np.einsum("irp,ir->p", weighted, y))
    leverage = x @ phi @ weighted.swapaxes(1, 2)
    own = np.linalg.solve(np.eye(x.shape[1]) - leverage, residual[..., None])[..., 0]
    score = np.einsum("irp,ir->ip", weighted, own)
    return phi @ (score.T @ score) @ phi


def maximise(data: Scored, covariance: Covariance, theta: Theta) -> tuple[Evaluation, int]:
    """Newton's method with step halving from `theta`; returns the maximum and the number of steps.

    Where the observed information is not positive definite the expected one takes its place (Fisher scoring).
    Raises NoMaximum where none is reached inside the positive definite covariances.
    """
    here, last = likelihood(data, covariance, theta), np.inf
    for step in range(STEPS):
        direction = _direction(here)
        decrement = -float(here.gradient @ direction)
        if decrement < CONVERGED or last <= decrement < ROUNDING:
            # One step more costs one evaluation and squares what is left of the error.
            return _at_maximum(likelihood(data, covariance, here.theta + direction)), step + 1
        size, last = 1.0, decrement
        for _ in range(HALVINGS):
            trial = minus2_loglik(data, covariance.matrix(here.theta + size * direction))
            # So near the maximum a whole step is better than what rounding leaves of the likelihood says.
            if trial <= here.minus2 - 1e-4 * size * decrement or (decrement < ROUNDING and trial < np.inf):
                break
            size /= 2
        else:
            break
        here = likelihood(data, covariance, here.theta + size * direction)
    raise NoMaximum(here.sigma)


def _direction(here: Evaluation) -> np.ndarray:
    for information in (here.observed, here.expected):
        try:
            np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            continue
        return -np.linalg.solve(information, here.gradient)
    raise NoMaximum(here.sigma)


def _at_maximum(here: Evaluation) -> Evaluation:
    correlation = here.sigma / np.sqrt(np.outer(np.diag(here.sigma), np.diag(here.sigma)))
    singular = np.linalg.eigvalsh(correlation)[0] < SINGULAR
    # In units of its own diagonal: parameters may differ in size by the square of the score's unit.
    size = np.sqrt(np.abs(np.diag(here.observed)))
    if singular or np.linalg.eigvalsh(here.observed / np.outer(size, size))[0] <= 0:
        raise NoMaximum(here.sigma)
    return here
