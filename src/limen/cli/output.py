"""What every command does with what a room gives it: print it for a person or a program, and say what was written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import typer

from limen import files
from limen.cli.look import painted
from limen.results import Result, fitted


def show(result: Result, as_json: bool, file: Path | None = None) -> None:
    """A result as JSON for a program (with the `file` it was read from) or as lines for a person."""
    if as_json:
        print_json(result.document(), file)
    else:
        typer.echo(painted(fitted(result.lines(), sys.stdout), sys.stdout))


def print_json(value: Mapping[str, Any], file: Path | None = None) -> None:
    """A document on standard output; what JSON cannot hold (NaN) is null."""
    typer.echo(files.json_text(value if file is None else {**value, "file": str(file)}))


def wrote(paths: Iterable[Path]) -> None:
    """Name what was written, where a program that reads standard output is not disturbed."""
    for path in paths:
        typer.echo(f"wrote {path}", err=True)


@contextmanager
def long_run(what: str, total: int, show: bool) -> Iterator[Callable[[int], None]]:
    """A bar, and work that the same command goes on with if it is ended before the block is."""
    from limen.engine import kept, runs

    unfinished, say = runs.cache() / "unfinished", cache(partial(typer.echo, err=True))  # each line once
    with kept.resumable(unfinished, say), runs.progress(what, total, show) as tick:
        yield tick
