from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

NAME = "answer"


def command(
    protocol: Annotated[Path, typer.Argument(help="A protocol file (YAML), or the name of an example.")],
    draws: Annotated[
        int, typer.Option(min=20, max=10000, help="Parameter draws: the outer uncertainty loop.")
    ] = 200,
    people: Annotated[
        int, typer.Option(min=50, max=1000000, help="Virtual participants for each draw.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same machine: the same bits.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the dossier.")] = Path("limen-out"),
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Threads; the result does not depend on them.")
    ] = 2,
    on: Annotated[
        str | None,
        typer.Option("--on", help="Day whose law counts, YYYY-MM-DD; today. Nothing else depends on it."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the dossier of another protocol that is there.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON instead of a summary.")
    ] = False,
) -> None:
    """Answer a protocol: what the dose does, who would notice, what the trial would show, and how sure that is.

    Writes one self-contained HTML page, the same as JSON, and simulated trial data as Parquet and CSV.

    Example: limen answer examples/lsddep2.yaml --out dossiers
    """
    import shlex
    from datetime import date

    from limen import door, files
    from limen.cli import output
    from limen.regulation.status import iso_day

    question = door.load(protocol)
    when = date.today() if on is None else iso_day(on)
    files.ready(out)
    from limen.dossier.dossier import replaces

    replaced = not force and replaces(out, protocol.stem, question.name)
    words = ["limen", "answer", str(protocol), "--draws", draws, "--people", people, "--seed", seed]
    shown = shlex.join([*map(str, words), "--on", str(when)])
    with output.progress("simulating people", draws * people, not json) as tick:
        found = door.answer(question, draws, people, seed, workers=workers, on=when, tick=tick, command=shown)
    written = found.save(out, protocol.stem, force)
    output.show(found, json)
    if not json:
        typer.echo("\n".join(found.told(written, replaced)))
