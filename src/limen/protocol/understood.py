"""What was understood of a protocol, for people and programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from limen.errors import ProtocolErrors
from limen.protocol.arms import Arm
from limen.protocol.load import digest
from limen.protocol.model import Analysis, Protocol
from limen.protocol.outcomes import Registered
from limen.units import moment, number_of

SCHEMA_VERSION = 1


def document(protocol: Protocol) -> dict[str, Any]:
    """What was understood, for programs: the protocol with its defaults, its digest and what follows from
    it."""
    arms = [
        {"name": arm.name, "base_dose": arm.base_dose(), "levels": [list(level) for level in arm.dose_levels]}
        for arm in protocol.arms
    ]
    record = protocol.record
    understood = {
        "base_form": record.base,
        "base_unit": record.unit,
        "arms": arms,
        "participants": protocol.participants,
        "dosing_days": list(protocol.schedule.dosing_days()),
        "visit_weeks": list(protocol.visits.weeks),
        "primary": protocol.primary.id,
    }
    head = {"schema_version": SCHEMA_VERSION, "ok": True, "digest": digest(protocol)}
    return head | {"understood": understood, "protocol": protocol.model_dump(mode="json")}


def refused(errors: ProtocolErrors) -> dict[str, Any]:
    """Every mistake, for programs."""
    mistakes = [
        {"what": e.what, "line": e.where.line, "field": e.where.field, "remedy": e.remedy}
        for e in errors.errors
    ]
    return {"schema_version": SCHEMA_VERSION, "ok": False, "mistakes": mistakes}


def told(protocol: Protocol) -> list[str]:
    """What was understood, for people."""
    schedule = protocol.schedule
    days = [day for day in schedule.dosing_days() if day >= schedule.first_dose]
    sources = ", ".join(protocol.source) or "none"
    taken = "" if schedule.adherence == 1 else f", {schedule.adherence:.0%} of them taken"
    primary = protocol.primary
    when = "on dose days" if primary.on_dose_days else f"at {primary.at}"
    mcid = "no MCID" if primary.mcid is None else f"MCID {primary.mcid:g} ({primary.mcid_source})"
    lines = [
        f"{protocol.name}: the protocol is well formed.",
        *(f"  note        {said}" for said in (protocol.record.refused, protocol.record.caution) if said),
        *([f"  question    {protocol.question}"] if protocol.question else []),
        f"  status      {protocol.status}; source: {sources}",
        f"  people      {protocol.participants}, {protocol.population}",
        f"  design      {protocol.design}, blinding: {protocol.blinding}",
        *(f"  arm         {line}" for line in _arms(protocol)),
        f"  doses       {len(days)}, {schedule.pattern}, over {schedule.duration}{taken}",
        *([f"  periods     {_periods(protocol)}"] if protocol.design_kind.periods else []),
        *_besides(protocol),
        f"  visits      {_visits(protocol.visits.weeks)}",
        f"  primary     {primary.id} {when}; {_scale(primary.registered)}; {mcid}",
        f"  analysis    {_analysis(protocol)}",
    ]
    if protocol.left_open:
        lines.append("  left open by the source, and what is assumed:")
        lines += [f"    {path}: {text}" for path, text in protocol.left_open.items()]
    return lines


def _visits(weeks: Sequence[float]) -> str:
    """Whole weeks as a list of them; a visit in between as people say when it is."""
    if all(float(week).is_integer() for week in weeks):
        return f"weeks {', '.join(f'{week:g}' for week in weeks)}"
    return ", ".join("baseline" if week == 0 else moment(week) for week in weeks)


def _analysis(protocol: Protocol) -> str:
    """The method, its level, and the looks before the end."""
    asked = protocol.analysis
    said = f"{asked.method}, {asked.sides} {100 * asked.alpha:g}%"
    said += ", adjusted for strata" if asked.adjust is not None else ""
    said += f", {asked.estimand} estimand" if asked.estimand != Analysis().estimand else ""
    said += "".join(f"; {each}" for each in (asked.resize, asked.drop) if each is not None)
    if asked.looks is None:
        return said
    at = ", ".join(f"{share:.0%}" for share in asked.looks.at)
    stop = (
        f", futility below z {', '.join(f'{z:g}' for z in asked.looks.futility)}"
        if asked.looks.futility
        else ""
    )
    rate = "" if asked.looks.per_week is None else f", {asked.looks.per_week:g} people recruited a week"
    return f"{said}; looked at after {at} of the people, {asked.looks.spending} bounds{stop}{rate}"


def _besides(protocol: Protocol) -> list[str]:
    """What a protocol says of more than one arm: a lead-in, a gate, sites, clusters, what stands beside, what is compared."""
    schedule, lines = protocol.schedule, list[str]()
    if schedule.lead_in is not None:
        held = sum(day < schedule.first_dose for day in schedule.dosing_days())
        lines.append(
            f"  lead-in     {schedule.lead_in} of placebo for everybody ({number_of(held, 'capsule')}), then the arms from day "
            f"{schedule.first_dose}"
        )
    if not protocol.allocation.drawn:
        lines.append(f"  allocation  {protocol.allocation}")
    if protocol.gate is not None:
        gate = protocol.gate
        lines.append(f"  gate        {gate.outcome} at {gate.at}: {gate.rule}")
    if protocol.clusters is not None:
        each = protocol.participants / protocol.clusters
        lines.append(f"  clusters    {protocol.clusters}, about {each:g} people each")
    if protocol.sites > 1:
        lines.append(f"  sites       {protocol.sites}")
    lines += [f"  beside      {text}" for text in protocol.alongside]
    arm, control = protocol.compared
    if control is not None and (len(protocol.arms) > 2 or protocol.arms[control].gives_drug):
        rest = " first, then every other pair" if len(protocol.arms) > 2 else ""
        lines.append(f"  compares    {protocol.arms[arm].name} with {protocol.arms[control].name}{rest}")
    return lines


def _scale(entry: Registered) -> str:
    unit = "" if entry.unit == "points" else f" in {entry.unit}"
    end = "neither end is a benefit" if entry.neutral else f"higher is {entry.higher_is}"
    return f"{entry.full_name}{unit}, {entry.span}, {end}"


def _periods(protocol: Protocol) -> str:
    starts = protocol.schedule.period_starts(len(protocol.arms))
    apart = protocol.schedule.washout or "no washout"
    order = (
        "in the order written"
        if protocol.schedule.fixed_order
        else "each arm first for those allocated to it, then in turn"
    )
    return f"{len(starts)}, beginning on days {', '.join(map(str, starts))}; between them: {apart}; {order}"


def _said_of(arm: Arm) -> str:
    """What else an arm holds, and what its people are told."""
    beside = f", with {', '.join(map(str, arm.added))}" if arm.added else ""
    return beside + ("" if arm.told is None else f", told a chance of {arm.told:.0%}")


def _as_given(arm: Arm, base: str) -> str:
    """The weight of the form, where it is not that of the drug."""
    fixed = None if arm.dose is None or arm.form == base else arm.dose.fixed
    return "" if fixed is None else f"{fixed} "


def _held(protocol: Protocol, arm: Arm) -> str:
    """How many of its capsules hold the drug, where not all of them do."""
    schedule = protocol.schedule
    days = [day - schedule.first_dose for day in schedule.dosing_days() if day >= schedule.first_dose]
    held = sum(arm.dose is None or arm.dose.share(day) > 0 for day in days)
    return "" if held == len(days) else f"; {held} of its {number_of(len(days), 'capsule')} hold it"


def _arms(protocol: Protocol) -> list[str]:
    unit, form = protocol.record.unit, protocol.record.base
    lines: list[str] = []
    for arm in protocol.arms:
        if not arm.gives_drug:
            agent = (
                f" ({arm.agent}{f' {arm.agent_dose}' if arm.agent_dose else ''}; what it does of its own is left out)"
                if arm.agent
                else ""
            )
            lines.append(
                f"{arm.name}: {number_of(arm.n, 'person', 'people')}, {arm.kind}{agent}{_said_of(arm)}"
            )
            continue
        doses = [dose for dose, _ in arm.dose_levels]
        spread = (
            f"{doses[0]:g}"
            if len(doses) == 1
            else f"{min(doses):.4g} to {max(doses):.4g}, mean {arm.base_dose():.4g}"
        )
        batch = arm.potency_or_default
        potency = f", {'assumed' if arm.potency is None else 'stated'} potency {batch[0]}" if batch else ""
        moved = arm.dose.titrate if arm.dose is not None else None
        by = "" if moved is None else f", titrated from {moved.start}: {moved.rule}"
        for step in (arm.dose.steps if arm.dose is not None else None) or ():
            by += f", {step.dose} after {step.after}"
        if arm.dose is not None and arm.dose.per_kg is not None:
            by += f", {arm.dose.per_kg} for each kg"
        by += _held(protocol, arm)
        form_as = "" if arm.form == form else f"as {_as_given(arm, form)}{arm.form}, "
        lines.append(
            f"{arm.name}: {number_of(arm.n, 'person', 'people')}, {arm.kind}, {spread} {unit} {form} ({form_as}{arm.route}{potency}{by}){_said_of(arm)}"
        )
    return lines
