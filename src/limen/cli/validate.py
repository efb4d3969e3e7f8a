from __future__ import annotations

from typing import Annotated

import typer

NAME = "validate"

app = typer.Typer(help="limen beside published numbers, whatever comes out.", no_args_is_help=True)


@app.command("pk")
def pk(
    seed: Annotated[int, typer.Option(min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Every published exposure that was read in a source, beside the simulated value and interval.

    A cause for a row outside is given only where the facts state one; otherwise it is unexplained.
    """
    from limen.calibration.beside import exposures
    from limen.cli import output
    from limen.engine import runs

    runs.cache_compiled_programs()
    output.show(exposures(seed), json)


@app.command("trials")
def trials(
    seed: Annotated[int, typer.Option(min=0)] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Published trials replayed: the percentile of each published value in what limen predicts, at delta 0, 0.2, 0.4.

    What the parameters were calibrated to is listed apart: it is no evidence for the model.
    """
    from limen.calibration.beside import replayed
    from limen.cli import output
    from limen.engine import runs

    runs.cache_compiled_programs()
    output.show(replayed(seed), json)
