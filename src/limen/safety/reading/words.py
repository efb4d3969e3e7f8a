"""The vocabulary of `conditions.toml`, compiled: conditions, people, denials and the words between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from limen.safety import aids_of


def reading_aids() -> Mapping[str, Any]:
    """`conditions.toml`: words and measures."""
    return aids_of("reading", "conditions")


def fold(text: str) -> str:
    """Lower case, no accents, no invisible characters, one apostrophe, single spaces; punctuation stays."""
    text = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    kept = "".join(
        " " if unicodedata.category(c) == "Cc" else c for c in text if not unicodedata.combining(c)
    )
    kept = "".join(c for c in kept if unicodedata.category(c) != "Cf")
    kept = re.sub(r"\b([dl])'(?=\w)", r"\1' ", re.sub(r"['’‘`´]", "'", kept))
    return re.sub(r"\s+", " ", kept).strip()


def starting(pattern: str) -> re.Pattern[str]:
    """A pattern that begins where a word begins and covers the word it ends in."""
    return re.compile(rf"(?<![\w])(?:{pattern})[\w]*")


def whole(pattern: str) -> re.Pattern[str]:
    """A pattern of whole words."""
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


@cache
def conditions() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """(condition key, pattern, ICD-10 code) of every condition a rule speaks about."""
    return tuple(
        (key, starting(p), code) for key, pairs in reading_aids()["words"].items() for p, code in pairs
    )


@cache
def listed(table: str, name: str = "words") -> re.Pattern[str]:
    """A list of conditions (`harmless`, `reviewed`) as one pattern."""
    return starting(reading_aids()[table][name].replace("\n", "").strip("|"))


@cache
def people(name: str) -> re.Pattern[str]:
    """People as written: `first`, `further`, `other`, `self`, `heading`, `after`; a possessive names somebody else."""
    return re.compile(
        rf"(?<!\w)(?:{reading_aids()['who'][name]})(?![\w']|'s)"
        if name == "self"
        else whole(reading_aids()["who"][name]).pattern
    )


@cache
def denial_pattern(name: str) -> re.Pattern[str]:
    """Words of denial by kind; the longest alternative first."""
    parts = re.split(r"\|(?![^(\[]*[)\]])", reading_aids()["denial"][name])
    pattern = "|".join(sorted(parts, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


@cache
def noise(name: str = "words") -> frozenset[str]:
    """Words that qualify a condition; `content`: those of them that say something when no condition is named."""
    return frozenset(fold(reading_aids()["noise"][name]).split())
