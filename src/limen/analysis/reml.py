"""Residual maximum likelihood for y_i = X_i beta + e_i, e_i ~ N(0, Sigma_i(theta)), people independent.

People with the same visits observed share Sigma_i. Per such pattern only the cross-products
T_ab = sum_i [x_ia, y_ia]' [x_ib, y_ib] are kept, so an iteration costs nothing that grows with the number of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limen.analysis.covariance import Structure
from limen.errors import DataError

STEPS = 200
HALVINGS = 40
# Newton decrement g'H^-1 g of -2 log L_R, twice what is left to gain; free of units and parameterisation.
CONVERGED = 1e-12
# Below this, rounding in the likelihood itself can hide the last improvement.
ROUNDING = 1e-7


@dataclass(frozen=True)
class Pattern:
    """People observed at `visits` (indices): how many, and their cross-products (visits x visits x q x q)."""

    visits: np.ndarray
    people: int
    products: np.ndarray


@dataclass(frozen=True)
class Evaluation:
    """-2 log L_R at theta with what inference needs; see `evaluate` for the symbols."""

    theta: np.ndarray
    sigma: np.ndarray
    minus2: float
    beta: np.ndarray
    phi: np.ndarray
    gradient: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    s1: np.ndarray
    s2: np.ndarray
    r2: np.ndarray | None


def patterns(design: np.ndarray, outcome: np.ndarray) -> tuple[Pattern, ...]:
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
            products = np.einsum("sai,sbj->abij", stacked, stacked, optimize=True)
            found.append(Pattern(visits, len(rows), products))
    return tuple(found)


def minus2_loglik(groups: tuple[Pattern, ...], sigma: np.ndarray) -> float:
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


def _weighted(groups: tuple[Pattern, ...], sigma: np.ndarray) -> tuple[np.ndarray, float, int]:
    total, logdet, n = np.zeros(()), 0.0, 0
    for group in groups:
        part = sigma[np.ix_(group.visits, group.visits)]
        total = total + np.tensordot(np.linalg.inv(part), group.products, 2)
        logdet += group.people * np.linalg.slogdet(part)[1]
        n += group.people * len(group.visits)
    return total, logdet, n


def evaluate(groups: tuple[Pattern, ...], covariance: Structure, theta: np.ndarray) -> Evaluation:
    """-2 log L_R, its gradient and second derivatives.

    With V_k = dV/dtheta_k, S(M) = [X y]'M[X y], P = V^-1 - V^-1 X Phi X'V^-1, Phi = (X'V^-1X)^-1:

        gradient_k = tr(P V_k) - y'P V_k P y
        expected_kl = tr(P V_k P V_l)
        observed_kl = 2 y'P V_k P V_l P y - tr(P V_k P V_l) + tr(P V_kl) - y'P V_kl P y

    (the last two terms vanish where V is linear in theta). `expected` and `observed` are second derivatives of
    -2 log L_R, so twice the information. `s1[k]` = S(V^-1 V_k V^-1), `s2[k, l]` = S(V^-1 V_k V^-1 V_l V^-1),
    `r2[k, l]` = S(V^-1 V_kl V^-1) on the fixed-effect columns: the matrices of Kenward & Roger (1997).
    """
    sigma, first, second = covariance.matrix(theta), covariance.first(theta), covariance.second(theta)
    count = len(theta)
    q = groups[0].products.shape[-1]
    p = q - 1
    s1, s2 = np.zeros((count, q, q)), np.zeros((count, count, q, q))
    trace1, trace2 = np.zeros(count), np.zeros((count, count))
    r2, trace_r = np.zeros((count, count, q, q)), np.zeros((count, count))
    for group in groups:
        at = np.ix_(group.visits, group.visits)
        inverse = np.linalg.inv(sigma[at])
        v1 = first[:, *at]
        left = inverse @ v1
        b1 = left @ inverse
        b2 = np.einsum("kab,lbc->klac", left, b1, optimize=True)
        s1 += np.tensordot(b1, group.products, 2)
        s2 += np.tensordot(b2, group.products, 2)
        trace1 += group.people * np.einsum("kaa->k", left)
        trace2 += group.people * np.einsum("kab,lba->kl", left, left, optimize=True)
        if second is not None:
            curved = inverse @ second[:, :, *at]
            r2 += np.tensordot(curved @ inverse, group.products, 2)
            trace_r += group.people * np.einsum("klaa->kl", curved)
    total, logdet, n = _weighted(groups, sigma)
    phi = np.linalg.inv(total[:p, :p])
    phi = (phi + phi.T) / 2
    beta = phi @ total[:p, p]
    c = np.append(-beta, 1.0)
    x1, score = s1[:, :p, :p], s1[:, :p] @ c
    phi_x1 = phi @ x1
    quadratic = np.einsum("i,klij,j->kl", c, s2, c, optimize=True) - score @ phi @ score.T
    expected = (
        trace2
        - 2 * np.einsum("ij,klji->kl", phi, s2[:, :, :p, :p], optimize=True)
        + np.einsum("kij,lji->kl", phi_x1, phi_x1, optimize=True)
    )
    gradient = trace1 - np.einsum("kii->k", phi_x1) - np.einsum("i,kij,j->k", c, s1, c, optimize=True)
    observed = 2 * quadratic - expected
    if second is not None:
        observed += trace_r - np.einsum("ij,klji->kl", phi, r2[:, :, :p, :p], optimize=True)
        observed -= np.einsum("i,klij,j->kl", c, r2, c, optimize=True)
    logdet_x = -np.linalg.slogdet(phi)[1]
    minus2 = (n - p) * np.log(2 * np.pi) + logdet + logdet_x + c @ total @ c
    return Evaluation(
        theta,
        sigma,
        float(minus2),
        beta,
        phi,
        gradient,
        (observed + observed.T) / 2,
        (expected + expected.T) / 2,
        x1,
        s2[:, :, :p, :p],
        None if second is None else r2[:, :, :p, :p],
    )


def maximise(groups: tuple[Pattern, ...], covariance: Structure, theta: np.ndarray) -> tuple[Evaluation, int]:
    """Newton's method with step halving from `theta`; returns the maximum and the number of steps.

    Where the observed information is not positive definite the expected one takes its place (Fisher scoring).
    Raises DataError where no maximum is reached inside the positive definite covariances.
    """
    here = evaluate(groups, covariance, theta)
    for step in range(STEPS):
        direction = _direction(here)
        decrement = -float(here.gradient @ direction)
        if decrement < CONVERGED:
            # One step more costs one evaluation and squares what is left of the error.
            return _at_maximum(evaluate(groups, covariance, here.theta + direction)), step + 1
        size = 1.0
        for _ in range(HALVINGS):
            trial = minus2_loglik(groups, covariance.matrix(here.theta + size * direction))
            if trial <= here.minus2 - 1e-4 * size * decrement:
                break
            size /= 2
        else:
            if decrement < ROUNDING:
                return _at_maximum(here), step
            break
        here = evaluate(groups, covariance, here.theta + size * direction)
    raise _no_maximum(here.sigma)


def _direction(here: Evaluation) -> np.ndarray:
    for information in (here.observed, here.expected):
        try:
            np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            continue
        return -np.linalg.solve(information, here.gradient)
    raise _no_maximum(here.sigma)


def _at_maximum(here: Evaluation) -> Evaluation:
    correlation = here.sigma / np.sqrt(np.outer(np.diag(here.sigma), np.diag(here.sigma)))
    singular = np.linalg.eigvalsh(correlation)[0] < 1e-8
    if singular or np.linalg.eigvalsh(here.observed)[0] <= 0:
        raise _no_maximum(here.sigma)
    return here


def _no_maximum(sigma: np.ndarray) -> DataError:
    spread = np.sqrt(np.abs(np.diag(sigma)))
    return DataError(
        "the likelihood of the mixed model has no maximum with a positive definite covariance"
        f" (last standard deviations by visit: {', '.join(f'{s:.3g}' for s in spread)})",
        remedy="too few people for this many visits, or two visits that repeat each other: use fewer visits or"
        " a smaller covariance (toeplitz, compound-symmetry, ar1)",
    )
