"""Residual maximum likelihood for y_i = X_i beta + e_i, e_i ~ N(0, Sigma_i(theta)), people independent.

People with the same visits observed share Sigma_i. Per such pattern only the cross-products
T_ab = sum_i [x_ia, y_ia]' [x_ib, y_ib] are kept, so an iteration costs nothing that grows with the number of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from limen.analysis.covariance import Covariance

STEPS = 200
HALVINGS = 40
# Newton decrement g'H^-1 g of -2 log L_R, twice what is left to gain; free of units and parameterisation.
CONVERGED = 1e-12
# Below this, rounding in the likelihood itself can hide the last improvement.
ROUNDING = 1e-7

Theta = Float[np.ndarray, " parameters"]
Information = Float[np.ndarray, "parameters parameters"]


class NoMaximum(Exception):
    """The likelihood rises towards the edge of the positive definite covariances; `sigma` is the last one."""

    def __init__(self, sigma: Float[np.ndarray, "visits visits"]):
        self.sigma = sigma
        super().__init__("no maximum")


@dataclass(frozen=True)
class Seen:
    """People observed at `visits` (indices): how many, and their cross-products (visits x visits x q x q)."""

    visits: Int[np.ndarray, " seen"]
    people: int
    products: Float[np.ndarray, "seen seen q q"]


@dataclass(frozen=True)
class Evaluation:
    """-2 log L_R at theta with what inference needs; see `likelihood` for the symbols."""

    theta: Theta
    sigma: Float[np.ndarray, "visits visits"]
    minus2: float
    beta: Float[np.ndarray, " columns"]
    phi: Float[np.ndarray, "columns columns"]
    gradient: Theta
    observed: Information
    expected: Information
    s1: Float[np.ndarray, "parameters columns columns"]


def patterns(
    design: Float[np.ndarray, "people visits columns"], outcome: Float[np.ndarray, "people visits"]
) -> tuple[Seen, ...]:
    """Group people by the visits they were seen at. `design` is people x visits x p; NaN outcome is missing."""
    seen = np.isfinite(outcome)
    kinds, membership = np.unique(seen, axis=0, return_inverse=True)
    membership = membership.ravel()
    found = []
    for number, kind in enumerate(kinds):
        rows, visits = np.flatnonzero(membership == number), np.flatnonzero(kind)
        if len(visits):
            y = outcome[np.ix_(rows, visits)]
            stacked = np.concatenate([design[np.ix_(rows, visits)], y[..., None]], -1)
            products = np.tensordot(stacked, stacked, (0, 0)).transpose(0, 2, 1, 3)
            found.append(Seen(visits, len(rows), products))
    return tuple(found)


def minus2_loglik(groups: tuple[Seen, ...], sigma: Float[np.ndarray, "visits visits"]) -> float:
    """-2 log L_R = (n - p) log 2pi + sum log|Sigma_i| + log|X'V^-1X| + r'V^-1 r; infinite off the cone."""
    try:
        np.linalg.cholesky(sigma)
        total, logdet, n = _weighted(groups, sigma)
        p = len(total) - 1
        root = np.linalg.cholesky(total[:p, :p])
    except np.linalg.LinAlgError:
        return np.inf
    half = np.linalg.solve(root, total[:p, p])
    residual = total[p, p] - half @ half
    return float((n - p) * np.log(2 * np.pi) + logdet + 2 * np.log(np.diag(root)).sum() + residual)


def _weighted(groups: tuple[Seen, ...], sigma: np.ndarray) -> tuple[np.ndarray, float, int]:
    total, logdet, n = np.zeros(()), 0.0, 0
    for group in groups:
        part = sigma[np.ix_(group.visits, group.visits)]
        total = total + np.tensordot(np.linalg.inv(part), group.products, 2)
        logdet += group.people * np.linalg.slogdet(part)[1]
        n += group.people * len(group.visits)
    return total, logdet, n


def likelihood(groups: tuple[Seen, ...], covariance: Covariance, theta: Theta) -> Evaluation:
    """-2 log L_R, its gradient and second derivatives.

    With V_k = dV/dtheta_k, P = V^-1 - V^-1 X Phi X'V^-1, Phi = (X'V^-1X)^-1:

        gradient_k = tr(P V_k) - y'P V_k P y
        expected_kl = tr(P V_k P V_l)
        observed_kl = 2 y'P V_k P V_l P y - tr(P V_k P V_l) + tr(P V_kl) - y'P V_kl P y

    (the last two terms vanish where V is linear in theta). `expected` and `observed` are second derivatives of
    -2 log L_R, so twice the information. `s1[k]` = X'V^-1 V_k V^-1 X.
    """
    sigma = covariance.matrix(theta)
    total, logdet, n = _weighted(groups, sigma)
    p = len(total) - 1
    phi = np.linalg.inv(total[:p, :p])
    phi = (phi + phi.T) / 2
    beta = phi @ total[:p, p]
    c = np.append(-beta, 1.0)
    terms = _derivatives(groups, covariance, theta, phi, c)
    x1, score = terms.s1[:, :p, :p], terms.s1[:, :p] @ c
    phi_x1 = phi @ x1
    quadratic = terms.residual2 - score @ phi @ score.T
    expected = terms.trace2 - 2 * terms.fixed2 + traces(phi_x1, phi_x1)
    gradient = terms.trace1 - np.trace(phi_x1, axis1=1, axis2=2) - terms.s1 @ c @ c
    observed = 2 * quadratic - expected + terms.curved
    minus2 = (n - p) * np.log(2 * np.pi) + logdet - np.linalg.slogdet(phi)[1] + c @ total @ c
    halves = ((observed + observed.T) / 2, (expected + expected.T) / 2)
    return Evaluation(theta, sigma, float(minus2), beta, phi, gradient, *halves, x1)


@dataclass
class _Terms:
    """Sums over patterns; with c = (-beta, 1) and F_ab = tr(Phi X_a'X_b), R_ab = r_a'r_b over people of a pattern:
    `fixed2` = tr(Phi X'V^-1 V_k V^-1 V_l V^-1 X) needs F only, `residual2` the same on residuals R only."""

    s1: Float[np.ndarray, "parameters q q"]
    trace1: Theta
    trace2: Information
    fixed2: Information
    residual2: Information
    curved: Information


def _derivatives(
    groups: tuple[Seen, ...], covariance: Covariance, theta: Theta, phi: np.ndarray, c: np.ndarray
) -> _Terms:
    sigma, first, second = covariance.matrix(theta), covariance.first(theta), covariance.second(theta)
    k, q = len(theta), len(c)
    t = _Terms(np.zeros((k, q, q)), np.zeros(k), *(np.zeros((k, k)) for _ in range(4)))
    for group in groups:
        at = np.ix_(group.visits, group.visits)
        inverse = np.linalg.inv(sigma[at])
        left = inverse @ first[:, *at]
        both = left @ inverse
        fixed = np.tensordot(group.products[..., :-1, :-1], phi, 2)
        residual = group.products @ c @ c
        t.s1 += np.tensordot(both, group.products, 2)
        t.trace1 += group.people * np.trace(left, axis1=1, axis2=2)
        t.trace2 += group.people * traces(left, left)
        turned = left.swapaxes(1, 2)
        t.fixed2 += (turned @ fixed).reshape(k, -1) @ both.reshape(k, -1).T
        t.residual2 += (turned @ residual).reshape(k, -1) @ both.reshape(k, -1).T
        if second is not None:
            bent = inverse @ second[:, :, *at]
            t.curved += group.people * np.trace(bent, axis1=2, axis2=3)
            t.curved -= np.tensordot(bent @ inverse, fixed + residual, 2)
    return t


def traces(left: Float[np.ndarray, "k a a"], right: Float[np.ndarray, "l a a"]) -> Float[np.ndarray, "k l"]:
    """tr(A_k B_l) for stacks of square matrices."""
    return left.reshape(len(left), -1) @ right.swapaxes(1, 2).reshape(len(right), -1).T


def second_order(
    groups: tuple[Seen, ...], covariance: Covariance, theta: Theta, weight: Information
) -> Float[np.ndarray, "columns columns"]:
    """sum_kl w_kl (Q_kl - R_kl / 4), Q_kl = X'V^-1 V_k V^-1 V_l V^-1 X, R_kl = X'V^-1 V_kl V^-1 X: what Kenward and
    Roger (1997) weight with the covariance of theta."""
    sigma, first, second = covariance.matrix(theta), covariance.first(theta), covariance.second(theta)
    total = np.zeros(groups[0].products.shape[2:])
    for group in groups:
        at = np.ix_(group.visits, group.visits)
        inverse = np.linalg.inv(sigma[at])
        left = inverse @ first[:, *at]
        inner = (left @ np.tensordot(weight, left @ inverse, 1)).sum(0)
        if second is not None:
            inner = inner - inverse @ np.tensordot(weight, second[:, :, *at], 2) @ inverse / 4
        total = total + np.tensordot(inner, group.products, 2)
    return total[:-1, :-1]


def maximise(groups: tuple[Seen, ...], covariance: Covariance, theta: Theta) -> tuple[Evaluation, int]:
    """Newton's method with step halving from `theta`; returns the maximum and the number of steps.

    Where the observed information is not positive definite the expected one takes its place (Fisher scoring).
    Raises NoMaximum where none is reached inside the positive definite covariances.
    """
    here, last = likelihood(groups, covariance, theta), np.inf
    for step in range(STEPS):
        direction = _direction(here)
        decrement = -float(here.gradient @ direction)
        if decrement < CONVERGED or last <= decrement < ROUNDING:
            # One step more costs one evaluation and squares what is left of the error.
            return _at_maximum(likelihood(groups, covariance, here.theta + direction)), step + 1
        size, last = 1.0, decrement
        for _ in range(HALVINGS):
            trial = minus2_loglik(groups, covariance.matrix(here.theta + size * direction))
            # So near the maximum a whole step is better than what rounding leaves of the likelihood says.
            if trial <= here.minus2 - 1e-4 * size * decrement or (decrement < ROUNDING and trial < np.inf):
                break
            size /= 2
        else:
            break
        here = likelihood(groups, covariance, here.theta + size * direction)
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
    singular = np.linalg.eigvalsh(correlation)[0] < 1e-8
    # In units of its own diagonal: parameters may differ in size by the square of the score's unit.
    size = np.sqrt(np.abs(np.diag(here.observed)))
    if singular or np.linalg.eigvalsh(here.observed / np.outer(size, size))[0] <= 0:
        raise NoMaximum(here.sigma)
    return here
