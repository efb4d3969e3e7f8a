"""`limen monitor`: stopping rules applied to visit data, or a protocol's monitoring plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli import output
from limen.cli.options import COMPOUNDS, AsJson


def command(
    data: Annotated[
        Path, typer.Argument(help="Visit data (CSV, one row a visit), or a protocol (YAML) for its plan.")
    ],
    compound: Annotated[str, typer.Option(help="LSD or psilocybin.", autocompletion=COMPOUNDS)] = "LSD",
    thresholds: Annotated[
        Path | None,
        typer.Option(help="TOML with local limits of editorial rules, such as MON037 = [150, 95]."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column to leave out, by its name; give it again for another.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name each stopping rule that visit data meet, the values, and the action; or print a protocol's plan by visit.

    Columns: person, visit, date, and measures such as sbp, dbp, hr, temperature_c, qtcf, cssrs, madrs, madrs_10, ymrs,
    alt, ast and the Hunter signs (0 or 1); another unit than the rules' stands in the name, as in `sbp (kPa)`. Visits
    are ordered by date, else by their names (baseline, week 4); rises are judged from the baseline. Rows of one visit
    are its readings. An unknown column is refused. Editorial limits are proposals that need clinical sign-off.
    """
    from limen.safety.rules.interactions import compound_name

    if data.suffix.casefold() in (".yaml", ".yml"):
        from limen.protocol import load
        from limen.safety.monitoring.monitoring import Watch, plan

        output.show(Watch(plan(load(data))), as_json)
        return
    from limen.safety.monitoring.visits import local_thresholds, watch_file

    found = watch_file(
        data, compound_name(compound), local_thresholds(thresholds) if thresholds else {}, tuple(ignore or ())
    )
    output.show(found, as_json)
