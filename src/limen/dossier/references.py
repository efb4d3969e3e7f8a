"""Formatted references, from the one bibliography: TeX as letters, and nothing that was noted for ourselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from limen import facts
from limen.evidence.references import without_tex

REGISTRY = "Trial registry"  # the author of every record of one, which its number tells apart
_NOTED = re.compile(r"\s*\([^()]*\b(?:seen|recalled|verified)\b[^()]*\)")
_UNKNOWN = re.compile(r"\bnot seen\b", re.I)


def reference(key: str) -> str:
    """Authors, year, title, place, DOI: what the bibliography holds; the key itself where it holds nothing."""
    entry = facts.bibliography().get(key)
    if entry is None:
        return key
    year = f" ({entry['year']})." if entry.get("year") else "."
    title = letters(entry.get("title", "")).rstrip(".")
    who = _authors(entry.get("author", "")) or _place(entry)
    parts = [f"{who}{year}", f"{title}.", f"{place}." if (place := _place(entry)) else ""]
    doi = f"doi:{entry['doi']}" if entry.get("doi") else entry.get("url", "")
    return " ".join(part for part in (*parts, doi) if part.strip(" .")).removeprefix(". ")


def short(key: str) -> str:
    """As a text cites it: "Mueller et al. 2025"; a source without authors by its place or the first words of its title."""
    entry = facts.bibliography().get(key)
    if entry is None:
        return key.replace("_", " ")
    names = [_surname(name) for name in _split(entry.get("author", ""))]
    if names == [REGISTRY]:
        return letters(entry.get("title", "")).partition(":")[0]
    who = (
        names[0]
        if len(names) == 1
        else " and ".join(names)
        if len(names) == 2 and names[1] != "others"
        else ""
    )
    who = who or (f"{names[0]} et al." if names else _place(entry) or _name(entry))
    return f"{who} {entry['year']}" if entry.get("year") else who


@cache
def letters(text: str) -> str:
    """TeX as the letters it stands for, without notes of what was seen."""
    return _NOTED.sub("", without_tex(text)).partition("; year recalled")[0]


def _name(entry: Mapping[str, str]) -> str:
    """The first words of a title, for a source without authors and place."""
    return " ".join(letters(entry.get("title", "")).partition(":")[0].split()[:5])


def _place(entry: Mapping[str, str]) -> str:
    place = letters(entry.get("journal") or entry.get("howpublished") or entry.get("publisher") or "")
    return "" if _UNKNOWN.search(place) else place


def _split(authors: str) -> list[str]:
    names = [
        letters(name).strip() for name in re.split(r"\s+and\s+(?![^{}]*\})", authors)
    ]  # not inside a corporate name
    return [name for name in names if name and not _UNKNOWN.search(name)]


def _surname(name: str) -> str:
    return name.partition(",")[0]


def _authors(text: str) -> str:
    names = _split(text)
    if len(names) <= 1:
        return names[0] if names else ""
    return " and ".join(names) if len(names) == 2 and names[1] != "others" else f"{names[0]} et al."


def references(keys: Iterable[str]) -> dict[str, str]:
    return {key: reference(key) for key in sorted(set(keys))}
