"""Controlled terms of CDISC: what limen says, its code, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from limen.protocol.pattern import Pattern


@cache
def terms() -> Mapping[str, Any]:
    """Kind, limen's word, [code, preferred term]; `system` and `version` of the whole."""
    return loads(files("limen.exchange").joinpath("usdm.toml").read_text(encoding="utf-8"))


def term(kind: str, word: str) -> tuple[str, str] | None:
    """The code and preferred term for a word of limen's; None where there is none."""
    found = terms()[kind].get(word)
    return None if found is None else (found[0], found[1])


def word(kind: str, code: str) -> str | None:
    """Limen's word for a code; None for one it does not know."""
    also = terms().get(f"{kind}_read", {})
    return next((name for part in (terms()[kind], also) for name, row in part.items() if code in row), None)


def frequency_of(pattern: Pattern) -> tuple[str, str] | None:
    """The term of a schedule pattern; None for one that CDISC has no term for."""
    if pattern.every is not None:
        return term("frequency", f"every {pattern.every.to('d'):g} d")
    return term("frequency", "single" if pattern.days == (0,) else str(pattern))
