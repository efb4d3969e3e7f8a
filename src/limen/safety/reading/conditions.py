"""Conditions and measurements as written: which condition keys and ICD-10 codes the words stand for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

ICD10 = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?", re.IGNORECASE)


@dataclass(frozen=True)
class Condition:
    """One thing said of a patient: words as written, or an ICD-10 code, with days since it ended where known."""

    text: str
    code: str = ""
    days_ago: float | None = None
    negated: bool = False


@dataclass(frozen=True)
class Measurements:
    """Numbers by name (`sbp`, `dbp`, `qtc`, `cssrs`, `alt`, `ast`, `egfr`, `bmi`, `age` ...), units as in the table."""

    values: Mapping[str, float] = field(default_factory=dict)
    sex: str = ""

    def get(self, name: str) -> float | None:
        return self.values.get(name)


@cache
def aids() -> Mapping[str, Any]:
    """`conditions.toml`: words and measures."""
    return tomllib.loads(
        files("limen.safety.reading").joinpath("conditions.toml").read_text(encoding="utf-8")
    )


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple((key, re.compile(p), code) for key, pairs in aids()["words"].items() for p, code in pairs)


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(aids()["harmless"]["pattern"].strip())


@lru_cache(maxsize=4096)
def codes_of(condition: Condition) -> tuple[tuple[str, str], ...]:
    """(condition key or '', ICD-10 code) that a condition's code or words stand for; none where nobody can place it."""
    coded = (("", condition.code.upper()),) if condition.code else ()
    text = condition.text.casefold().strip()
    if ICD10.fullmatch(text):
        return (("", text.upper()),)
    family = any(key == "psychosis_family" for key, p, _ in _patterns() if p.search(text))
    found = [
        (key, code)
        for key, pattern, code in _patterns()
        if pattern.search(text) and not (family and key in ("psychosis_personal", "bipolar"))
    ]
    return (*coded, *found)


def is_harmless(condition: Condition) -> bool:
    """Whether the words name something no rule speaks about."""
    return bool(_harmless().match(condition.text.casefold().strip()))


def implausible(measured: Measurements) -> tuple[str, ...]:
    """Measurements that look like a slip of unit or typing, such as a QTc in seconds."""
    ranges = aids()["plausible"]
    return tuple(
        f"{name} {value:g}"
        for name, value in measured.values.items()
        if name in ranges and not ranges[name][0] <= value <= ranges[name][1]
    )
