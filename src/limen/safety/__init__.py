"""Who must not take it, what must be washed out, what to watch and when to stop.

Facts about eligibility as trials define it, never advice to change a treatment. Four folders, each importing only those
before it: `reading` (what was said), `rules` (what trials ask), `screening` (one decision), `monitoring` (visits).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from limen.errors import DataError, Place


@cache
def aids_of(folder: str, name: str) -> Mapping[str, Any]:
    """A shipped TOML file of one of the folders: how it reads and what it knows."""
    return tomllib.loads(files(f"limen.safety.{folder}").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def local_toml(path: Path, remedy: str) -> dict[str, Any]:
    """A local TOML file. Raises DataError for anything else."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", Place(file=path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"not TOML: {error}", Place(file=path), remedy) from None
