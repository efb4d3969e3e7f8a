"""Which parameters a plan's walk needs, under the symbols the equations use: one column over draws each."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.special import expit, logit

from limen.compounds import Compound, compound
from limen.parameters import Draws
from limen.people import Column, Typical, column, typical
from limen.people.comedication import comedication
from limen.pharmacology.chain import Receptor
from limen.trial.plan import ACTIVE, ACTIVE_PLACEBO, INERT, OPEN, ArmPlan, Plan
from limen.trial.reference import Reference, reference, transduction, typical_receptor

HOURS_A_WEEK = 168.0
UNMODELLED = "outcomes.MDD.madrs"  # an unmodelled scale is carried along and never shown


class Detection(eqx.Module):
    """Signal detection: `threshold` ln(ng/mL), `sigma` total spread of ln(peak / threshold), `person_share` of it."""

    threshold: Column
    sigma: Column
    person_share: Column
    lapse: Column
    false_alarm: Column
    false_alarm_trial_sd: Column


class Believing(eqx.Module):
    """What people assume of capsules, and how fast they learn: rates of noticing and of adverse events by content."""

    assumed_active: Column
    assumed_placebo: Column
    event_active: Column
    event_placebo: Column
    learn: Column
    lambda_s: Column
    open_label: Column


class Guessing(eqx.Module):
    """Weekly guess and guess about one capsule: logistic bias and slope, and the don't-know band."""

    bias: Column
    bias_trial_sd: Column
    slope: Column
    dont_know: Column
    capsule_bias: Column
    capsule_slope: Column


class Scale(eqx.Module):
    """The score model of the primary scale, points; `tau` weeks; `change_sd` the SD of control-arm change."""

    mu: Column
    sd_trait: Column
    sd_ar: Column
    sd_e: Column
    p_nonspec: Column
    sd_p: Column
    kappa: Column
    change_sd: Column
    dropout_scale: Column
    tau: Column
    rho: Column
    course_trial_sd: Column
    kappa_cv: Column
    disappointment: Column
    h: Column

    @property
    def accrual(self) -> Column:
        """1/h: the rate of dA/dt = accrual (E - A), that of the course."""
        return 1.0 / (HOURS_A_WEEK * self.tau)


class Exits(eqx.Module):
    """Weekly hazards of dropout, of stopping the drug and of a rescue antidepressant, and what the last is worth."""

    d0: Column
    d1: Column
    d_mnar: Column
    stop_drug: Column
    rescue: Column
    rescue_slope: Column
    rescue_effect: Column


class Rating(eqx.Module):
    """A dose-day rating, points: mean, spread between people and days, and what guess and drug move it by."""

    mean: Column
    sd_person: Column
    sd_day: Column
    guess: Column
    drug: Column


class Theta(eqx.Module):
    """Everything the walk of one plan reads, [draws] each."""

    people: Typical
    receptor: Receptor
    reference: Reference
    detection: Detection
    believing: Believing
    guessing: Guessing
    scale: Scale
    exits: Exits
    rating: Rating


class ArmRates(eqx.Module):
    """What differs between arms [arms, draws]: share leaving for acute effects within six weeks, chance of an adverse
    event felt on a dosing day, and how noticeable an active placebo is."""

    adverse: Float[Array, "arms draws"]
    event: Float[Array, "arms draws"]
    agent: Float[Array, "arms draws"]


def theta(draws: Draws, plan: Plan) -> Theta:
    """Typical values per parameter draw. Raises CompoundError for what the compound's record lacks."""
    given = compound(plan.compound)
    taken = comedication(draws, given, plan.indication, plan.admission, plan.on_antidepressant)
    mark = reference(draws, 1.0 / (HOURS_A_WEEK * draws["outcomes.shared.tau"]))
    guess, exits, rating = "belief.guess.", "leaving.dropout.", f"dose_day.{plan.dose_day}."
    go = "leaving.intercurrent."

    def read(kind: type[eqx.Module], stem: str) -> dict[str, Column]:
        return {n: column(draws[stem + n]) for n in kind.__dataclass_fields__}

    return Theta(
        people=typical(draws, given, plan.kinetics, taken),
        receptor=typical_receptor(draws, given, transduction(draws, mark)),
        reference=mark,
        detection=perception(draws, given),
        believing=_believing(draws, given),
        guessing=Guessing(**read(Guessing, guess)),
        scale=_scale(draws, plan.model or UNMODELLED),
        exits=Exits(
            **{n: column(draws[exits + n]) for n in ("d0", "d1", "d_mnar")},
            **{n: column(draws[go + n]) for n in ("stop_drug", "rescue", "rescue_slope", "rescue_effect")},
        ),
        rating=Rating(**read(Rating, rating)),
    )


def _scale(draws: Draws, model: str) -> Scale:
    shared = ("tau", "rho", "course_trial_sd", "kappa_cv", "disappointment")
    own = [n for n in Scale.__dataclass_fields__ if n not in (*shared, "h")]
    return Scale(
        **{n: column(draws[f"{model}.{n}"]) for n in own},
        **{n: column(draws[f"outcomes.shared.{n}"]) for n in shared},
        h=column(draws["receptor.signal.h"]),
    )


def _believing(draws: Draws, given: Compound) -> Believing:
    names = ("assumed_active", "assumed_placebo", "learn", "lambda_s", "open_label")
    return Believing(
        **{n: column(draws[f"belief.update.{n}"]) for n in names},
        event_active=column(felt(draws, given.need("adverse_event"))),
        event_placebo=column(felt(draws, "leaving.adverse_event.placebo")),
    )


def perception(draws: Draws, given: Compound) -> Detection:
    """Detection constants. Where it was found, the drawn lapse moves with the drawn threshold; the total spread of
    ln(peak/threshold) is shared between people and occasions after the part that exposure explains."""
    theta = draws[given.need("threshold")]
    moved = np.zeros(draws.count)
    if given.applies("lapse_slope"):
        moved = draws[given.need("lapse_slope")] * np.log(theta / np.median(theta))
    names = ("sigma", "person_share", "false_alarm", "false_alarm_trial_sd")
    return Detection(
        threshold=column(np.log(theta)),
        lapse=column(expit(logit(draws["perception.detection.lapse"]) + moved)),
        **{n: column(draws[f"perception.detection.{n}"]) for n in names},
    )


def arm_rates(draws: Draws, plan: Plan) -> ArmRates:
    """Adverse events and exits of each arm by what it is given, and how noticeable an active placebo is."""
    given = compound(plan.compound)
    leaving = {INERT: "placebo", ACTIVE_PLACEBO: "active_placebo"}

    def named(what: str, arm: ArmPlan) -> str:
        return given.need(what) if arm.kind in (ACTIVE, OPEN) else f"leaving.{what}.{leaving[arm.kind]}"

    none = np.zeros(draws.count)
    agents = [draws[f"perception.active_placebo.{a.agent}"] if a.agent else none for a in plan.arms]
    return ArmRates(
        adverse=jnp.asarray(np.stack([draws[named("adverse_exit", a)] for a in plan.arms])),
        event=jnp.asarray(np.stack([felt(draws, named("adverse_event", a)) for a in plan.arms])),
        agent=jnp.asarray(np.stack(agents)),
    )


def felt(draws: Draws, rate: str) -> Float[np.ndarray, " draws"]:
    """P(an adverse event is felt on a dosing day) = 1 - exp(-events per dose x share felt on the day)."""
    return -np.expm1(-draws[rate] * draws["leaving.adverse_event.felt_share"])
