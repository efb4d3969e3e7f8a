"""A screening as a sentence a clinician would say, lines for a person, and data for a program."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from limen.heard import printable
from limen.results import Result
from limen.safety.rules.conditions import ConditionHit
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE, PROTOCOL, Hit
from limen.safety.screening.dosing import StatedDose
from limen.safety.screening.funnel import SCHEMA_VERSION
from limen.safety.screening.screen import Screening

SPOKEN = 3
_OPENING = {
    ELIGIBLE: "Eligible: nothing that was said meets a rule that bars",
    CLINICIAN: "A clinician has to decide",
    NOT_ELIGIBLE: "Not eligible",
}


def sentence(screening: Screening) -> str:
    """What a clinician would say first: the decision and what it rests on, the gravest first."""
    decided = screening.decision
    if decided == ELIGIBLE:
        return f"{_OPENING[decided]}."
    reasons = [_of_hit(h) for h in screening.hits if h.decides == decided]
    reasons += [_of_condition(c) for c in screening.conditions if c.decides == decided]
    if decided == CLINICIAN:
        reasons += [f"{printable(u.text)!r}: {printable(u.why)}" for u in screening.unread]
    said = list(dict.fromkeys(reasons))
    more = f"; and {len(said) - SPOKEN} more" if len(said) > SPOKEN else ""
    return f"{_OPENING[decided]}: {'; '.join(said[:SPOKEN])}{more}."


def _of_hit(hit: Hit) -> str:
    who = "the protocol asks" if hit.rule_id == PROTOCOL else "trials ask"
    if hit.other_drug:
        return f"{hit.drug} with {hit.other_drug} is dangerous before any psychedelic"
    if hit.guessed:
        return f"{printable(hit.written)!r} may be {hit.drug}, and {who} about it"
    if not hit.stopped:
        asked = "for none" if hit.decides == NOT_ELIGIBLE else "about it"
        return f"{hit.drug} is current and {who} {asked}"
    required = f"{hit.washout_days:.3g} days without it" if hit.washout_days is not None else "how long ago"
    if hit.since_last_intake_days is None:
        return f"{hit.drug} was stopped, nobody said when, and {who} for {required}"
    return f"{hit.drug} was last taken {hit.since_last_intake_days:g} days ago and {who} for {required}"


def _of_condition(found: ConditionHit) -> str:
    which = "bars" if found.decides == NOT_ELIGIBLE else "is for a clinician to judge"
    return (
        f"{found.condition} ({printable(found.found)}) {which}"
        if found.found
        else f"{found.condition} {which}"
    )


def as_data(screening: Screening) -> dict[str, Any]:
    """Everything about a screening, with the decision and its sentence first."""
    return {
        "decision": screening.decision,
        "sentence": sentence(screening),
        "severity": screening.severity,
        "reasons": list(screening.reasons),
    } | asdict(screening) | {"reading": screening.reading.as_data()}  # fmt: skip


@dataclass(frozen=True)
class People(Result):
    """People screened one by one, for the dose as understood."""

    screenings: tuple[Screening, ...]
    dose: StatedDose

    def document(self) -> dict[str, Any]:
        dose = self.dose
        return {
            "schema_version": SCHEMA_VERSION, "compound": dose.compound, "dose": dose.text, "form": dose.form,
            "form_assumed": dose.assumed, "patients": [as_data(s) for s in self.screenings],
        }  # fmt: skip

    def lines(self) -> list[str]:
        return [self.dose.words, *(line for screening in self.screenings for line in as_text(screening))]


def as_text(screening: Screening) -> list[str]:
    """The sentence, what was read and what was not, the rules that bear on the decision, and on what evidence."""
    who = f"{printable(screening.patient)}: " if screening.patient else ""
    lines = ["", f"{who}{sentence(screening)}"]
    lines += [f"  {line}" for line in screening.reading.as_text()]
    for unread in screening.unread:
        near = ", ".join(f"{printable(name)} ({score:.2f})" for name, score in unread.candidates if score)
        lines.append(
            f"  ? {printable(unread.text)!r}: {printable(unread.why)}{f'; candidates: {near}' if near else ''}"
        )
    for hit in (h for h in screening.hits if h.decides != ELIGIBLE):
        lines += _hit(hit)
    for found in (c for c in screening.conditions if c.decides):
        lines += _condition(found)
    aside = [f"{h.drug} {h.rule_id} ({h.match})" for h in screening.hits if h.decides == ELIGIBLE]
    aside += [
        f"{c.condition} {c.rule_id} ({c.origin or c.population})"
        for c in screening.conditions
        if not c.decides
    ]
    lines += [f"  printable, and no bar here: {'; '.join(dict.fromkeys(aside))}"] if aside else []
    lines += [f"  left out: {printable(text)}" for text in screening.ignored]
    lines += [f"  local: {text}" for text in screening.local_rules]
    return [*lines, "", *screening.notes]


def _condition(found: ConditionHit) -> list[str]:
    origin = f"; {found.origin}" if found.origin else ""
    return [
        f"  {found.decides}: {found.condition} ({printable(found.found)}) [{found.rule_id}, {found.severity}{origin}]",
        f"      criterion: {found.criterion}; {found.status}; used by {found.used_by}; {', '.join(found.sources)} ({found.verification})",
        *(f"      another trial: {other}" for other in found.alternatives),
    ]


def _hit(hit: Hit) -> list[str]:
    likeness = "" if hit.confidence == 1 else f", read by likeness with confidence {hit.confidence:.2f}"
    atc = f", {hit.atc}" if hit.atc else ""
    lines = [
        f"  {hit.decides}: {hit.drug} ({hit.drug_class}{atc}) written {printable(hit.written)!r}{likeness} [{hit.rule_id}, {hit.severity}]",
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
