"""A screening as lines for a person and as data for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from limen.heard import shown
from limen.safety.rules.hits import Hit
from limen.safety.screening.screen import Screening


def as_data(screening: Screening) -> dict[str, Any]:
    """Everything about a screening, with `decision` first."""
    return {
        "decision": screening.decision,
        "severity": screening.severity,
        "reasons": list(screening.reasons),
    } | asdict(screening)


def as_text(screening: Screening) -> list[str]:
    """The decision, the hits gravest first, what was not understood, and what kind of evidence it rests on."""
    who = f"{shown(screening.patient)}: " if screening.patient else ""
    lines = ["", f"{who}{screening.decision.upper()}"]
    if screening.reasons:
        lines.append(f"  because of {', '.join(screening.reasons)}")
    for unread in screening.unread:
        near = (
            ", ".join(f"{shown(name)} ({score:.2f})" for name, score in unread.candidates if score)
            or "nothing near"
        )
        lines.append(f"  ? {shown(unread.text)!r}: {unread.why}; candidates: {near}")
    for hit in screening.hits:
        lines += _hit(hit)
    for found in screening.conditions:
        lines.append(
            f"  {found.decides or 'for information'}: {found.condition} ({found.found}) [{found.rule_id}, {found.severity}]"
        )
        lines.append(
            f"      criterion: {found.criterion}; {found.status}; used by {found.used_by}; {', '.join(found.sources)} ({found.verification})"
        )
        lines += [f"      another trial: {other}" for other in found.alternatives]
    spoken = {hit.drug for hit in screening.hits}
    taken = {name: text for text, name, _, _ in screening.read if name not in spoken}
    lines += [f"  no rule speaks of {name}, written {shown(taken[name])!r}" for name in sorted(taken)]
    lines += [f"  left out: {shown(text)}" for text in screening.ignored]
    lines += [f"  local: {text}" for text in screening.local_rules]
    return [*lines, "", *screening.notes]


def _hit(hit: Hit) -> list[str]:
    likeness = "" if hit.confidence == 1 else f", read by likeness with confidence {hit.confidence:.2f}"
    atc = f", {hit.atc}" if hit.atc else ""
    lines = [
        f"  {hit.severity.upper()}: {hit.drug} ({hit.drug_class}{atc}) written {shown(hit.written)!r}{likeness} [{hit.rule_id}]",
        f"      {hit.eligibility}",
        f"      {hit.effect}; mechanism: {hit.mechanism}; {hit.match if hit.other_drug else f'the rule {hit.match}'} ({hit.via})",
        f"      what trials do: {hit.trials}",
    ]
    if hit.washout_arithmetic:
        since = (
            ""
            if hit.since_last_intake_days is None
            else f"; last intake {hit.since_last_intake_days:g} d ago"
        )
        lines.append(f"      time since last intake trials require: {hit.washout_arithmetic}{since}")
    dose = f"at {hit.evidence_dose}" if hit.evidence_dose else "no dose stated"
    lines.append(
        f"      evidence: {hit.evidence_level}, {dose}; {', '.join(hit.sources)} ({hit.verification})"
    )
    if hit.merged:
        lines.append(f"      the same mechanism, less specifically: {', '.join(hit.merged)}")
    return [*lines, f"      local: {hit.local}"] if hit.local else lines
