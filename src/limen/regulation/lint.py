"""A protocol against guidance and law: every rule with its answer, and what applies where the trial runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from limen.facts.read import read
from limen.protocol.model import Protocol
from limen.regulation import rules
from limen.regulation.rules import Outcome
from limen.regulation.status import Status, status_on
from limen.results import Result

Strength = Literal["must", "should", "consider", "info"]


@dataclass(frozen=True)
class Finding:
    """One rule and what the protocol says to it. A recalled rule is advisory: it never fails a check."""

    rule_id: str
    issuer: str
    domain: str
    strength: Strength
    requirement: str
    outcome: Outcome
    why: str
    field: str
    sources: tuple[str, ...]
    locator: str
    verification: str

    @property
    def advisory(self) -> bool:
        return self.verification == "recalled"

    @property
    def fails(self) -> bool:
        """A `must` that is not met, on a rule that was read: what `--strict` stops at."""
        return self.strength == "must" and self.outcome == "not met" and not self.advisory


@dataclass(frozen=True)
class Report(Result):
    """Findings in the order of the guidance table, then one for each place the trial runs in."""

    findings: tuple[Finding, ...]
    places: tuple[Status, ...]

    @property
    def fails(self) -> bool:
        return any(finding.fails for finding in self.findings)

    def count(self, outcome: Outcome) -> int:
        return sum(finding.outcome == outcome for finding in self.findings)


def lint(protocol: Protocol, on: date | None = None) -> Report:
    """Every rule of `regulation/guidance` and the law of each jurisdiction on `on` (today if left out).

    >>> import limen
    >>> limen.lint(limen.load("lsddep2")).count("not met") > 0
    True
    """
    day = on or date.today()
    places = where(protocol, day)
    return Report((*map(lambda row: _finding(protocol, row.key), read("regulation/guidance")),
                   *(_law(protocol, place) for place in places)), places)  # fmt: skip


def where(protocol: Protocol, on: date) -> tuple[Status, ...]:
    """The status of what the trial gives in each of its jurisdictions: dried mushrooms are asked for as
    such."""
    materials = (arm.given.law for arm in protocol.active_arms if arm.given is not None and arm.given.law)
    compound = next(materials, protocol.record.law)
    return tuple(status_on(place, compound, on) for place in protocol.jurisdiction)


def _finding(protocol: Protocol, rule_id: str) -> Finding:
    row = read("regulation/guidance").row(rule_id)
    answer = rules.RULES[rule_id](protocol)
    return Finding(
        rule_id=rule_id,
        issuer=row["issuer"],
        domain=row["domain"],
        strength=_strength(row["strength"]),
        requirement=row["requirement"],
        outcome=answer.outcome,
        why=answer.why,
        field=answer.field,
        sources=row.sources,
        locator=row["locator"],
        verification=row["verification"],
    )


def _law(protocol: Protocol, place: Status) -> Finding:
    """Which schedule applies there, and whether the licence that research needs is named."""
    event = place.event
    rights = {right: words for right, words, _ in place.allows}
    needed = rights.get("research", "")
    answer = rules.Answer("cannot tell", "no law of that place is in the data", "jurisdiction")
    if place.certainty == "in force" and needed:
        name = "dea_registration" if place.answered_for == "US" else "licence"
        answer = rules.says(protocol, name)
    elif place.certainty == "in force":
        answer = rules.Answer(
            "cannot tell",
            "what research needs there is not in the data; ask the authority",
            "conduct.licence",
        )
    elif place.certainty == "cannot tell":
        answer = rules.Answer("cannot tell", "the date of the change is not known to the day", "jurisdiction")
    says = f"{place.compound} in {place.jurisdiction} on {place.on}: {place.status}"
    return Finding(
        rule_id=f"JUR-{place.jurisdiction}",
        issuer=event.authority if event else "law",
        domain="legal",
        strength="must" if needed else "info",
        requirement=says + (f"; research {needed}" if needed else ""),
        outcome=answer.outcome,
        why="; ".join((answer.why, *place.remarks)),
        field=answer.field,
        sources=event.sources if event else (),
        locator=f"{event.event_id}, {event.locator}" if event else f"data reach to {place.reach}",
        verification=event.verification if event else "not_found",
    )


def _strength(text: str) -> Strength:
    known: dict[str, Strength] = {"must": "must", "should": "should", "consider": "consider", "info": "info"}
    return known[text]
