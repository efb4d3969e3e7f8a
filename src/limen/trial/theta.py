"""Which parameters a plan's walk needs, under the symbols the equations use: one column over draws each."""

from __future__ import annotations

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy.special import expit, logit

from limen.compounds import Compound, compound
from limen.engine.streams import on_device
from limen.parameters import Draws
from limen.people import PerDraw, Typical, per_draw, typical
from limen.people.comedication import comedication
from limen.pharmacology.chain import Receptor
from limen.trial.plan import ACTIVE, ACTIVE_PLACEBO, INERT, OPEN, ArmPlan, Plan
from limen.trial.reference import Reference, reference_marks, transduction, typical_receptor

HOURS_A_WEEK = 168.0
UNMODELLED = "outcomes.MDD.madrs"  # an unmodelled scale is carried along and never shown


class Noticing(eqx.Module):
    """Signal detection: `threshold` ln(ng/mL), `sigma` total spread of ln(peak / threshold), `person_share` of it."""

    threshold: PerDraw
    sigma: PerDraw
    person_share: PerDraw
    lapse: PerDraw
    false_alarm: PerDraw
    false_alarm_trial_sd: PerDraw


class Believing(eqx.Module):
    """What people assume of capsules, and how fast they learn: rates of noticing and of adverse events by content."""

    assumed_active: PerDraw
    assumed_placebo: PerDraw
    event_active: PerDraw
    event_placebo: PerDraw
    learn: PerDraw
    lambda_s: PerDraw
    open_label: PerDraw


class Guessing(eqx.Module):
    """Weekly guess and guess about one capsule: logistic bias and slope, and the don't-know band."""

    bias: PerDraw
    bias_trial_sd: PerDraw
    slope: PerDraw
    dont_know: PerDraw
    capsule_bias: PerDraw
    capsule_slope: PerDraw


class Scale(eqx.Module):
    """The score model of the primary scale, points; `tau` weeks; `change_sd` the SD of control-arm change."""

    mu: PerDraw
    sd_trait: PerDraw
    sd_ar: PerDraw
    sd_e: PerDraw
    p_nonspec: PerDraw
    sd_p: PerDraw
    kappa: PerDraw
    change_sd: PerDraw
    dropout_scale: PerDraw
    tau: PerDraw
    rho: PerDraw
    course_trial_sd: PerDraw
    kappa_cv: PerDraw
    disappointment: PerDraw
    h: PerDraw

    @property
    def accrual(self) -> PerDraw:
        """1/h: the rate of dA/dt = accrual (E - A), that of the course."""
        return 1.0 / (HOURS_A_WEEK * self.tau)


class Exits(eqx.Module):
    """Weekly hazards of dropout, of stopping the drug and of a rescue antidepressant, and what the last is worth."""

    d0: PerDraw
    d1: PerDraw
    d_mnar: PerDraw
    stop_drug: PerDraw
    rescue: PerDraw
    rescue_slope: PerDraw
    rescue_effect: PerDraw


class Rating(eqx.Module):
    """A dose-day rating, points: mean over the days it was measured on, of which shares were guessed active and held the
    drug; spread between people and days, and what guess and drug move it by."""

    mean: PerDraw
    guess_share: PerDraw
    drug_share: PerDraw
    sd_person: PerDraw
    sd_day: PerDraw
    guess: PerDraw
    drug: PerDraw

    @property
    def usual(self) -> PerDraw:
        """The level of a day without drug that is not guessed active: the mean less what guesses and drug put into it."""
        return self.mean - self.guess * self.guess_share - self.drug * self.drug_share


class WalkParameters(eqx.Module):
    """Everything the walk of one plan reads, [draws] each."""

    people: Typical
    receptor: Receptor
    reference: Reference
    detection: Noticing
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


def theta(draws: Draws, plan: Plan) -> WalkParameters:
    """Typical values per parameter draw. Raises CompoundError for what the compound's record lacks."""
    given = compound(plan.compound)
    taken = comedication(draws, given, plan.indication, plan.admission, plan.on_antidepressant)
    mark = reference_marks(draws, 1.0 / (HOURS_A_WEEK * draws["outcomes.shared.tau"]))
    guess, exits = "belief.guess.", "leaving.dropout."
    go = "leaving.intercurrent."

    def read(kind: type[eqx.Module], stem: str) -> dict[str, PerDraw]:
        return {n: per_draw(draws[stem + n]) for n in kind.__dataclass_fields__}

    return WalkParameters(
        people=typical(draws, given, plan.kinetics, taken),
        receptor=typical_receptor(draws, given, transduction(draws, mark)),
        reference=mark,
        detection=perception(draws, given),
        believing=_believing(draws, given),
        guessing=Guessing(**read(Guessing, guess)),
        scale=_scale(draws, plan.model or UNMODELLED),
        exits=Exits(
            **{n: per_draw(draws[exits + n]) for n in ("d0", "d1", "d_mnar")},
            **{n: per_draw(draws[go + n]) for n in ("stop_drug", "rescue", "rescue_slope", "rescue_effect")},
        ),
        rating=_rating(draws, plan.dose_day),
    )


def _scale(draws: Draws, model: str) -> Scale:
    shared = ("tau", "rho", "course_trial_sd", "kappa_cv", "disappointment")
    own = [n for n in Scale.__dataclass_fields__ if n not in (*shared, "h")]
    return Scale(
        **{n: per_draw(draws[f"{model}.{n}"]) for n in own},
        **{n: per_draw(draws[f"outcomes.shared.{n}"]) for n in shared},
        h=per_draw(draws["receptor.signal.h"]),
    )


def _rating(draws: Draws, outcome: str) -> Rating:
    common = ("guess_share", "drug_share")
    own = [name for name in Rating.__dataclass_fields__ if name not in common]
    return Rating(
        **{n: per_draw(draws[f"dose_day.{outcome}.{n}"]) for n in own},
        **{n: per_draw(draws[f"dose_day.level.{n}"]) for n in common},
    )


def _believing(draws: Draws, given: Compound) -> Believing:
    names = ("assumed_active", "assumed_placebo", "learn", "lambda_s", "open_label")
    return Believing(
        **{n: per_draw(draws[f"belief.update.{n}"]) for n in names},
        event_active=per_draw(felt(draws, given.need("adverse_event"))),
        event_placebo=per_draw(felt(draws, "leaving.adverse_event.placebo")),
    )


def perception(draws: Draws, given: Compound) -> Noticing:
    """Noticing constants. Where it was found, the drawn lapse moves with the drawn threshold from the one it belongs to;
    the total spread of ln(peak/threshold) is shared between people and occasions after the part that exposure explains."""
    theta = draws[given.need("threshold")]
    moved = np.zeros(draws.count)
    if given.applies("lapse_slope"):
        moved = draws[given.need("lapse_slope")] * np.log(theta / draws[given.need("lapse_at")])
    names = ("sigma", "person_share", "false_alarm", "false_alarm_trial_sd")
    return Noticing(
        threshold=per_draw(np.log(theta)),
        lapse=per_draw(expit(logit(draws["perception.detection.lapse"]) + moved)),
        **{n: per_draw(draws[f"perception.detection.{n}"]) for n in names},
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
        adverse=on_device(np.stack([draws[named("adverse_exit", a)] for a in plan.arms])),
        event=on_device(np.stack([felt(draws, named("adverse_event", a)) for a in plan.arms])),
        agent=on_device(np.stack(agents)),
    )


def felt(draws: Draws, rate: str) -> Float[np.ndarray, " draws"]:
    """P(an adverse event is felt on a dosing day) = 1 - exp(-events per dose x share felt on the day)."""
    return -np.expm1(-draws[rate] * draws["leaving.adverse_event.felt_share"])
