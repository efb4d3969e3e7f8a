from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Force, Prior, ProtocolFile, Seed, taking

NAME = "trial"


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    protocol: ProtocolFile
    trials: Annotated[int, typer.Option(min=1, max=10000, help="How many trials to simulate.")] = 1
    seed: Seed = 1
    out: Annotated[Path, typer.Option(help="Folder for the data.")] = Path("limen-out")
    truth: Annotated[
        int,
        typer.Option(
            min=0,
            max=1_000_000,
            help="Also each estimand's true value, from so many people a trial's parameters; 0: not.",
        ),
    ] = 0
    adam: Annotated[
        bool,
        typer.Option(
            "--adam", help="Also as ADSL, ADQS and ADPC: CSV, Parquet, SAS transport (needs pyreadstat)."
        ),
    ] = False
    prior: Prior = False
    force: Force = False
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False


@taking(Options)
def command(given: Options) -> None:
    """Simulate whole trials of a protocol, each under its own draw of the parameters, and write their data.

    One row per person and visit, as Parquet and CSV. With --adam, a folder of analysis data sets beside it (ADaM: people,
    scores, plasma concentrations) that R and SAS read, with a file that says what each variable is.

    With --truth, the true value in the model of each estimand: treatment policy, hypothetical, composite.

    Example: limen trial examples/adhd_20ug.yaml --trials 100
    """
    from limen import door, files
    from limen.cli import output
    from limen.exchange.adam import writer
    from limen.parameters import priors

    question, stem = door.load(given.protocol), given.protocol.stem
    files.ready(given.out)
    if given.adam:
        writer()
    if not given.force:
        for ending in ("parquet", "csv"):
            files.vacant(given.out / f"{stem}-trials.{ending}")
        if given.adam:
            files.vacant(given.out / f"{stem}-adam")
    total = given.trials * (question.participants + given.truth)
    with priors(given.prior), output.long_run("simulating trials", total, not given.json) as tick:
        found = door.trial(question, given.trials, given.seed, tick, given.truth)
        found = found.save(given.out, f"{stem}-trials", given.force)
        if given.adam:
            found = door.adam(found, given.out / f"{stem}-adam", stem, given.force)
    output.show(found, given.json)
