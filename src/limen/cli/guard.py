"""What stands between a person's mistake and a traceback."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import typer

from limen.errors import LimenError, LimenWarning

USER_MISTAKE, INTERRUPTED = 2, 130


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command so that a mistake in a file prints one message and leaves with code 2, Ctrl-C with 130."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        warnings.showwarning = _show
        try:
            return command(*args, **kwargs)
        except LimenError as error:
            typer.secho("error: ", fg=typer.colors.RED, bold=True, nl=False, err=True)
            typer.echo(str(error), err=True)
            raise typer.Exit(USER_MISTAKE) from None
        except BrokenPipeError:
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            typer.echo("interrupted: nothing was left half-written", err=True)
            raise typer.Exit(INTERRUPTED) from None

    return run


def _show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """limen's own warnings are one line for a person; other libraries' warnings are not the reader's concern."""
    if issubclass(category, LimenWarning):
        typer.echo(f"warning: {message}", err=True)
