"""`monitoring.toml`, and which thresholds are proposals."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from limen.facts.read import Row

SIGN_OFF = "proposed default, configurable: needs clinical sign-off"


@cache
def aids() -> Mapping[str, Any]:
    """`monitoring.toml`: at which visits a rule belongs and what its threshold is about."""
    return tomllib.loads(
        files("limen.safety.monitoring").joinpath("monitoring.toml").read_text(encoding="utf-8")
    )


def is_editorial(row: Row) -> bool:
    """Whether the threshold is a proposal rather than a published one."""
    return (
        row["basis"] == "editorial"
        or "editorial" in row.sources
        or "editorial" in row["note"]
        or "proposal" in row["note"]
    )
