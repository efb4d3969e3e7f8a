"""`limen monitor`: stopping rules applied to visit data, or a protocol's monitoring plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "monitor"
SCHEMA_VERSION = 1


def command(
    data: Annotated[
        Path, typer.Argument(help="Visit data (CSV, one row a visit), or a protocol (YAML) for its plan.")
    ],
    compound: Annotated[str, typer.Option(help="LSD or psilocybin.")] = "LSD",
    thresholds: Annotated[
        Path | None,
        typer.Option(help="TOML with local limits of editorial rules, such as MON037 = [150, 95]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Name each stopping rule that visit data meet, the values, and the action; or print a protocol's plan by visit.

    Columns: person, visit, and measures such as sbp, dbp, hr, temperature_c, qtcf, cssrs, madrs, madrs_10, ymrs and the
    Hunter signs (0 or 1). Rows of a person are in time order; the first is the baseline. Editorial limits are proposals
    that need clinical sign-off.
    """
    import json
    from dataclasses import asdict

    from limen.safety.rules.interactions import compound_name

    if data.suffix.casefold() in (".yaml", ".yml"):
        from limen.protocol import load
        from limen.safety.monitoring.monitoring import plan

        visits = plan(load(data))
        if as_json:
            typer.echo(
                json.dumps({"schema_version": SCHEMA_VERSION, "plan": [asdict(v) for v in visits]}, indent=2)
            )
            return
        for visit in visits:
            typer.echo(visit.name)
            for check in visit.checks:
                sign_off = f" ({check.sign_off})" if check.sign_off else ""
                typer.echo(
                    f"  [ ] {check.measure}: {check.instrument} [{check.rule_id}] {check.action}{sign_off}"
                )
        return
    from limen.safety.monitoring.visits import local_thresholds, watch_file

    alerts = watch_file(data, compound_name(compound), local_thresholds(thresholds) if thresholds else {})
    if as_json:
        typer.echo(
            json.dumps({"schema_version": SCHEMA_VERSION, "alerts": [asdict(a) for a in alerts]}, indent=2)
        )
        return
    for alert in alerts:
        values = ", ".join(f"{name} {value:g}" for name, value in alert.values)
        typer.echo(f"{alert.person}, visit {alert.visit}: {alert.level.upper()} [{alert.rule_id}] {values}")
        typer.echo(
            f"    rule: {alert.rule}\n    action: {alert.action}"
            + (f"\n    {alert.sign_off}" if alert.sign_off else "")
        )
    typer.echo(f"{len(alerts)} stopping rules met" if alerts else "no stopping rule is met")
