"""Expected harms: exits and events the model expects, then what trials of the compound at microdoses saw."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Shaped

from limen.compounds import compound
from limen.dossier.asked import Asked
from limen.dossier.sections.harms.nouns import Harm
from limen.dossier.summarise import PARAMETER, interval
from limen.safety.monitoring.adverse import expected_per_100
from limen.trial.plan import ACTIVE, INERT, OPEN, ArmPlan

EVENTS = "simulated: events per dose of one LSD trial; the share of them felt on dosing days is assumed"
EVENTS_ASSUMED = "simulated: limen's tables hold no trial that gives events per dose, so rate and share felt on dosing days are assumed"


def build(asked: Asked) -> list[Harm]:
    plan = asked.plan
    measured = compound(plan.compound).evidence["events"] == "measured"
    found = []

    def seen_in(people: Shaped[np.ndarray, " people"], index: int) -> Float[np.ndarray, " draws"]:
        run = asked.run
        rates = run.by_trial(people)[:, plan.arm_of == index].mean(1)
        return np.bincount(run.draw_of_trial, rates) / np.bincount(run.draw_of_trial)

    def counted(arm: ArmPlan) -> bool:
        return arm.kind == INERT or (measured and arm.kind in (ACTIVE, OPEN))

    for index, arm in enumerate(plan.arms if asked.beyond is None else ()):
        seen = seen_in(np.asarray(asked.run.records.left_for_effects), index)
        ill = seen_in(np.asarray(asked.run.records.ill_days).sum(1), index)
        found.append(
            Harm(
                name="dosing days with an adverse event, counted over the whole trial",
                arm=arm.name,
                per_100=interval(100 * ill, "per 100", PARAMETER),
                evidence=EVENTS if counted(arm) else EVENTS_ASSUMED,
                status="assumption",
            )
        )
        found.append(
            Harm(
                name="leaves because of acute effects, over the whole trial",
                arm=arm.name,
                per_100=interval(100 * seen, "per 100", PARAMETER),
                evidence="simulated: weekly exits drawn from the trials below",
                status="measured" if measured and arm.kind in (ACTIVE, OPEN) else "assumption",
            )
        )
    for e in expected_per_100(plan.compound):
        span = interval(np.array([e.low, e.high]), "per 100", ("sampling",), e.per_100, level=0.95)
        span = span.model_copy(update={"low": e.low, "high": e.high})
        evidence = f"{e.with_event} of {e.n}, {e.study}; {e.method}"
        found.append(Harm(name=e.event, arm=e.arm, per_100=span, evidence=evidence, status="measured"))
    return found
