"""What is asked, as the protocol states it."""

from __future__ import annotations

from limen.dossier.asked import Asked
from limen.dossier.references import reference
from limen.dossier.sections.question.nouns import AskedArm, LeftOpen, Question


def build(asked: Asked) -> Question:
    protocol, plan = asked.protocol, asked.plan
    primary = protocol.primary
    entry = primary.registered
    unit = plan.unit
    arms = []
    for given, arm in zip(protocol.arms, plan.arms, strict=True):
        dose = given.dose
        text = ""
        if dose is not None:
            levels = [str(q) for q, _ in dose.drawn]
            text = (
                f"{levels[0] if len(levels) == 1 else f'{levels[0]} to {levels[-1]}, drawn'} of {given.form}"
            )
        elif given.agent:
            text = f"{given.agent} {given.agent_dose or ''}".strip()
        base = arm.mean_dose / plan.ug_per_unit if arm.levels else None
        arms.append(
            AskedArm(name=arm.name, kind=given.kind, n=arm.n, dose_text=text, base_dose=base, base_unit=unit)
        )
    return Question(
        title=protocol.question
        or (
            f"What does {plan.compound} as given in {protocol.name} do in healthy people?"
            if plan.indication == "healthy"
            else f"Can {plan.compound} as given in {protocol.name} treat {plan.indication}?"
        ),
        protocol=protocol.name,
        status=protocol.status,
        claim=protocol.claim,
        sources=[reference(key) for key in protocol.source],
        compound=plan.compound,
        indication=plan.indication,
        arms=arms,
        schedule=str(protocol.schedule.pattern),
        n_doses=sum(day >= protocol.schedule.first_dose for day in plan.days),
        duration_weeks=asked.protocol.schedule.weeks,
        primary=primary.id,
        primary_name=entry.full_name,
        primary_week=primary.week,
        primary_bounds=entry.bounds,
        mcid=primary.mcid,
        mcid_source=primary.mcid_source,
        left_open=[LeftOpen(field=f, assumed=text) for f, text in protocol.left_open.items()],
    )
