"""A protocol as understood, held to guidance and law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from limen.parameters import load
from limen.parameters.announced import Announced, announced
from limen.protocol import Protocol, understood
from limen.regulation.events import marked
from limen.regulation.lint import Finding, Report, lint
from limen.results import Result

SAID = ("met", "not met", "cannot tell", "not applicable")


@dataclass(frozen=True)
class ProtocolCheck(Result):
    """`protocol` with its defaults, `guidance`: what rules and law say to it, `scored`: whether an answer to it will hold a
    verdict, and `warnings`: what every result of it will warn of."""

    protocol: Protocol
    guidance: Report
    scored: Announced
    warnings: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        verdict = {"scored": self.scored.why is None, "why_not": self.scored.why}
        told = {"verdict": verdict, "warnings": list(self.warnings), "guidance": reported(self.guidance)}
        return understood.document(self.protocol) | told

    def rows(self) -> Sequence[Mapping[str, Any]]:
        return [asdict(finding) for finding in self.guidance.findings]

    def lines(self) -> list[str]:
        warned = [f"  warning     {text}" for text in self.warnings]
        said = f"  verdict     {self.scored.told}"
        return [*understood.told(self.protocol), said, *warned, *held(self.guidance)]


def check_protocol(
    protocol: Protocol, on: date | None = None, warnings: tuple[str, ...] = ()
) -> ProtocolCheck:
    """Say what was understood of a protocol, and hold it to guidance and to the law of a day, today if left out; `warnings`
    come from the rooms that will answer it."""
    return ProtocolCheck(protocol, lint(protocol, on), announced(protocol, load()), warnings)


def reported(found: Report) -> dict[str, Any]:
    """Every finding, with what was counted and whether `--strict` would stop at it."""
    return {
        "fails": found.fails,
        "counts": {outcome: found.count(outcome) for outcome in SAID},
        "findings": [
            {
                "rule_id": f.rule_id,
                "issuer": f.issuer,
                "domain": f.domain,
                "strength": f.strength,
                "advisory": f.advisory,
                "requirement": f.requirement,
                "outcome": f.outcome,
                "why": f.why,
                "field": f.field or None,
                "sources": list(f.sources),
                "locator": f.locator,
                "verification": f.verification,
                "fails": f.fails,
            }
            for f in found.findings
        ],
    }


def held(found: Report) -> list[str]:
    """What is not met in full, what cannot be told by the field that would settle it, and where the trial
    runs."""
    law = [f for f in found.findings if f.rule_id.startswith("JUR-")]
    rules = [f for f in found.findings if f not in law]
    counts = ", ".join(f"{found.count(o)} {o}" for o in SAID)
    text = [f"  guidance    {counts}"]
    text += [line for f in rules if f.outcome == "not met" for line in _shown(f)]
    open_fields: dict[str, list[str]] = {}
    for f in rules:
        if f.outcome == "cannot tell":
            open_fields.setdefault(f.field, []).append(f.rule_id)
    if open_fields:
        text.append("    cannot tell; say it in (--json has what each asks):")
        text += [f"      {field}: {', '.join(ids)}" for field, ids in open_fields.items()]
    if not law:
        text.append("  law         not looked up: no place is named under jurisdiction")
    for f in law:
        text.append(f"  law         {f.requirement}{marked(f.verification)}")
        text.append(f"    {f.outcome}: {f.why} [{', '.join(f.sources) or 'no source'}]")
    return text


def _shown(f: Finding) -> list[str]:
    mark = marked(f.verification)
    source = f"source: {', '.join(f.sources)}, {f.locator}"
    return [f"    {f.rule_id} {f.strength}, {f.issuer}: not met{mark}: {f.why}",
            f"      {f.requirement}; field: {f.field or 'none'}; {source}"]  # fmt: skip
