"""Was the blind kept? Bang's index per arm, James's index, the correct-guess rate and signal detection.

Everything starts from one table of counts (leading axes are trials): rows are the guess (treatment,
placebo, do not know), columns the true arm (treatment, placebo).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Num
from scipy.special import ndtr, ndtri

from limen.analysis.score_interval import score_limits

TREATMENT, PLACEBO = 0, 1
Numbers = np.ndarray | np.float64  # numpy makes a scalar of an array that has no axes


@dataclass(frozen=True)
class Index:
    """One index, or many: normal interval and two-sided p against the value that stands for a kept blind; `n` counts the
    answers used. Where it cannot be formed (an empty arm), all but `n` are NaN."""

    estimate: Float[Numbers, "*trials"]
    se: Float[Numbers, "*trials"]
    ci_low: Float[Numbers, "*trials"]
    ci_high: Float[Numbers, "*trials"]
    p: Float[Numbers, "*trials"]
    n: Float[Numbers, "*trials"]


@dataclass(frozen=True)
class Detection:
    """How well guesses told the arms apart (`d_prime`) and how readily "treatment" was said (`criterion`)."""

    d_prime: Index
    criterion: Index
    hit_rate: Float[Numbers, "*trials"]
    false_alarm_rate: Float[Numbers, "*trials"]


def count_guesses(
    guessed_treatment: Num[np.ndarray, "*#people"],
    on_treatment: Num[np.ndarray, "*#people"],
    asked: Bool[np.ndarray, "*#people"] | None = None,
) -> Float[np.ndarray, "... 3 2"]:
    """The 3 x 2 table from one guess per person: 1 treatment, 0 placebo, NaN "do not know".

    People for whom `asked` is false (they had left, or were never asked) are in no cell: silence is not
    "do not know".
    """
    guess, arm = np.broadcast_arrays(np.asarray(guessed_treatment, float), np.asarray(on_treatment, float))
    here = np.ones_like(arm, bool) if asked is None else np.asarray(asked, bool)
    rows = (guess == 1, guess == 0, np.isnan(guess))
    return np.stack(
        [np.stack([(row & (arm == a) & here).sum(-1) for a in (1, 0)], -1) for row in rows], -2
    ).astype(float)


def bang(counts: Num[np.ndarray, "... 3 2"], level: float = 0.95) -> Index:
    """Bang's index per arm, last axis (treatment, placebo): right minus wrong guesses as a share of the arm.

    BI = (a - b)/n,  SE = sqrt{ [P1 + P2 - (P1 - P2)^2] / n },  P1 = a/n, P2 = b/n, n = a + b + "do not know".
    -1 all opposite, 0 random, +1 all right; p is against 0. Source: bang2004.
    """
    c = np.asarray(counts, float)
    n = c.sum(-2)
    share = _share(c, n[..., None, :])
    right = np.stack([share[..., 0, 0], share[..., 1, 1]], -1)
    wrong = np.stack([share[..., 1, 0], share[..., 0, 1]], -1)
    index = right - wrong
    # right + wrong - index^2 is a variance, so not negative; rounding at index = +-1 must not make it so.
    se = np.sqrt(_share(np.maximum(right + wrong - index**2, 0.0), n))
    return _normal(index, se, n, level)


def james(counts: Num[np.ndarray, "... 3 2"], level: float = 0.95) -> Index:
    """James's index over both arms: 0 all right, 0.5 random guessing, 1 all "do not know"; p is against 0.5.

    Weights w: right 0, wrong 1/2, "do not know" 1. With shares p_ij of all N, row margins p_i., column
    margins p_.j less the "do not know" share p_DK,j, and P_DK the overall "do not know" share, sums over
    guesses made:

        P_Do = sum w_ij p_ij / (1 - P_DK),   P_De = sum w_ij p_i. (p_.j - p_DK,j) / (1 - P_DK)^2,
        K_D = (P_Do - P_De) / P_De,          BI = [1 + P_DK + (1 - P_DK) K_D] / 2.

    Variance (v1 + v2)/N, with e_ij = sum_r [w_rj p_r. + w_ir (p_.r - p_DK,r)]:

        v1 = sum p_ij (1-P_DK)^2 [(1-P_DK) w_ij - (1+K_D) e_ij]^2 / (4 [sum w_ij p_i. (p_.j - p_DK,j)]^2),
        v2 = P_DK (1-P_DK) - (1-P_DK)(1+K_D) [P_DK + (1-P_DK)(1+K_D)/4].

    If nobody guesses, BI = 1 and SE = 0 by convention; where everyone gives the same guess in a single arm,
    P_De = 0 and the index is undefined (NaN). Source: James KE et al. 1996, Stat Med 15:1421-1434; formula
    as in the CRAN package BI 1.2.0.
    """
    c = np.asarray(counts, float)
    n = c.sum((-1, -2))
    share = _share(c, n[..., None, None])
    made = share[..., :2, :]
    dk = share[..., 2, :].sum(-1)
    guessing = 1 - dk
    weight = np.array([[0.0, 0.5], [0.5, 0.0]])
    row, column = made.sum(-1), made.sum(-2)
    by_chance = np.einsum("ij,...i,...j->...", weight, row, column)
    silent = c[..., :2, :].sum((-1, -2)) == 0
    # A substitute keeps the untaken branch finite where a trial of the batch is silent.
    share_guessing = np.where(silent, 1.0, guessing)
    chance = np.where(silent, 1.0, by_chance) / share_guessing**2
    seen = (weight * made).sum((-1, -2)) / share_guessing
    k = _share(seen - chance, chance)
    index = (1 + dk + guessing * k) / 2
    expected = (
        np.einsum("rj,...r->...j", weight, row)[..., None, :]
        + np.einsum("ir,...r->...i", weight, column)[..., :, None]
    )
    spread = guessing[..., None, None] * weight - (1 + k)[..., None, None] * expected
    v1 = _share(guessing**2 * (made * spread**2).sum((-1, -2)), 4 * (chance * share_guessing**2) ** 2)
    v2 = dk * guessing - guessing * (1 + k) * (dk + guessing * (1 + k) / 4)
    index = np.where(silent, 1.0, index)
    se = np.where(silent, 0.0, np.sqrt(_share(np.maximum(v1 + v2, 0.0), n)))
    return _normal(index, se, n, level, null=0.5)


def correct_guess_rate(counts: Num[np.ndarray, "... 3 2"], level: float = 0.95) -> Index:
    """Share of right guesses among guesses made, with Wilson's interval; "do not know" is left out.

    Without "do not know", CGR = [n_A (1 + BI_A) + n_P (1 + BI_P)] / (2 N): arms that are fooled in opposite
    directions cancel, so it must never be shown without Bang's index per arm. p is against 0.5, the rate of
    a kept blind only when the allocation is 1:1 and known to participants.
    """
    c = np.asarray(counts, float)
    right, n = np.asarray(c[..., 0, 0] + c[..., 1, 1]), np.asarray(c[..., :2, :].sum((-1, -2)))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = right / n
        low, high = (np.clip(x, 0.0, 1.0) for x in score_limits(share, n, ndtri(0.5 + level / 2)))
        p = 2 * ndtr(-np.abs(share - 0.5) * 2 * np.sqrt(n))
        return Index(share, np.sqrt(share * (1 - share) / n), low, high, p, n)


def detection(counts: Num[np.ndarray, "... 3 2"], level: float = 0.95) -> Detection:
    """Signal detection on guesses made: hit = "treatment" on treatment, false alarm = the same on placebo.

    Log-linear correction (Hautus 1995, Behav Res Methods 27:46-51): H = (hits + 1/2)/(n_T + 1),
    F likewise, so that nobody's rate is 0 or 1. With z the normal quantile and phi its density,

        d' = z(H) - z(F),   c = -[z(H) + z(F)]/2,
        var d' = H(1-H)/[n_T phi(zH)^2] + F(1-F)/[n_P phi(zF)^2],   var c = var d' / 4

    (Gourevitch & Galanter 1967, Psychometrika 32:25-33). "Do not know" answers are left out. p is against 0.
    """
    c = np.asarray(counts, float)
    made = c[..., :2, :].sum(-2)
    rate = (c[..., 0, :] + 0.5) / (made + 1)
    z = ndtri(rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (2 * np.pi * rate * (1 - rate) / (made * np.exp(-z * z))).sum(-1)
    n = made.sum(-1)
    d_prime = _normal(z[..., TREATMENT] - z[..., PLACEBO], np.sqrt(variance), n, level)
    criterion = _normal(-z.sum(-1) / 2, np.sqrt(variance / 4), n, level)
    return Detection(d_prime, criterion, rate[..., TREATMENT], rate[..., PLACEBO])


def _share(part: Numbers, whole: Numbers) -> np.ndarray:
    """A quotient that is NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole == 0, np.nan, part / whole)


def _normal(estimate: Numbers, se: Numbers, n: Numbers, level: float, null: float = 0.0) -> Index:
    estimate, se, n = (np.asarray(x, float) for x in np.broadcast_arrays(estimate, se, n))
    usable = np.isfinite(estimate) & np.isfinite(se)
    estimate, se = np.where(usable, estimate, np.nan), np.where(usable, se, np.nan)
    half, distance = ndtri(0.5 + level / 2) * se, np.abs(estimate - null)
    # A zero standard error is certainty: p is 0 away from the null and 1 at it.
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(distance == 0, 1.0, 2 * ndtr(-distance / se))
    return Index(estimate, se, estimate - half, estimate + half, p, n)
