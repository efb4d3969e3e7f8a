"""`limen check`: is this protocol well formed, and does it say what its author meant?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from limen.errors import ProtocolErrors
    from limen.protocol import Protocol

NAME = "check"
SCHEMA_VERSION = 1


def command(
    protocol: Annotated[
        Path | None, typer.Argument(help="A protocol file (YAML).", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema for editors, and leave.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with code 1 where a `must` that was read is not met.")
    ] = False,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", help="Write the findings as SARIF 2.1.0 for code review.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="Day whose law counts, YYYY-MM-DD; today.")] = None,
) -> None:
    """Read a protocol and say what limen understood, or every mistake in it at once; then hold it to guidance
    and law.

    Each mistake names the file, the line, the field and what would be right; the exit code is then 2.
    Guidance never fails a check by itself: --strict makes a `must` that is not met end with code 1, for use
    in CI. A rule that was recalled and not read again is advisory. What a protocol does not say cannot be
    told: `conduct` holds the fields guidance asks about. Point your editor at the output of --schema to be
    told while you write.
    """
    from limen.errors import LimenError, Place, ProtocolErrors
    from limen.protocol import json_schema, load

    if schema:
        typer.echo(json.dumps(json_schema(), indent=2))
        return
    if protocol is None:
        raise LimenError(
            "no protocol was given", remedy="limen check examples/adhd_20ug.yaml, or limen check --schema"
        )
    try:
        read = load(protocol)
    except ProtocolErrors as error:
        if as_json:
            typer.echo(json.dumps(_refused(protocol, error), indent=2))
        raise
    from limen.analysis.registry import method_named
    from limen.cli import check_guidance
    from limen.regulation.lint import lint
    from limen.regulation.status import day

    method_named(read.analysis.method, Place(file=protocol, field="analysis.method"))
    findings = lint(read, None if on is None else day(on))
    if sarif is not None:
        check_guidance.write_sarif(findings, protocol, sarif)
    if as_json:
        whole = report(protocol, read) | {"guidance": check_guidance.report(findings)}
        typer.echo(json.dumps(whole, indent=2))
    else:
        typer.echo("\n".join([*summary(read), *check_guidance.lines(findings)]))
    if strict and findings.fails:
        raise typer.Exit(check_guidance.NOT_MET)


def report(file: Path, protocol: Protocol) -> dict[str, Any]:
    """What was understood, for programs: the protocol with its defaults, its digest and what follows from
    it."""
    from limen.protocol import digest

    arms = [
        {"name": arm.name, "base_dose": arm.base_dose(), "levels": [list(level) for level in arm.dose_levels]}
        for arm in protocol.arms
    ]
    understood = {
        "base_form": protocol.record.base,
        "base_unit": protocol.record.unit,
        "arms": arms,
        "participants": protocol.participants,
        "dosing_days": list(protocol.schedule.dosing_days()),
        "visit_weeks": list(protocol.visits.weeks),
        "primary": protocol.primary.id,
    }
    head = {"schema_version": SCHEMA_VERSION, "file": str(file), "ok": True, "digest": digest(protocol)}
    return head | {"understood": understood, "protocol": protocol.model_dump(mode="json")}


def _refused(file: Path, errors: ProtocolErrors) -> dict[str, Any]:
    mistakes = [
        {"what": e.what, "line": e.where.line, "field": e.where.field, "remedy": e.remedy}
        for e in errors.errors
    ]
    return {"schema_version": SCHEMA_VERSION, "file": str(file), "ok": False, "mistakes": mistakes}


def summary(protocol: Protocol) -> list[str]:
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
        *([f"  periods     {_periods(protocol)}"] if protocol.design == "crossover" else []),
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
    lines = []
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
