"""`limen nca`: concentrations of people after one dose in, areas, half-lives and clearances out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from limen.cli import output
from limen.cli.options import AsJson, Only, taking

NAME = "nca"


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    data: Annotated[Path, typer.Argument(help="A table, one row per person and time.", show_default=False)]
    id: Annotated[str | None, typer.Option(help="Column that names the person.")] = None
    time: Annotated[str | None, typer.Option(help="Column of the time since the dose.")] = None
    conc: Annotated[str | None, typer.Option(help="Column of the concentration.")] = None
    dose: Annotated[
        float | None,
        typer.Option(help="The dose, for clearance and volumes, in the unit of concentration x volume."),
    ] = None
    bolus: Annotated[
        bool, typer.Option("--bolus", help="Into a vein at once: the start is extrapolated, not zero.")
    ] = False
    rule: Annotated[
        Literal["linear", "log"], typer.Option(help="Trapezoids: linear, or linear up and log down.")
    ] = "linear"
    only: Only = None
    as_json: AsJson = False


@taking(Options)
def command(given: Options) -> None:
    """Non-compartmental analysis of concentrations after one dose: peak, areas, terminal half-life, clearance, volumes.

    Example: limen nca plasma.csv --id subject --time hours --conc ng_ml --dose 10000
    """
    from limen.analysis.nca import kinetics

    columns = {
        name: column for name in ("id", "time", "conc") if (column := getattr(given, name)) is not None
    }
    found = kinetics(
        given.data, columns, dose=given.dose, bolus=given.bolus, rule=given.rule, only=given.only or ()
    )
    output.show(found, given.as_json)
