"""Compose: run a protocol and gather everything the dossier says about it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import version

import jax
import numpy as np

from limen import __version__
from limen.design.influence import influences, used
from limen.design.operate import Run, operate
from limen.dossier import expected as trial_section
from limen.dossier import known as known_section
from limen.dossier import law as law_section
from limen.dossier import margin
from limen.dossier import mechanism as mechanism_section
from limen.dossier import safety as safety_section
from limen.dossier.answer import (
    Answer,
    Arm,
    ExpectedTrial,
    Harm,
    Influence,
    LeftOpen,
    Provenance,
    Question,
    Reproduce,
    UsedParameter,
)
from limen.dossier.blinding import blinding
from limen.dossier.exposure import exposure
from limen.dossier.references import reference, references
from limen.dossier.summarise import PARAMETER, interval
from limen.dossier.verdict import headline, verdict
from limen.parameters import ParameterSet, load
from limen.protocol import Protocol, digest
from limen.safety.monitoring.adverse import expected_per_100
from limen.trial.plan import ACTIVE, DOSE_UNIT, INERT, OPEN, UG_PER, ArmPlan, Plan, lay_out

DRAWS, PEOPLE, SEED = 200, 1000, 1
EVENTS = "simulated: events per dose of one LSD trial; the share of them felt on dosing days is assumed"
EVENTS_ASSUMED = (
    "simulated: no trial gives events per dose, so rate and share felt on dosing days are assumed"
)
SOFTWARE = ("jax", "numpy", "equinox", "scipy")


def answer(
    protocol: Protocol,
    draws: int = DRAWS,
    people: int = PEOPLE,
    seed: int = SEED,
    workers: int = 2,
    tick: Callable[[int], None] | None = None,
    command: str = "limen answer PROTOCOL",
    on: date | None = None,
) -> tuple[Answer, Run]:
    """Answer a protocol: the dossier as data, and the run behind it. Raises ProtocolError for what cannot be run.

    `on` is the day whose law counts, today if left out; nothing simulated depends on it.
    """
    parameters = load()
    plan = lay_out(protocol, parameters)
    run = operate(plan, parameters, draws, people, seed, workers, tick)
    return compose(protocol, plan, run, parameters, people, command, on or date.today()), run


def compose(
    protocol: Protocol, plan: Plan, run: Run, parameters: ParameterSet, people: int, command: str, on: date
) -> Answer:
    reason = _reason(protocol, plan)
    trial = _trial(run, protocol)
    known, law = known_section.known(protocol), law_section.law(protocol, on)
    safety = safety_section.safety(protocol, run)
    mechanism = mechanism_section.mechanism(run, protocol)
    shown = (
        *known_section.cited(known),
        *law_section.cited(law),
        *safety_section.cited(safety),
        *mechanism_section.cited(mechanism),
    )
    provenance = _provenance(protocol, plan, run, parameters, shown)
    return Answer(
        question=_question(protocol, plan),
        verdict=verdict(run, trial, reason),
        exposure=exposure(run),
        blinding=blinding(run, protocol),
        trial=trial,
        harms=_harms(run, plan),
        claimed=None if trial is None else trial_section.claimed(run, protocol, trial),
        mechanism=mechanism,
        safety=safety,
        known=known,
        law=law,
        provenance=provenance,
        reproduce=_reproduce(protocol, run, parameters, people, command),
        warnings=_warnings(protocol, plan),
    )


def _trial(run: Run, protocol: Protocol) -> ExpectedTrial | None:
    if run.plan.model is not None:
        return trial_section.expected(run, protocol)
    rated = (
        run.plan.dose_day == run.plan.outcome
        and run.plan.control is not None
        and run.plan.unsimulated is None
    )
    return trial_section.expected_day(run) if rated else None


def _reason(protocol: Protocol, plan: Plan) -> str | None:
    if plan.unsimulated is not None:
        return plan.unsimulated
    name = protocol.primary.registered.full_name
    if plan.dose_day == plan.outcome:
        return f"the primary outcome ({name}) is rated on dosing days, and no smallest difference that matters is known for it."
    if plan.model is None:
        return f"limen has no score model of {name} in {plan.indication}."
    if plan.mcid is None:
        return f"the chance of exceeding the smallest difference that matters cannot be given: none is established for the {name}."
    return None


def _question(protocol: Protocol, plan: Plan) -> Question:
    primary = protocol.primary
    entry = primary.registered
    unit = DOSE_UNIT[plan.compound]
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
        base = arm.mean_dose / UG_PER[plan.compound] if arm.levels else None
        arms.append(
            Arm(name=arm.name, kind=given.kind, n=arm.n, dose_text=text, base_dose=base, base_unit=unit)
        )
    return Question(
        title=protocol.question
        or f"Can {plan.compound} as given in {protocol.name} treat {plan.indication}?",
        protocol=protocol.name,
        status=protocol.status,
        claim=protocol.claim,
        sources=[reference(key) for key in protocol.source],
        compound=plan.compound,
        indication=plan.indication,
        arms=arms,
        schedule=str(protocol.schedule.pattern),
        n_doses=len(plan.days),
        duration_weeks=plan.dosing_weeks,
        primary=primary.id,
        primary_name=entry.full_name,
        primary_week=primary.week,
        primary_bounds=entry.bounds,
        mcid=primary.mcid,
        mcid_source=primary.mcid_source,
        left_open=[LeftOpen(field=f, assumed=text) for f, text in protocol.left_open.items()],
    )


def _harms(run: Run, plan: Plan) -> list[Harm]:
    """Exits the model expects, then what trials of the compound at microdoses saw, study by study."""
    found = []

    def seen_in(people: np.ndarray, index: int) -> np.ndarray:
        rates = run.by_trial(people)[:, plan.arm_of == index].mean(1)
        return np.bincount(run.draw_of_trial, rates) / np.bincount(run.draw_of_trial)

    def counted(arm: ArmPlan) -> bool:
        return arm.kind == INERT or (plan.compound == "LSD" and arm.kind in (ACTIVE, OPEN))

    for index, arm in enumerate(plan.arms):
        seen = seen_in(np.asarray(run.records.left_for_effects), index)
        ill = seen_in(np.asarray(run.records.ill_days).sum(1), index)
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
                status="measured" if plan.compound == "LSD" and arm.kind in (ACTIVE, OPEN) else "assumption",
            )
        )
    for e in expected_per_100(plan.compound):
        span = interval(np.array([e.low, e.high]), "per 100", ("sampling",), e.per_100, level=0.95)
        span = span.model_copy(update={"low": e.low, "high": e.high})
        evidence = f"{e.with_event} of {e.n}, {e.study}; {e.method}"
        found.append(Harm(name=e.event, arm=e.arm, per_100=span, evidence=evidence, status="measured"))
    return found


def _provenance(
    protocol: Protocol, plan: Plan, run: Run, parameters: ParameterSet, shown: Iterable[str]
) -> Provenance:
    names = list(dict.fromkeys((*used(run.draws, plan), *margin.parameters(plan.compound))))
    what, values = headline(run)
    columns = {name: run.draws[name] for name in names} | {"drug_effect.prior.delta": run.belief.delta}
    effects = influences(values, columns)
    size = {e.name: e.size for e in effects}
    listed = []
    for name in names:
        p, column = parameters[name], columns[name]
        low, high = np.quantile(column, [0.05, 0.95])
        listed.append(
            UsedParameter(
                name=name,
                description=p.text,
                value=float(np.median(column)),
                q05=float(low),
                q95=float(high),
                unit=p.unit,
                status=p.status,
                sources=list(p.source),
                measured_in=p.measured_in,
                influence=size.get(name, 0.0),  # type: ignore[arg-type]
            )
        )
    statuses = [p.status for p in listed]
    keys = [key for p in listed for key in p.sources] + list(protocol.source)
    keys += [e.source for e in run.belief.evidence] + list(shown)
    return Provenance(
        headline=what,
        headline_value=float(values.mean()),
        influences=[
            Influence(
                parameter=e.name,
                description=parameters[e.name].text,
                status=parameters[e.name].status,
                low=e.low,
                high=e.high,
            )  # type: ignore[arg-type]
            for e in effects[:10]
        ],
        parameters=listed,
        counts={status: statuses.count(status) for status in ("measured", "translated", "assumption")},
        references=references(keys),
    )


def _reproduce(
    protocol: Protocol, run: Run, parameters: ParameterSet, people: int, command: str
) -> Reproduce:
    return Reproduce(
        version=__version__,
        command=command,
        seed=run.seed,
        draws=run.draws.count,
        people=people,
        trials=run.trials,
        protocol_hash=digest(protocol),
        parameter_hash=parameters.digest,
        result_digest=result_digest(run),
        software={"python": platform.python_version()} | {name: version(name) for name in SOFTWARE},
    )


def result_digest(run: Run) -> str:
    """A hash over every recorded number of the run."""
    hashed = hashlib.sha256()
    for leaf in jax.tree.leaves(run.records):
        hashed.update(np.ascontiguousarray(leaf).tobytes())
    return hashed.hexdigest()


def _warnings(protocol: Protocol, plan: Plan) -> list[str]:
    notes = list(plan.warnings)
    if protocol.analysis.method == "mmrm" and plan.control is not None:
        notes.append("the protocol plans a mixed model; chances of a result are simulated with ANCOVA")
    if protocol.analysis.sided == 1:
        notes.append(
            "the protocol plans a one-sided test; the page reports two-sided tests at the same alpha"
        )
    if any(arm.dose is not None and arm.dose.titrate is not None for arm in protocol.arms):
        notes.append("titration is simulated as dose levels drawn once per person")
    if protocol.design == "crossover":
        notes.append("the crossover is simulated without carry-over or period effects")
    actives = [arm.name for arm in plan.arms if arm.kind in (ACTIVE, OPEN)]
    if len(actives) > 1 and plan.control is not None:
        notes.append(
            f"only {plan.arms[plan.active].name} is compared with the control; {', '.join(actives[1:])} is simulated beside it"
        )
    if any(arm.kind == OPEN for arm in plan.arms) and plan.control is not None:
        notes.append(
            "an open-label arm stands beside a control: what participants are told differs between arms"
        )
    return notes
