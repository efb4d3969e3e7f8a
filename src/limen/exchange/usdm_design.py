"""The design of a USDM study: arms and their people, epochs, and what is measured."""

from __future__ import annotations

from typing import Any

from limen.exchange.objects import Object, Objects, chained, in_units
from limen.exchange.terms import term
from limen.exchange.usdm_visits import write_visits
from limen.protocol import Protocol
from limen.protocol.arms import Arm

_MODELS = {"cluster": "parallel", "escalation": "open label"}
_NEXT: dict[str, Any] = {"previousId": None, "nextId": None}


def write_design(
    w: Objects, p: Protocol, given: list[str], beside: list[str], criteria: list[Object]
) -> Object:
    """The one design of a protocol; `given` are the ids of what each arm is given."""
    epochs, elements, cells = _flow(w, p, given)
    population, arms = _people(w, p, criteria)
    for cell in cells:
        cell["armId"] = arms[cell["armId"]]["id"]
    return w.plain(
        "InterventionalStudyDesign", p.name, rationale=p.claim or p.question or p.name, studyType=w.code("study", "interventional"),
        studyPhase=None, therapeuticAreas=[], characteristics=[w.code("study", "randomised")] if len(p.arms) > 1 else [],
        arms=arms, studyCells=cells, epochs=epochs, elements=elements, estimands=[], studyInterventionIds=[*given, *beside],
        indications=[w.plain("Indication", p.population.indication, codes=[], isRareDisease=False)], population=population,
        objectives=[_objective(w, p, index) for index in range(len(p.outcomes))], **write_visits(w, p, epochs[-1]["id"]),
        biospecimenRetentions=[], documentVersionIds=[], eligibilityCriteria=criteria, analysisPopulations=[], subTypes=[], intentTypes=[],
        model=w.code("model", _MODELS.get(p.design, p.design if term("model", p.design) else "parallel")),
        blindingSchema=w.alias(term("blinding", p.blinding) or term("blinding", "double")),
    )  # fmt: skip


def said_of(p: Protocol, arm: Arm) -> str:
    """What an arm is given, in words."""
    if arm.gives_drug:
        return f"{p.compound} as {arm.form}, {arm.model_dump(mode='json', exclude_unset=True).get('dose')}"
    return " ".join(filter(None, (f"{arm.kind}{':' if arm.agent else ''}", arm.agent, arm.agent_dose)))


def _people(w: Objects, p: Protocol, criteria: list[Object]) -> tuple[Object, list[Object]]:
    """The population with one cohort an arm, and the arms."""
    shared: dict[str, Any] = {
        "includesHealthySubjects": p.population.ill.condition == "healthy", "plannedCompletionNumber": None, "plannedSex": [],
    }  # fmt: skip
    cohorts = [
        w.plain("StudyCohort", arm.name, plannedEnrollmentNumber=w.quantity(arm.n, None), criterionIds=[], plannedAge=None,
                characteristics=[], indicationIds=[], **shared)
        for arm in p.arms
    ]  # fmt: skip
    arms = [
        w.plain(
            "StudyArm", arm.name, description=said_of(p, arm), type=w.code("arm", arm.kind if term("arm", arm.kind) else "active"),
            dataOriginDescription="Collected in the study", dataOriginType=w.code("study", "within"), populationIds=[cohort["id"]],
        )
        for arm, cohort in zip(p.arms, cohorts, strict=True)
    ]  # fmt: skip
    ages = p.population.age
    years = None
    if ages is not None:
        ends = {
            name: w.quantity(age, "year") for name, age in zip(("minValue", "maxValue"), ages, strict=True)
        }
        years = w.new("Range", isApproximate=False, **ends)
    whole = w.plain(
        "StudyDesignPopulation", "People", description=p.population.description, criterionIds=[one["id"] for one in criteria],
        plannedEnrollmentNumber=w.quantity(p.participants, None), plannedAge=years, cohorts=cohorts, **shared,
    )  # fmt: skip
    return whole, arms


def _flow(w: Objects, p: Protocol, given: list[str]) -> tuple[list[Object], list[Object], list[Object]]:
    """Epochs in order, elements, and a cell for every arm (by number) in every epoch: in a crossover the arms in turn."""
    periods, count = len(p.arms) if p.design_kind.periods else 1, len(p.arms)
    kinds: list[tuple[str, int | None]] = [("lead_in", None)] if p.schedule.lead_in is not None else []
    for period in range(periods):
        kinds += [("washout", None)] if period and p.schedule.washout is not None else []
        kinds.append(("treatment", period))
    kinds.append(("follow_up", None))
    rule: dict[str, Any] = {"transitionStartRule": None, "transitionEndRule": None}
    takes = [
        w.plain("StudyElement", arm.name, studyInterventionIds=[one], **rule)
        for arm, one in zip(p.arms, given, strict=True)
    ]
    rests = {
        kind: w.plain("StudyElement", kind.replace("_", "-"), studyInterventionIds=[], **rule)
        for kind in dict.fromkeys(kind for kind, period in kinds if period is None)
    }
    epochs = chained([
        w.plain("StudyEpoch", f"{kind.replace('_', '-')} {number}", type=w.code("epoch", kind), **_NEXT)
        for number, (kind, _) in enumerate(kinds, 1)
    ])  # fmt: skip
    cells: list[Object] = []
    for epoch, (kind, period) in zip(epochs, kinds, strict=True):
        for arm in range(count):
            turn = period if period is None or p.schedule.fixed_order else (arm + period) % count
            if periods == 1 and period is not None:
                turn = arm
            does = rests[kind] if turn is None else takes[turn]
            cells.append(w.new("StudyCell", armId=arm, epochId=epoch["id"], elementIds=[does["id"]]))
    return epochs, [*takes, *rests.values()], cells


def _objective(w: Objects, p: Protocol, index: int) -> Object:
    """An outcome: the objective, and its endpoint with the measure and the time."""
    one = p.outcomes[index]
    rank, name = "primary" if one.primary else "secondary", one.registered.full_name
    when = "on dosing days" if one.on_dose_days else f"at {in_units(one.at)}"
    end = w.plain(
        "Endpoint",
        one.id,
        text=f"{name} {when}",
        dictionaryId=None,
        purpose="Efficacy",
        level=w.code("endpoint", rank),
    )
    return w.plain(
        "Objective", f"{one.id} {when}", text=f"To compare the arms by the {name}", dictionaryId=None, level=w.code("level", rank),
        endpoints=[end],
    )  # fmt: skip
