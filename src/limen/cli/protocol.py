"""`limen protocol`: protocols read from files of other people's making, and written for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limen.cli.options import Force, ProtocolFile

if TYPE_CHECKING:
    from limen.exchange.draft import Draft

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

    _saved(door.from_registry(record, study), out, force, as_json)


@app.command("from-usdm")
def from_usdm(
    document: Annotated[Path, typer.Argument(help="A USDM document (CDISC) as JSON, version 3 or 4.")],
    out: Out = Path("."),
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Read a protocol from a USDM document: as it was where limen wrote it, else a draft.

    Writes NAME.yaml. What another tool changed in a document of limen's is taken, and said.

    Example: limen protocol from-usdm lsddep2.usdm.json --out drafts
    """
    from limen import door

    _saved(door.from_usdm(document), out, force, as_json)


def _saved(draft: Draft, out: Path, force: bool, as_json: bool) -> None:
    from limen.cli import output

    written = draft.save(out, force)
    output.show(draft, as_json, written)
    output.wrote([written])


@app.command("to-usdm")
def to_usdm(
    protocol: ProtocolFile,
    out: Out = Path("."),
    force: Force = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document itself.")] = False,
) -> None:
    """Write a protocol as USDM (CDISC, version 4), and name the fields that stand in extension attributes.

    Writes NAME.usdm.json. Arms, people, doses, epochs, visits, outcomes, criteria and masking stand where USDM has them;
    every other field is kept beside them, so that reading the document gives the same protocol.

    Example: limen protocol to-usdm examples/lsddep2.yaml
    """
    from limen import door
    from limen.cli import output

    made = door.to_usdm(door.load(protocol))
    written = made.save(out, protocol.stem, force)
    output.show(made, as_json)
    output.wrote([written])
