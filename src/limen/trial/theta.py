"""Which parameters a plan needs, under the short names the equations use."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit, ndtri

from limen.parameters import Draws
from limen.people.comedication import columns
from limen.trial.plan import ACTIVE, ACTIVE_PLACEBO, INERT, OPEN, Plan

LN2 = float(np.log(2.0))
_SEVERITY = ("mu", "sd_trait", "sd_ar", "sd_e", "p_nonspec", "sd_p", "kappa", "change_sd", "dropout_scale")


def theta(draws: Draws, plan: Plan, kinetics: str | None = None) -> dict[str, np.ndarray]:
    """Typical values per parameter draw, [draws] each. `kinetics` overrides the plan's set and leaves comedication out
    (for the reference dose and for published exposures, whose people took nothing else)."""
    lsd = plan.compound == "LSD" if kinetics is None else kinetics.startswith("lsd")
    short = "lsd" if lsd else "psi"
    people = f"pharmacology.{'lsd' if lsd else 'psilocin'}_people"
    pk = f"pharmacology.{kinetics or plan.kinetics}"
    d = {name: draws[f"{pk}.{name}"] for name in ("cl", "v", "ka", "tlag")}
    d |= {f"cv_{name}": draws[f"{people}.cv_{name}"] for name in ("f", "cl", "v", "ka")}
    poor = draws["pharmacology.genotype.poor_metaboliser_share"] if lsd else np.zeros(draws.count)
    d["poor_metaboliser_z"] = ndtri(poor)
    d["poor_metaboliser_auc"] = draws["pharmacology.genotype.poor_metaboliser_auc"]
    admitted = plan.admission if kinetics is None else ()
    d |= columns(draws, plan.indication, admitted, plan.on_antidepressant, lsd)
    d["ke0"] = draws[f"pharmacology.effect_site.ke0_{short}"]
    d["omax"] = draws[f"receptor.occupancy.omax_{short}"]
    d["ec50"] = draws[f"receptor.occupancy.ec50_{short}"]
    d["density_sd"] = draws["receptor.occupancy.density_sd"]
    ratio = 1.0 if lsd else draws["receptor.tolerance.ratio_psi"]
    d["k_tol"] = draws["receptor.tolerance.k_tol"] * ratio
    d["gamma"] = draws["receptor.tolerance.gamma"]
    d["recovery"] = LN2 / (24.0 * draws["receptor.tolerance.thalf"])
    d |= {name: draws[f"receptor.tolerance.{name}"] for name in ("s_t", "a_perception", "a_other")}
    d |= {"k_fold": draws["receptor.signal.k_fold"], "h": draws["receptor.signal.h"]}
    d |= perception(draws, short)
    d |= {f"assumed_{a}": draws[f"belief.update.assumed_{a}"] for a in ("active", "placebo")}
    d |= {name: draws[f"belief.update.{name}"] for name in ("learn", "lambda_s", "open_label")}
    guess = ("bias", "bias_trial_sd", "slope", "dont_know", "capsule_bias", "capsule_slope")
    d |= {f"guess_{name}": draws[f"belief.guess.{name}"] for name in guess}
    d |= {name: draws[f"outcomes.shared.{name}"] for name in ("tau", "rho", "course_trial_sd", "kappa_cv")}
    d |= {
        name: draws[f"outcomes.shared.{name}"]
        for name in ("expectation_mean", "expectation_sd", "disappointment")
    }
    d["person_cv"] = draws["drug_effect.prior.person_cv"]
    d |= {name: draws[f"leaving.dropout.{name}"] for name in ("d0", "d1", "d_mnar")}
    d |= {
        f"go_{name}": draws[f"leaving.intercurrent.{name}"]
        for name in ("stop_drug", "rescue", "rescue_slope")
    }
    for name, which in (("active", "lsd" if lsd else "psilocybin"), ("placebo", "placebo")):
        d[f"event_{name}"] = felt(draws, which)
    d["rescue_effect"] = draws["leaving.intercurrent.rescue_effect"]
    model = plan.model or "outcomes.MDD.madrs"  # an unmodelled scale is carried along and never shown
    d |= {name: draws[f"{model}.{name}"] for name in _SEVERITY}
    d |= {
        f"day_{n}": draws[f"dose_day.{plan.dose_day}.{n}"]
        for n in ("mean", "sd_person", "sd_day", "guess", "drug")
    }
    return {name: np.asarray(column, float) for name, column in d.items()}


def perception(draws: Draws, short: str) -> dict[str, np.ndarray]:
    """Detection constants. The drawn lapse moves with the drawn threshold; the total spread of ln(peak/threshold) is
    shared between people and occasions after the part that exposure explains."""
    centre = np.median(draws[f"perception.detection.theta_{short}"])
    moved = np.log(draws[f"perception.detection.theta_{short}"] / centre)
    slope = draws["perception.detection.lapse_slope"]
    if short == "psi":
        moved = np.zeros_like(moved)  # the trade-off was found in LSD data only
    return {
        "threshold": np.log(draws[f"perception.detection.theta_{short}"]),
        "sigma": draws["perception.detection.sigma"],
        "person_share": draws["perception.detection.person_share"],
        "lapse": expit(logit(draws["perception.detection.lapse"]) + slope * moved),
        "false_alarm": draws["perception.detection.false_alarm"],
        "false_alarm_trial_sd": draws["perception.detection.false_alarm_trial_sd"],
    }


def by_arm(draws: Draws, plan: Plan) -> dict[str, np.ndarray]:
    """What differs between arms, [arms, draws]: adverse events and exits, and how noticeable an active placebo is."""
    compound = "lsd" if plan.compound == "LSD" else "psilocybin"
    exits = {ACTIVE: compound, OPEN: compound, INERT: "placebo", ACTIVE_PLACEBO: "active_placebo"}
    adverse = [draws[f"leaving.adverse_exit.{exits[arm.kind]}"] for arm in plan.arms]
    noticed = [
        draws[f"perception.active_placebo.{arm.agent}"] if arm.agent else np.zeros(draws.count)
        for arm in plan.arms
    ]
    events = [felt(draws, exits[arm.kind]) for arm in plan.arms]
    return {"adverse": np.stack(adverse), "event": np.stack(events), "agent_noticed": np.stack(noticed)}


def felt(draws: Draws, agent: str) -> np.ndarray:
    """P(an adverse event is felt on a dosing day) = 1 - exp(-events per dose x share felt on the day), [draws]."""
    rate = draws[f"leaving.adverse_event.{agent}"] * draws["leaving.adverse_event.felt_share"]
    return -np.expm1(-rate)
