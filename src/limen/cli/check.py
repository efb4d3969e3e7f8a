"""`limen check`: is this protocol well formed, and does it say what its author meant?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen import __version__
from limen.cli.options import PROTOCOL, AsJson, protocols

NAME = "check"
NOT_MET = 1


def command(
    protocol: Annotated[
        Path | None,
        typer.Argument(help=PROTOCOL, show_default=False, autocompletion=protocols),
    ] = None,
    as_json: AsJson = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema for editors, and leave.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with code 1 where a `must` that was read is not met.")
    ] = False,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", help="Write the findings as SARIF 2.1.0 for code review.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="Day whose law counts, YYYY-MM-DD; today.")] = None,
) -> None:
    """Read a protocol and say what limen understood, or every mistake in it at once; then hold it to guidance
    and law.

    Each mistake names the file, the line, the field and what would be right; the exit code is then 2.
    Guidance never fails a check by itself: --strict makes a `must` that is not met end with code 1, for use
    in CI. A rule that was recalled and not read again is advisory. What a protocol does not say cannot be
    told: `conduct` holds the fields guidance asks about. Point your editor at the output of --schema to be
    told while you write.
    """
    from limen import door, files
    from limen.analysis.registry import method_named
    from limen.cli import output
    from limen.errors import LimenError, Place, ProtocolErrors
    from limen.protocol import json_schema, understood

    if schema:
        typer.echo(files.json_text(json_schema()))
        return
    if protocol is None:
        raise LimenError(
            "no protocol was given", remedy="limen check examples/adhd_20ug.yaml, or limen check --schema"
        )
    try:
        read = door.load(protocol)
    except ProtocolErrors as error:
        if as_json:
            output.print_json(understood.refused(error), protocol)
        raise
    method_named(read.analysis.method, Place(file=protocol, field="analysis.method"))
    found = door.check(read, on)
    if sarif is not None:
        from limen.regulation.sarif import sarif as log

        text = protocol.read_text(encoding="utf-8")
        files.write_json(sarif, log(found.guidance, protocol, text, __version__))
    output.show(found, as_json, protocol)
    if strict and found.guidance.fails:
        raise typer.Exit(NOT_MET)
