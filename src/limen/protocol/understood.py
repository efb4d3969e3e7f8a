"""What was understood of a protocol, for people and programs."""

from __future__ import annotations

from typing import Any

from limen.errors import ProtocolErrors
from limen.protocol.load import digest
from limen.protocol.model import Protocol

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
    schedule, days = protocol.schedule, protocol.schedule.dosing_days()
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
        f"  visits      weeks {', '.join(f'{week:g}' for week in protocol.visits.weeks)}",
        f"  primary     {primary.id} {when}; higher is {primary.higher_is}; {mcid}",
    ]
    if protocol.left_open:
        lines.append("  left open by the source, and what is assumed:")
        lines += [f"    {path}: {text}" for path, text in protocol.left_open.items()]
    return lines


def _periods(protocol: Protocol) -> str:
    starts = protocol.schedule.period_starts(len(protocol.arms))
    apart = protocol.schedule.washout or "no washout"
    return f"{len(starts)}, beginning on days {', '.join(map(str, starts))}; between them: {apart}"


def _arms(protocol: Protocol) -> list[str]:
    unit, form = protocol.record.unit, protocol.record.base
    lines: list[str] = []
    for arm in protocol.arms:
        if not arm.gives_drug:
            agent = f" ({arm.agent}{f' {arm.agent_dose}' if arm.agent_dose else ''})" if arm.agent else ""
            lines.append(f"{arm.name}: {arm.n} people, {arm.kind}{agent}")
            continue
        doses = [dose for dose, _ in arm.dose_levels]
        spread = (
            f"{doses[0]:g}"
            if len(doses) == 1
            else f"{min(doses):g} to {max(doses):g}, mean {arm.base_dose():g}"
        )
        batch = arm.potency_or_default
        potency = f", {'assumed' if arm.potency is None else 'stated'} potency {batch[0]}" if batch else ""
        moved = arm.dose.titrate if arm.dose is not None else None
        by = "" if moved is None else f", titrated from {moved.start}: {moved.rule}"
        lines.append(
            f"{arm.name}: {arm.n} people, {arm.kind}, {spread} {unit} {form} (as {arm.form}, {arm.route}{potency}{by})"
        )
    return lines
