"""`limen protocol`: protocols from files of other people's making, and written for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.options import Force

NAME = "protocol"
app = typer.Typer(
    no_args_is_help=True, help="Drafts of protocols from registry records and USDM; protocols as USDM."
)
Json = Annotated[bool, typer.Option("--json", help="Print the draft and what it leaves open as JSON.")]
Out = Annotated[Path, typer.Option("--out", help="Folder to write it into.")]


@app.command("from-registry")
def from_registry(
    record: Annotated[Path, typer.Argument(help="A record of ClinicalTrials.gov as JSON (API version 2).")],
    study: Annotated[str | None, typer.Option("--study", help="NCT number, in a file of several.")] = None,
    out: Out = Path("."),
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Draft a protocol from a registry record: what it guesses, what you must fill in, and what it did not read.

    Writes NCT....yaml. Every guess is a comment above its field with the sentence of the record it came from; what no
    field holds is named. Fill in what `limen check` asks for, and read every guess: a record leaves more open than it
    says.

    Example: limen protocol from-registry NCT05259943.json
    """
    from limen import door
    from limen.cli import output

    draft = door.from_registry(record, study)
    written = draft.save(out, force)
    output.show(draft, as_json, written)
    output.wrote([written])
