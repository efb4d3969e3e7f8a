"""`monitoring.toml`, and which thresholds are proposals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from limen.facts.read import Row
from limen.safety import aids_of

SIGN_OFF = "proposed default, configurable: needs clinical sign-off"


def monitoring_aids() -> Mapping[str, Any]:
    """`monitoring.toml`: at which visits a rule belongs and what its threshold is about."""
    return aids_of("monitoring", "monitoring")


def is_editorial(row: Row) -> bool:
    """Whether the threshold is a proposal rather than a published one."""
    return (
        row["basis"] == "editorial"
        or "editorial" in row.sources
        or "editorial" in row["note"]
        or "proposal" in row["note"]
    )
