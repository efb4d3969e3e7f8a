"""The `limen` command. Each command is one module of this folder, loaded when it is asked for or listed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from limen import __version__
from limen.cli import look  # noqa: F401  # dresses Typer
from limen.cli.guard import guarded

EPILOG = "A research instrument: it helps design, analyse and judge trials. It never advises anybody on taking a drug."
COMMANDS = (
    "answer", "turn", "check", "example", "simulate", "trial", "design", "analyse", "blinding", "nca", "regulation", "screen",
    "monitor", "model", "calibrate",
)  # fmt: skip
GROUPS = ("evidence", "power", "protocol", "validate")

app: typer.Typer  # every command; made when it is asked for


class _AsTyped:
    """What is taken as typed: Typer asks Pydantic for every value, whose import costs more than many a command."""

    def __init__(self, descriptor: Any):
        self.descriptor = descriptor

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        kind = self.descriptor.annotation
        if type(value) is kind or (value is None and not param.multiple and param.nargs != -1):
            return value
        if kind is Path and isinstance(value, str):
            return Path(value)
        from typer._coercion import build_runtime_param

        return build_runtime_param(self.descriptor).coerce(value, param=param, ctx=ctx)


typer.core.build_runtime_param = _AsTyped  # type: ignore[assignment]


@cache
def application(only: str = "") -> typer.Typer:
    """The application: all commands, or the one of this name."""
    made = typer.Typer(
        name="limen",
        help="A laboratory for psychedelic microdosing research: a protocol in, a dossier out.",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings=dict(help_option_names=["-h", "--help"]),
    )
    made.callback()(options)
    for name in (only,) if only in (*COMMANDS, *GROUPS) else (*COMMANDS, *GROUPS):
        module = import_module(f"limen.cli.{name}")
        if name in COMMANDS:
            made.command(name=name)(guarded(module.command))
            continue
        for registered in (*module.app.registered_commands, module.app.registered_callback):
            if registered is not None:
                registered.callback = guarded(registered.callback)
        made.add_typer(module.app, name=name)
    return made


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    return application()


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    pass
