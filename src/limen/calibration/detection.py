"""Refit of the detection curve to the public capsule guesses: where the shipped perception numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtr
from scipy.stats import norm, qmc

from limen import facts
from limen.compounds import mentioned

MEASURED = "LSD"  # whose capsules the curve is fitted to
PEAK_PER_UG = 0.022  # typical peak effect-site LSD, ng/mL per ug, of the micro set
PRIOR_THETA, PRIOR_SIGMA = (
    (0.15, 1.5),
    (0.8, 1.35),
)  # medians and geometric SDs: onset and offset at 10 ug; the notes


@dataclass(frozen=True)
class Posterior:
    """Medians and spreads of the four detection constants, and the slope of logit lapse on ln theta."""

    theta: float
    theta_gsd: float
    sigma: float
    sigma_gsd: float
    lapse: float
    lapse_slope: float
    lapse_logit_sd: float
    false_alarm: float
    false_alarm_logit_sd: float


def refit(points: int = 2**17) -> Posterior:
    """Importance sampling over a scrambled Sobol set.

    hits ~ Binomial(n, g + (1 - g - lapse) Phi((ln(0.022 dose) - ln theta)/sigma)), false alarms ~ Binomial(n0, g);
    ln theta and ln sigma have the priors above, lapse and g are flat on what they leave possible. Capsules of one
    person are counted as independent. Source: szigeti2021data.
    """
    rows = [r for r in facts.read("clinical/dose_detection") if mentioned(r["compound"], MEASURED)]
    dose, n, hits, n0, alarms = (
        np.array([float(r[c]) for r in rows])
        for c in ("median_dose", "n_microdose_occasions", "n_guessed_microdose_when_microdose", "n_placebo_occasions",
                  "n_guessed_microdose_when_placebo")
    )  # fmt: skip
    u = qmc.Sobol(4, seed=0).random(points)  # pyright: ignore[reportCallIssue]
    ln_theta = norm.ppf(u[:, 0], np.log(PRIOR_THETA[0]), np.log(PRIOR_THETA[1]))
    ln_sigma = norm.ppf(u[:, 1], np.log(PRIOR_SIGMA[0]), np.log(PRIOR_SIGMA[1]))
    g = u[:, 2]
    lapse = u[:, 3] * (1 - g) * 0.98
    distance = (np.log(PEAK_PER_UG * dose) - ln_theta[:, None]) / np.exp(ln_sigma)[:, None]
    p = g[:, None] + (1 - g - lapse)[:, None] * ndtr(distance)
    log_like = (hits * np.log(p) + (n - hits) * np.log1p(-p)).sum(1)
    log_like += alarms.sum() * np.log(g) + (n0 - alarms).sum() * np.log1p(-g)
    w = np.exp(log_like - log_like.max())
    w /= w.sum()
    x, y = ln_theta, logit(lapse)
    mx, sx = _moments(x, w)
    my, sy = _moments(y, w)
    slope = float(w @ ((x - mx) * (y - my))) / sx**2
    ms, ss = _moments(ln_sigma, w)
    mg, sg = _moments(logit(g), w)
    rest = float(np.sqrt(max(sy**2 - slope**2 * sx**2, 0.0)))
    return Posterior(
        float(np.exp(mx)), float(np.exp(sx)), float(np.exp(ms)), float(np.exp(ss)), float(expit(my)), slope, rest,
        float(expit(mg)), sg,
    )  # fmt: skip


def _moments(x: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    mean = float(w @ x)
    return mean, float(np.sqrt(w @ (x - mean) ** 2))
