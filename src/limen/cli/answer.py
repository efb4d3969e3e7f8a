from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Prior, ProtocolFile, Seed, Workers, taking

NAME = "answer"


@dataclass(frozen=True)
class Options:
    """What may be said to it."""

    protocol: ProtocolFile
    draws: Annotated[
        int, typer.Option(min=20, max=10000, help="Parameter draws: the outer uncertainty loop.")
    ] = 200
    people: Annotated[int, typer.Option(min=50, max=1000000, help="Virtual participants for each draw.")] = (
        1000
    )
    seed: Seed = 1
    out: Annotated[Path, typer.Option(help="Folder for the dossier.")] = Path("limen-out")
    workers: Workers = 2
    on: Annotated[
        str | None,
        typer.Option("--on", help="Day whose law counts, YYYY-MM-DD; today. Nothing else depends on it."),
    ] = None
    prior: Prior = False
    force: Annotated[
        bool, typer.Option("--force", help="Replace the dossier of another protocol that is there.")
    ] = False
    long: Annotated[
        bool,
        typer.Option("--long", help="Open on the page what is folded: every table, parameter and reference."),
    ] = False
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON instead of a summary.")] = (
        False
    )


@taking(Options)
def command(given: Options) -> None:
    """Answer a protocol: what the dose does, who would notice, what the trial would show, and how sure that is.

    Writes one self-contained HTML page, the same as JSON, and simulated trial data as Parquet and CSV.

    Example: limen answer examples/lsddep2.yaml --out dossiers
    """
    import shlex
    from datetime import date

    from limen import door, files
    from limen.cli import output
    from limen.figures.theme import begin_drawing
    from limen.parameters import priors
    from limen.regulation.status import iso_day

    question = door.load(given.protocol)
    when = date.today() if given.on is None else iso_day(given.on)
    files.ready(given.out)
    begin_drawing()
    from limen.dossier.dossier import replaces

    stem, size = given.protocol.stem, (given.draws, given.people, given.seed)
    replaced = not given.force and replaces(given.out, stem, question.name)
    told = ("--draws", given.draws, "--people", given.people, "--seed", given.seed, "--on", when)
    told += ("--prior",) * given.prior
    shown = shlex.join(map(str, ("limen", "answer", given.protocol, *told)))
    with (
        priors(given.prior),
        output.long_run("simulating people", given.draws * given.people, not given.json) as tick,
    ):
        found = door.answer(question, *size, workers=given.workers, on=when, tick=tick, command=shown)
        written = found.save(given.out, stem, given.force, given.long)
    output.show(found, given.json)
    if not given.json:
        typer.echo("\n".join(found.told(written, replaced)))
