"""Standard errors and degrees of freedom for a fitted mixed model: Kenward-Roger, Satterthwaite, sandwich, or none.

Kenward MG, Roger JH. Biometrics 1997;53:983-997. Both use W, the inverse of the *observed* information of
theta; with expected information or another parameterisation of the covariance the published digits do not come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Shaped
from scipy import special

from limen.analysis import reml
from limen.analysis.estimate import Estimate
from limen.analysis.fit import Fit
from limen.analysis.t_law import t_interval
from limen.errors import DataError

METHODS = ("kenward-roger", "satterthwaite", "sandwich", "asymptotic")

Contrasts = Float[np.ndarray, "contrasts columns"] | Float[np.ndarray, " columns"]


def known_method(name: str) -> None:
    """Raises DataError unless `name` is one of METHODS."""
    if name not in METHODS:
        raise DataError(f"no method {name!r}", remedy=f"choose one of {', '.join(METHODS)}")


@dataclass(frozen=True)
class JointTest:
    """F test of several contrasts at once."""

    f: float
    numerator_df: int
    denominator_df: float
    p: float


@dataclass(frozen=True)
class Inference:
    """Uncertainty of linear combinations L beta of one fit, by one of METHODS."""

    fit: Fit
    method: str = "kenward-roger"

    def __post_init__(self) -> None:
        known_method(self.method)

    @cached_property
    def w(self) -> reml.Information:
        """Covariance of theta: the inverse of half the second derivatives of -2 log L_R."""
        return 2 * np.linalg.inv(self.fit.at.observed)

    @cached_property
    def covariance(self) -> Float[np.ndarray, "columns columns"]:
        """Of the fit's own beta. Kenward-Roger, with P_k = -X'V^-1 V_k V^-1 X, Q_kl = X'V^-1 V_k V^-1 V_l V^-1 X and
        R_kl = X'V^-1 V_kl V^-1 X (zero where the covariance is linear in theta):

        Phi_A = Phi + 2 Phi { sum_kl W_kl [ Q_kl - P_k Phi P_l - R_kl/4 ] } Phi;   otherwise Phi = (X'V^-1X)^-1.
        """
        at = self.fit.at
        if self.method == "sandwich":
            return reml.sandwich(self.fit.groups, at.sigma)
        if self.method != "kenward-roger":
            return at.phi
        inner = reml.second_order(self.fit.groups, self.fit.covariance, at.theta, self.w)
        # sum_kl w_kl P_k Phi P_l
        inner -= (at.s1 @ at.phi @ np.tensordot(self.w, at.s1, 1)).sum(0)
        adjusted = at.phi + 2 * at.phi @ inner @ at.phi
        return (adjusted + adjusted.T) / 2

    def contrast(
        self, combinations: Contrasts, n: Shaped[np.ndarray, " contrasts"] | float | int, level: float = 0.95
    ) -> Estimate:
        """Estimates of the rows of `combinations` (contrasts x columns), each against zero by its own t test.

        Degrees of freedom of one combination l (Satterthwaite; Kenward-Roger's formula reduces to it when only
        one combination is tested):  2 (l'Phi l)^2 / (g'W g),  g_k = d(l'Phi l)/dtheta_k = l'Phi s1_k Phi l.
        """
        fit, at = self.fit, self.fit.at
        rows = np.atleast_2d(combinations) @ fit.basis
        estimate = np.atleast_2d(combinations) @ fit.offset + rows @ at.beta
        se = np.sqrt(((rows @ self.covariance) * rows).sum(-1))
        df = self._df(rows)
        low, high, p = t_interval(estimate, se, df, level)
        return Estimate(estimate, se, df, low, high, p, np.broadcast_to(np.asarray(n, float), estimate.shape))

    def _df(self, rows: Float[np.ndarray, "contrasts columns"]) -> Float[np.ndarray, " contrasts"]:
        at = self.fit.at
        if self.method == "asymptotic":
            return np.full(len(rows), np.inf)
        if self.method == "sandwich":  # as many as there are people beyond the effects
            return np.full(len(rows), float(len(self.fit.groups.scores) - len(self.fit.columns)))
        weighted = rows @ at.phi
        gradient = ((weighted @ at.s1) * weighted).sum(-1).T
        return 2 * (weighted * rows).sum(-1) ** 2 / ((gradient @ self.w) * gradient).sum(-1)

    def joint(self, combinations: Contrasts) -> JointTest:
        """F test that every row of `combinations` is zero: Kenward-Roger's scaled one, else of the estimates in their own
        principal axes, whose t tests have nu_m: E = sum of nu_m/(nu_m - 2), df = 2 E / (E - rows) (Fai and Cornelius 1996).

        With Theta = L'(L Phi L')^-1 L, A1 = sum W_kl tr(Theta Phi P_k Phi) tr(Theta Phi P_l Phi),
        A2 = sum W_kl tr(Theta Phi P_k Phi Theta Phi P_l Phi) and the moments matched as in the paper.
        Raises DataError for linearly dependent rows.
        """
        fit = self.fit
        rows = np.atleast_2d(combinations) @ fit.basis
        size = len(rows)
        if np.linalg.matrix_rank(rows) < size:
            raise DataError("the contrasts of a joint test depend on each other", remedy="leave one out")
        if self.method != "kenward-roger":
            return self._by_axes(rows, np.atleast_2d(combinations) @ fit.offset + rows @ fit.at.beta)
        at = self.fit.at
        theta = rows.T @ np.linalg.solve(rows @ at.phi @ rows.T, rows)
        moved = theta @ at.phi @ at.s1 @ at.phi
        trace = np.einsum("kii->k", moved)
        a1 = float(trace @ self.w @ trace)
        a2 = float((self.w * reml.traces(moved, moved)).sum())
        b = (a1 + 6 * a2) / (2 * size)
        g = ((size + 1) * a1 - (size + 4) * a2) / ((size + 2) * a2)
        base = 3 * size + 2 * (1 - g)
        c1, c2, c3 = g / base, (size - g) / base, (size + 2 - g) / base
        mean = 1 / (1 - a2 / size)
        variance = 2 / size * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        rho = variance / (2 * mean**2)
        df = 4 + (size + 2) / (size * rho - 1)
        scale = df / (mean * (df - 2))
        estimate = np.atleast_2d(combinations) @ fit.offset + rows @ at.beta
        wald = estimate @ np.linalg.solve(rows @ self.covariance @ rows.T, estimate) / size
        f = float(scale * wald)
        return JointTest(f, size, float(df), float(special.fdtrc(size, df, f)))

    def _by_axes(
        self, rows: Float[np.ndarray, "contrasts columns"], estimate: Float[np.ndarray, " contrasts"]
    ) -> JointTest:
        values, axes = np.linalg.eigh(rows @ self.covariance @ rows.T)
        size, turned = len(rows), axes.T @ rows
        f = float(((axes.T @ estimate) ** 2 / values).sum() / size)
        nu = self._df(turned)
        above = float((nu[nu > 2] / (nu[nu > 2] - 2)).sum()) if np.isfinite(nu).all() else float(size)
        df = float(nu[0]) if size == 1 else (2 * above / (above - size) if above > size else np.inf)
        if self.method == "sandwich":
            df = float(nu[0])
        return JointTest(
            f,
            size,
            df,
            float(special.fdtrc(size, df, f) if np.isfinite(df) else special.chdtrc(size, f * size)),
        )
