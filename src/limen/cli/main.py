"""The `limen` command. Each command is one module of this folder; its heavy imports wait until it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from limen import __version__
from limen.cli import (
    analyse,
    answer,
    check,
    evidence,
    model,
    monitor,
    regulation,
    screen,
    simulate,
    trial,
    validate,
)
from limen.cli.guard import guarded

EPILOG = "A research instrument: it helps design, analyse and judge trials. It never advises anybody on taking a drug."

app = typer.Typer(
    name="limen",
    help="A laboratory for psychedelic microdosing research: a protocol in, a dossier out.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=dict(help_option_names=["-h", "--help"]),
)

for module in (answer, check, simulate, trial, analyse, regulation, screen, monitor, model):
    app.command(name=module.NAME)(guarded(module.command))

for group in (evidence, validate):
    for registered in group.app.registered_commands:
        assert registered.callback is not None
        registered.callback = guarded(registered.callback)
    app.add_typer(group.app, name=group.NAME)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    pass
