"""The rules of `regulation/guidance`, one function each: met, not met, cannot tell, or not for this protocol.

A rule is met only by what the protocol says. What it leaves out cannot be told, which is no reproach: it
names the field that would settle it. Numbers (weeks, minutes) are read from the rows, not written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from limen.facts.read import read
from limen.protocol.conduct import Conduct
from limen.protocol.model import Protocol
from limen.units import lasting, number_of

Outcome = Literal["met", "not met", "cannot tell", "not applicable"]
DENIALS = ("none", "no", "not planned", "not done", "absent")
ANTIDEPRESSANTS = ("ssri", "snri", "antidepressant", "tricyclic", "serotonergic")
STABILISERS = ("lithium", "mood stabili", "valpro", "lamotrigine", "carbamazepine")


@dataclass(frozen=True)
class Answer:
    """What a rule found, why, and the field that would change it."""

    outcome: Outcome
    why: str
    field: str = ""


Rule = Callable[[Protocol], Answer]


def says(p: Protocol, name: str, *words: str, why: str = "") -> Answer:
    """A field of `conduct`: absent cannot be told, denied is not met, and each of `words` must occur in
    it."""
    value, field = getattr(p.conduct or Conduct(), name), f"conduct.{name}"
    plain = name.replace("_", " ")
    if value is None:
        return Answer("cannot tell", f"the protocol does not say: {plain}", field)
    if _denied(value):
        return Answer("not met", f"declared absent: {plain}", field)
    stated = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    said = ", ".join(map(str, stated))
    missing = [word for word in words if not any(option in said.lower() for option in word.split("|"))]
    if missing:
        named = ", ".join(word.split("|")[0] for word in missing)
        return Answer("not met", why or f"{plain} does not name: {named}", field)
    return Answer("met", f"{plain}: {said}", field)


def _denied(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in DENIALS
    return not value


def every(*answers: Answer) -> Answer:
    """All must be met: the first that is not speaks, then the first that cannot be told."""
    for outcome in ("not met", "cannot tell"):
        for answer in answers:
            if answer.outcome == outcome:
                return answer
    real = [answer for answer in answers if answer.outcome == "met"]
    return Answer(
        "met", "; ".join(answer.why for answer in real), ", ".join(a.field for a in real if a.field)
    )


def skip(why: str) -> Answer:
    return Answer("not applicable", why)


def only(condition: bool, why: str, answer: Callable[[], Answer]) -> Answer:
    return answer() if condition else skip(why)


def doses(p: Protocol) -> tuple[float, ...]:
    """Distinct doses of the active arms, in the unit of the base, ascending."""
    return tuple(sorted({round(dose, 6) for arm in p.active_arms for dose in arm.every_dose}))


def concerns(rule: str, p: Protocol) -> bool:
    """Whether a rule that names its compounds (`compound in {...}`) names that of the protocol."""
    named = re.search(r"compound in \{([^}]*)\}", read("regulation/guidance").row(rule)["applies_when"])
    return named is None or p.record.law in named[1].split(", ")


def targets(p: Protocol) -> int:
    """Doses people are meant to get: levels drawn inside one arm are one target, steps that everybody takes are each one."""
    stepped = {arm.name for arm in p.active_arms if arm.dose is not None and arm.dose.steps is not None}
    given = {dose for arm in p.active_arms if arm.name in stepped for dose in arm.every_dose}
    given |= {arm.base_dose() for arm in p.active_arms if arm.name not in stepped}
    return len({round(dose, 6) for dose in given})


def perceptible(p: Protocol) -> bool:
    """False only where no dose exceeds one that a controlled study could not tell from placebo."""
    rows = read("pharmacokinetics/acute_pd").where(compound=p.compound, dose_unit=p.record.unit)
    quiet = [
        row.number("dose") or 0.0
        for row in rows
        if row["significant_vs_placebo"] == "no" and "any acute subjective" in row["measure"]
    ]
    return max(doses(p), default=0.0) > max(quiet, default=0.0)


def followed(p: Protocol) -> float:
    """Weeks followed after the last dose: declared, or from the last visit."""
    declared = p.conduct.followup_weeks if p.conduct else None
    if declared is not None:
        return declared
    last = max(p.schedule.dosing_days(), default=0) / 7
    return max(0.0, max(p.visits.weeks, default=0.0) - last)


def levels(p: Protocol, needed: int = 2) -> Answer:
    declared = p.conduct.programme_dose_levels if p.conduct else None
    count = max(targets(p), declared or 0)
    if count >= needed:
        return Answer("met", f"{count} active dose levels", "arms")
    if declared is None:
        return Answer(
            "cannot tell",
            "one dose level here; the programme is not described",
            "conduct.programme_dose_levels",
        )
    return Answer("not met", f"{count} active dose level in the programme", "arms")


def durability(p: Protocol, weeks: float = 0.0) -> Answer:
    after, field = followed(p), "conduct.followup_weeks"
    if after > weeks:
        return Answer("met", f"followed for {lasting(after)} after the last dose", field)
    if after <= 0:
        return Answer("not met", "nobody is followed after the last dose", field)
    return Answer(
        "not met",
        f"followed for {lasting(after)} after the last dose, not for more than {weeks:g} weeks",
        field,
    )


def medication(p: Protocol, *classes: tuple[str, ...]) -> Answer:
    """Each class of medicine has an allow, washout or exclude rule."""
    ruled = " ".join((*p.medication.permitted, *p.medication.excluded, *p.medication.washout)).lower()
    if not ruled:
        return Answer("cannot tell", "the protocol has no medication rule", "medication")
    missing = [words[0] for words in classes if not any(word in ruled for word in words)]
    if missing:
        return Answer("not met", f"no rule for {', '.join(missing)}", "medication")
    return Answer("met", "each class has a rule", "medication")


def without_maoi(p: Protocol) -> Answer:
    drugs = [row["name"].lower() for row in read("safety/drugs") if "mao" in row["class"].lower()]
    names = ("mao", "monoamine oxidase", *drugs)

    def among(words: Any) -> bool:
        return any(name in word.lower() for word in words for name in names)

    if among(p.medication.permitted):
        return Answer("not met", "an MAO inhibitor is permitted", "medication.permitted")
    if among((*p.medication.excluded, *p.medication.washout)):
        return Answer("met", "MAO inhibitors are kept out", "medication.excluded")
    if not (p.medication.permitted or p.medication.excluded or p.medication.washout):
        return Answer("cannot tell", "the protocol has no medication rule", "medication.excluded")
    return Answer("not met", "the medication rules do not exclude MAO inhibitors", "medication.excluded")


def control(p: Protocol) -> Answer:
    """Inert placebo alone is met only where unblinding is measured and dealt with."""
    if not p.control_arms and targets(p) < 2:
        return Answer("not met", "no control arm", "arms")
    if any(arm.kind == "active placebo" for arm in p.arms):
        return Answer("met", "active placebo", "arms.kind")
    if targets(p) >= 2:
        return Answer("met", "a lower dose of the drug is compared", "arms")
    c = p.conduct or Conduct()
    if c.comparator_justified and not _denied(c.comparator_justified):
        return Answer(
            "met", f"inert placebo, justified: {c.comparator_justified}", "conduct.comparator_justified"
        )
    measured = (
        says(p, "blinding_questionnaire")
        if c.guess_item_participant is None
        else says(p, "guess_item_participant")
    )
    addressed = says(p, "expectancy_model") if c.cgr_adjusted is None else says(p, "cgr_adjusted")
    return every(measured, addressed)


def active_placebo(p: Protocol) -> Answer:
    if any(arm.kind == "active placebo" for arm in p.arms):
        return Answer("met", "active placebo", "arms.kind")
    return Answer("not met", "no active placebo among the arms", "arms.kind")


def parallel(p: Protocol) -> Answer:
    return Answer("met" if p.design == "parallel" else "not met", f"design: {p.design}", "design")


def eligible(p: Protocol) -> Answer:
    """The entry threshold is on a scale of the condition that is to be treated."""
    entry = p.population.entry
    if entry is None:
        return Answer("cannot tell", "no entry threshold", "population.entry")
    scale, wanted = p.registered(entry.outcome), p.population.ill.scale
    measured = scale.construct if scale is not None else ""
    if not wanted:
        return Answer(
            "cannot tell", "limen does not know the scales of this condition", "population.indication"
        )
    if wanted in measured or measured == "global severity":
        return Answer(
            "met", f"entry by {entry.outcome}, a scale of {p.population.indication}", "population.entry"
        )
    return Answer(
        "not met", f"entry by {entry.outcome}, no scale of {p.population.indication}", "population.entry"
    )


def clinician_rated(p: Protocol) -> bool:
    return "clinician" in p.primary.registered.rater


def no_therapy(p: Protocol) -> bool:
    text = p.conduct.support_protocol if p.conduct else None
    return text is not None and _denied(text)


def supervised(p: Protocol) -> Answer:
    c = p.conduct or Conduct()
    if c.unsupervised_justified and not _denied(c.unsupervised_justified):
        return Answer(
            "met", f"departure justified: {c.unsupervised_justified}", "conduct.unsupervised_justified"
        )
    if c.n_monitors is None:
        return Answer(
            "cannot tell", "the protocol does not say who watches a dosing session", "conduct.n_monitors"
        )
    if c.n_monitors < 2:
        return Answer("not met", f"{number_of(c.n_monitors or 0, 'monitor')}", "conduct.n_monitors")
    return every(
        Answer("met", f"{number_of(c.n_monitors or 0, 'monitor')}", "conduct.n_monitors"),
        says(p, "lead_qualification"),
    )


def take_home(p: Protocol) -> bool:
    """Unless the setting is said to be a clinic and not a home, doses may be taken at home."""
    setting = ((p.conduct.setting_description if p.conduct else None) or "home").lower()
    return "home" in setting


def subjective(p: Protocol) -> Answer:
    if any(outcome.id == "vas_drug_intensity" for outcome in p.outcomes):
        return Answer("met", "drug intensity is rated", "outcomes")
    return says(p, "subjective_scale")


def session_time(p: Protocol) -> Answer:
    """At least the minutes of the Oregon table for the largest dose, at a first session."""
    top = max(doses(p), default=0.0)
    needed = None
    for row in read("regulation/session_duration_rules"):
        low, high = (
            row.number("psilocybin_mg_from_inclusive") or 0.0,
            row.number("psilocybin_mg_to_exclusive") or 0.0,
        )
        if low <= top < high or (row["condition"] == "upper bound inclusive" and top == high):
            needed = max(needed or 0.0, row.number("min_session_minutes") or 0.0)
    field, minutes = "conduct.session_minutes", (p.conduct.session_minutes if p.conduct else None)
    if needed is None:
        return Answer("not met", f"{top:g} mg is above the table", "arms.dose")
    if minutes is None:
        return Answer(
            "cannot tell",
            f"a first session with {top:g} mg lasts at least {needed:g} min; no length is stated",
            field,
        )
    outcome = "met" if minutes >= needed else "not met"
    return Answer(outcome, f"{minutes:g} min for {top:g} mg; at least {needed:g}", field)


def long_enough(rule_id: str) -> float:
    """The weeks a row names, such as `durability plan >18 weeks`."""
    match = re.search(r">\s*(\d+)\s*weeks", read("regulation/guidance").row(rule_id)["pass_condition"])
    return float(match[1]) if match else 0.0


def in_(p: Protocol, place: str) -> bool:
    return any(code == place or code.startswith(f"{place}-") for code in p.jurisdiction)


def blinded(p: Protocol) -> bool:
    return p.blinding != "none"


def of_patients(p: Protocol) -> bool:
    return p.population.indication != "healthy"


NO_BLIND, NO_PATIENTS = "nobody is blinded", "not a trial in patients"
NOT_FELT = "no dose exceeds one that a controlled study could not tell from placebo"

RULES: Mapping[str, Rule] = {
    "FDA-01": lambda p: Answer("met", f"{p.compound}, a classic psychedelic", "compound"),
    "FDA-02": lambda p: says(p, "exclusion_criteria", "valv", "pulmonary hypertension"),
    "FDA-03": lambda p: every(
        says(p, "echo_schedule", "baseline|before|screening", "week|month|during|on treatment", "end|after|follow"),
        says(p, "ecg_schedule"), says(p, "bp_schedule")
    ),
    "FDA-04": lambda p: says(p, "tox_species", "rodent", "non-rodent"),
    "FDA-05": lambda p: medication(p, ANTIDEPRESSANTS, STABILISERS),
    "FDA-06": without_maoi,
    "FDA-07": lambda p: every(levels(p), durability(p)),
    "FDA-08": lambda p: only(perceptible(p), NOT_FELT, lambda: control(p)),
    "FDA-09": lambda p: only(clinician_rated(p), "the primary outcome is a self-report", lambda: says(p, "rater_blinding")),
    "FDA-10": lambda p: only(not no_therapy(p), "no psychological support",
                             lambda: every(says(p, "support_protocol"), says(p, "support_separated"))),
    "FDA-11": lambda p: only(perceptible(p), NOT_FELT, lambda: supervised(p)),
    "FDA-12": lambda p: says(p, "abuse_ae_plan"),
    "FDA-13": lambda p: only(in_(p, "US"), "no site in the United States",
                             lambda: every(says(p, "dea_registration"), says(p, "accountability_plan"))),
    "FDA-14": lambda p: only(perceptible(p), NOT_FELT,
                             lambda: says(p, "consent_items", "percept", "judg", "suggest", "vulnerab")),
    "FDA-15": lambda p: says(p, "positive_effects_recorded"),
    "FDA-16": lambda p: only(of_patients(p), NO_PATIENTS, lambda: durability(p, long_enough("FDA-16"))),
    "FDA-17": lambda p: only(len(p.arms) > 1, "one arm", lambda: every(
        says(p, "prior_use_recorded"), says(p, "prior_use_handling"))),
    "EMA-01": lambda p: only(p.population.ill.condition == "depression", "not a trial in depression",
                             lambda: every(says(p, "blinding_questionnaire"), says(p, "expectancy_scale"))),
    "EMA-02": lambda p: only(of_patients(p), NO_PATIENTS, lambda: eligible(p)),
    "EMA-03": lambda p: every(levels(p), subjective(p)),
    "EMA-04": lambda p: every(
        Answer("met", "no psychological support, and said so", "conduct.support_protocol")
        if no_therapy(p) else says(p, "support_protocol"), says(p, "setting_description")
    ),
    "EMA-05": lambda p: every(says(p, "safety_monitoring"), says(p, "safety_database")),
    "EMA-06": lambda p: only(perceptible(p), NOT_FELT, lambda: says(p, "ae_definition")),
    "EMA-07": lambda p: every(durability(p), says(p, "covariates")),
    "EXP-01": lambda p: only(blinded(p), NO_BLIND, lambda: every(
        says(p, "expectancy_scale"), says(p, "guess_item_participant"))),
    "EXP-02": lambda p: only(blinded(p), NO_BLIND, lambda: says(
        p, "masking_plan", "develop", "recruit", "disclos", "placebo", "measur")),
    "EXP-03": lambda p: only(blinded(p), NO_BLIND, lambda: says(p, "expectancy_model")),
    "EXP-04": lambda p: only(blinded(p), NO_BLIND, lambda: every(says(p, "guess_by_arm"), says(p, "cgr_adjusted"))),
    "EXP-05": lambda p: only(blinded(p), NO_BLIND, lambda: says(p, "bang_index", "active", "control")),
    "EXP-06": lambda p: only(of_patients(p), NO_PATIENTS, lambda: every(
        parallel(p), active_placebo(p), says(p, "prior_use_handling", "naive|naïve"))),
    "EXP-07": lambda p: every(says(p, "protocol_public"), says(p, "sap_public")),
    "EXP-08": lambda p: only(of_patients(p) and blinded(p), NO_PATIENTS, lambda: every(
        says(p, "rater_blinding"), says(p, "guess_item_participant"), says(p, "expectancy_scale"),
        skip("no therapy") if no_therapy(p) else says(p, "fidelity"))),
    "EXP-09": lambda p: only(blinded(p), NO_BLIND, lambda: every(
        says(p, "guess_item_participant"), says(p, "guess_item_staff"))),
    "EXP-10": lambda p: levels_in_arms(p),
    "EXP-11": lambda p: only(of_patients(p), NO_PATIENTS, lambda: every(
        active_placebo(p), says(p, "briefing", "balanced|non-informative"))),
    "EXP-12": lambda p: only(not of_patients(p), "not a mechanistic study", lambda: says(p, "told_received")),
    "EXP-13": lambda p: only(p.design == "crossover", "not a crossover", lambda: says(p, "period_analysis", "first")),
    "SAF-01": lambda p: only(len(p.schedule.dosing_days()) > 1, "a single dose", lambda: says(p, "echo_schedule")),
    "SAF-02": lambda p: only(take_home(p), "no dose is taken at home", lambda: every(
        says(p, "first_dose_supervised"), says(p, "echo_schedule"), says(p, "dose_verification"))),
    "SAF-03": lambda p: says(p, "con_med_grading"),
    "LAW-01": lambda p: only(in_(p, "US-OR") and concerns("LAW-01", p), "no psilocybin in Oregon",
                             lambda: session_time(p)),
    "LAW-02": lambda p: only(in_(p, "CA-AB"), "no site in Alberta", lambda: says(p, "licence")),
    "LAW-03": lambda p: only(
        in_(p, "AU") and bool(p.conduct and p.conduct.prescriber), "a trial, or not in Australia",
        lambda: prescribed(p))
}  # fmt: skip


def levels_in_arms(p: Protocol) -> Answer:
    count = targets(p)
    if count >= 2:
        return Answer("met", f"{count} different doses of the drug", "arms")
    return Answer("not met", "no active arm below the target dose", "arms")


def prescribed(p: Protocol) -> Answer:
    law, asked = read("regulation/guidance").row("LAW-03"), f"{p.compound} for {p.population.indication}"
    if asked not in law["requirement"]:
        return Answer("not met", f"{asked} is not among them: {law['requirement']}", "population.indication")
    return says(p, "prescriber", "authorised prescriber", "psychiatrist")
