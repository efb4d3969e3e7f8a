"""What guidance and law say to a protocol, for people, programs and code review."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limen.regulation.lint import Finding, Report

NOT_MET = 1


def report(found: Report) -> dict[str, Any]:
    """Every finding, with what was counted and whether `--strict` would stop at it."""
    outcomes = ("met", "not met", "cannot tell", "not applicable")
    return {
        "fails": found.fails,
        "counts": {outcome: found.count(outcome) for outcome in outcomes},
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


def lines(found: Report) -> list[str]:
    """What is not met in full, what cannot be told by the field that would settle it, and where the trial
    runs."""
    law = [f for f in found.findings if f.rule_id.startswith("JUR-")]
    rules = [f for f in found.findings if f not in law]
    counts = ", ".join(f"{found.count(o)} {o}" for o in ("met", "not met", "cannot tell", "not applicable"))
    text = [f"  guidance    {counts}"]
    text += [line for f in rules if f.outcome == "not met" for line in _shown(f)]
    open_fields: dict[str, list[str]] = {}
    for f in rules:
        if f.outcome == "cannot tell":
            open_fields.setdefault(f.field, []).append(f.rule_id)
    if open_fields:
        text.append("    cannot tell; say it in:")
        text += [f"      {field}: {', '.join(ids)}" for field, ids in open_fields.items()]
    for f in law:
        text.append(f"  law         {f.requirement}")
        text.append(f"    {f.outcome}: {f.why} [{', '.join(f.sources) or 'no source'}]")
    return text


def _shown(f: Finding) -> list[str]:
    mark = " (advisory: recalled)" if f.advisory else ""
    source = f"source: {', '.join(f.sources)}, {f.locator}"
    return [f"    {f.rule_id} {f.strength}, {f.issuer}: not met{mark}: {f.why}",
            f"      {f.requirement}; field: {f.field or 'none'}; {source}"]  # fmt: skip


def write_sarif(found: Report, protocol: Path, path: Path) -> None:
    """SARIF beside the protocol's lines, written whole or not at all. Raises OutputError for a bad place."""
    from limen import __version__
    from limen.errors import OutputError, Place
    from limen.regulation.sarif import sarif

    log = sarif(found, protocol, protocol.read_text(encoding="utf-8"), __version__)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(log, indent=2) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"cannot be written ({error.strerror})", Place(file=path), "check the folder"
        ) from None
