"""`choices.toml`: the priors, limits and conventions of this room, all marked assumption."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def choices() -> Mapping[str, Any]:
    """The whole file, one mapping a section."""
    return tomllib.loads(files("limen.evidence").joinpath("choices.toml").read_text(encoding="utf-8"))
