"""The findings as SARIF 2.1.0, which code-review tools show beside the lines of the protocol file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limen.regulation.lint import Finding, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"must": "error", "should": "warning", "consider": "note", "info": "note"}
KINDS = {"met": "pass", "not met": "fail", "cannot tell": "review", "not applicable": "notApplicable"}


def sarif(report: Report, file: Path | str, text: str, version: str) -> dict[str, Any]:
    """One run with a rule and a result for each finding; `text` is the file, to point at lines."""
    rules = [
        {
            "id": finding.rule_id,
            "shortDescription": {"text": finding.requirement},
            "fullDescription": {"text": f"{finding.issuer}, {finding.strength}: {finding.requirement}"},
            "help": {
                "text": f"Source: {'; '.join(finding.sources)} ({finding.locator}; {finding.verification})"
            },
            "properties": {
                "domain": finding.domain,
                "strength": finding.strength,
                "advisory": finding.advisory,
            },
        }
        for finding in report.findings
    ]
    lines = text.splitlines()
    results = [_result(number, finding, str(file), lines) for number, finding in enumerate(report.findings)]
    driver = {"name": "limen check", "version": version, "rules": rules}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(number: int, finding: Finding, file: str, lines: list[str]) -> dict[str, Any]:
    kind = KINDS[finding.outcome]
    level = ("note" if finding.advisory else LEVELS[finding.strength]) if kind == "fail" else "none"
    message = f"{finding.outcome}: {finding.why}" + (f" (field {finding.field})" if finding.field else "")
    place = {"artifactLocation": {"uri": file}, "region": {"startLine": line_of(finding.field, lines)}}
    return {
        "ruleId": finding.rule_id,
        "ruleIndex": number,
        "kind": kind,
        "level": level,
        "message": {"text": message},
        "locations": [{"physicalLocation": place}],
    }


def line_of(field: str, lines: list[str]) -> int:
    """The line that holds the field, or its nearest parent that the file has; the first line where neither is
    there."""
    first = field.split(",")[0].split(".")
    found = 1
    start = 0
    for depth, name in enumerate(first):
        for number in range(start, len(lines)):
            line = lines[number]
            indented = line[:1] in (" ", "-")
            if line.lstrip(" -").startswith(f"{name}:") and indented == (depth > 0):
                found, start = number + 1, number + 1
                break
        else:
            break
    return found
