from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Prior

NAME = "validate"

app = typer.Typer(help="limen beside published numbers, whatever comes out.", invoke_without_command=True)
EXPOSED = ("exposure", "occupancy")
OF_TRIALS = ("noticing and guessing", "dose-day ratings", "course", "trials", "leaving and adverse events")
Draws = Annotated[int, typer.Option(min=10, help="Draws of the parameters.")]
People = Annotated[int, typer.Option(min=10, help="About how many people for each draw.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1)]
Json = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]


@app.callback()
def everything(
    context: typer.Context,
    draws: Draws = 200,
    people: People = 600,
    seed: Seed = 1,
    prior: Prior = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page, the table (Parquet, CSV) and the JSON.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    json: Json = False,
) -> None:
    """Every published value that limen claims to predict beside its 90% predictive interval, whatever comes out.

    What parameters were set with in sight is kept apart from what was predicted. Coverage, sharpness and scores against
    a climatology forecast; the hash of the parameters; every failure, discussed. Ended in the middle, the same command
    goes on where it stood. Without a folder it only prints.

    Example: limen validate --out validated
    """
    from limen.parameters import priors

    if context.invoked_subcommand is None:
        with priors(prior):
            _validated((), (draws, people, seed), json, out, force)


@app.command("pk")
def pk(draws: Draws = 200, seed: Seed = 1, json: Json = False) -> None:
    """Published exposure and occupancy alone, beside what is simulated, and the rows that cannot be compared."""
    _validated(EXPOSED, (draws, 600, seed), json)


@app.command("trials")
def trials(
    draws: Draws = 200, people: People = 600, seed: Seed = 1, prior: Prior = False, json: Json = False
) -> None:
    """Published trials replayed alone: guesses, ratings, courses, differences, and who left.

    Scores are shown at delta 0, 0.2 and 0.4 too.
    """
    from limen.parameters import priors

    with priors(prior):
        _validated(OF_TRIALS, (draws, people, seed), json)


def _validated(
    groups: tuple[str, ...],
    size: tuple[int, int, int],
    json: bool,
    out: Path | None = None,
    force: bool = False,
) -> None:
    from limen import door, files
    from limen.calibration.validation import work
    from limen.cli import output
    from limen.dossier.validated import NAMES, write_validation

    if out is not None:
        files.ready(out)
        for name in NAMES if not force else ():
            files.vacant(out / name)
    total = work(groups, *size)
    with output.long_run("validating", total, not json) as tick:
        found = door.validate(groups, *size, tick)
    output.show(found, json)
    if out is not None:
        output.wrote(write_validation(found, out, force))
