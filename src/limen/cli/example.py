"""`limen example`: the protocols that come with limen, to read and to begin one's own from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import AsJson, among

NAME = "example"


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="An example; without it, what there is.",
            autocompletion=among("limen.protocol.shipped", "example_names"),
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write it into.")] = Path("."),
    force: Annotated[bool, typer.Option("--force", help="Replace a file of this name.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the protocols that come with limen, or write one to a file of your own to change.

    Every command that takes a protocol takes the name of one of these too: `limen answer lsddep2`.

    Example: limen example lsddep2
    """
    from limen import files
    from limen.cli import output
    from limen.protocol import shipped

    if name is None:
        output.show(shipped.shelf(), as_json)
        return
    text = shipped.example(name).read_text(encoding="utf-8")
    written = files.write_text(out / f"{name}.yaml", text, force)
    if as_json:
        output.print_json(dict(schema_version=1, files=[str(written)]))
        return
    typer.echo("\n".join(shipped.begun(written)))
