from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Read the posterior that ships (or that of --out) and its hashes; fit nothing."
        ),
    ] = False,
    design: Annotated[
        int, typer.Option(min=600, help="Simulated trials of each set of participants that the fit rests on.")
    ] = 1500,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the draws (CSV) and their record (JSON).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print everything but the draws as JSON.")] = False,
) -> None:
    """Fit course, noticing, belief, guesses and leaving jointly to published summaries.

    Trials of each published size are simulated over the priors, quadratics in the parameters are put in the walk's place,
    and NUTS draws from the posterior: of everything, and without each study in turn, so that no study is predicted by
    what has seen it. What the quadratics leave over widens every interval. Takes minutes; without a folder it only prints.

    Every simulated page draws from the posterior that ships; `make calibrate` puts another in its place. R-hat, effective draws
    and divergences are printed, and each published value beside its interval with its study left out. A missing or altered
    file is an error.

    Example: limen calibrate --check
    """
    from limen import files
    from limen.calibration.posterior import read_calibrated, write_calibrated
    from limen.cli import output
    from limen.parameters.posterior import RECORD, TABLE

    if check:
        output.show(read_calibrated(out), json)
        return
    if out is not None:
        files.ready(out)
        for name in (TABLE, RECORD) if not force else ():
            files.vacant(out / name)
    from limen.calibration.calibrate import calibrate, simulated_people

    with output.long_run("simulating trials", simulated_people(design), not json) as tick:
        found = calibrate(design, seed, tick)
    output.show(found, json)
    if out is not None:
        output.wrote(write_calibrated(found, out, force))
