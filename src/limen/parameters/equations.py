"""The equations of the walk in plain text, in the order of the walk; each stands again beside the code that runs it."""

from __future__ import annotations

EQUATIONS: dict[str, list[str]] = {
    "Concentration (pharmacology/kinetics)": [
        "C(t) = D A (exp(-k s) - exp(-ka s)),  A = ka / (V (ka - k)),  k = CL/V,  s = t - tlag",
        "(CL/F)_i = CL/F exp(eta_CL - eta_F) g_i,  (V/F)_i = V/F exp(eta_V - eta_F),  ka_i = ka exp(eta_ka)",
        "g_i = 1 / r on LSD: r = 1.75 for CYP2D6 poor metabolisers, 1.5 on a strong inhibitor, the larger of the two, or 1",
    ],
    "Effect site and occupancy (pharmacology/expose)": ["dCe/dt = ke0 (C - Ce)", "O = Omax Ce / (EC50 + Ce)"],
    "Tolerance and signal (pharmacology/expose)": [
        "dT/dt = k_tol O^gamma (1 - T) - (ln 2 / thalf) T;  a dose meets the T that stood just before it",
        "E = O B / (O B + K (1 + a_other s_T T)),  K = k_fold x typical peak occupancy at 10 ug LSD",
        "signal ratio = time-averaged E over that of 10 ug LSD base every third day",
    ],
    "Perception (trial/perceive)": [
        "P(notice) = g + (1 - g - lapse) Phi( (ln Ce_max - ln theta_i - ln(1 + a_perception s_T T)) / sigma )"
    ],
    "What people take besides (people/comedication)": [
        "P(class k | let in) = p w_k a_k / (1 - p + p a),  a = sum w_k a_k, a_k the share of the class let in",
        "SSRI or SNRI: theta_i x fold, K x fold;  5-HT2A blocker: EC50 and theta_i x 1 / (1 - occupancy by the blocker)",
    ],
    "Belief and guess (trial/follow, trial/guess)": [
        "logit pi(t) = logit pi(t-1) + learn LLR(nothing, something or an adverse event this week) + lambda_s (relative improvement so far)",
        "P(guess active) = logistic(b + c logit pi), with a don't-know band",
        "P(capsule guessed active) = logistic(b_c + c_c (logit base rate + LLR(percept)))",
    ],
    "Weekly scale (trial/follow)": [
        "f(t) = (1 - exp(-t/tau)) / (1 - exp(-8/tau))",
        "s(t) = m (1 - p f(t)) - kappa x pi(t) f(t) - D f(t) + a(t),  Y(t) = clip(round(s(t) + e(t)))",
        "D = delta SD h_i (signal ratio)^h,  selection: Y(0) between the entry thresholds",
    ],
    "Dose-day rating (trial/walk)": [
        "y = mean + person + b (guess - g) + d ((signal ratio)^h - a) + day, held between the bounds",
        "g, a: shares of the days behind the mean that were guessed active and held the drug",
    ],
    "Leaving (trial/leave)": [
        "weekly hazard = 1 - exp(-exp(d0 + d1 change_last/SD + d_mnar change_current/SD)), plus adverse exits",
        "P(adverse event on a day) = min(chance of the arm, P(notice)), always a day on which something was noticed",
    ],
    "Drug effect (design/believe)": [
        "delta ~ Normal(0, 0.2);  y = delta (signal ratio)^h f(week) + e for each controlled patient trial with an interval"
    ],
}
