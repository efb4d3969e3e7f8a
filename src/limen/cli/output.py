"""What every command does with its output: a folder that can be written to, JSON on standard output."""

from __future__ import annotations

import json as jsonlib
import os
from pathlib import Path
from typing import Any

import typer

from limen.errors import OutputError, Place


def writable(folder: Path) -> Path:
    """The folder, made if it is missing. Raises OutputError before any work is done for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make this folder: {error.strerror}", Place(file=folder), "name another with --out"
        ) from None
    if not os.access(folder, os.W_OK):
        raise OutputError("cannot write to this folder", Place(file=folder), "name another with --out")
    return folder


def print_json(value: Any) -> None:
    """A value as JSON on standard output; what JSON cannot hold (NaN) is null."""
    typer.echo(jsonlib.dumps(_plain(value), indent=1, allow_nan=False, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value.item() if hasattr(value, "item") else value
