"""Formatted references, from the one bibliography."""

from __future__ import annotations

from collections.abc import Iterable

from limen import facts


def reference(key: str) -> str:
    """Authors, year, title, place, DOI: what the bibliography holds; the key itself where it holds nothing."""
    entry = facts.bibliography().get(key)
    if entry is None:
        return key
    year = f" ({entry['year']})." if entry.get("year") else "."
    place = entry.get("journal") or entry.get("howpublished") or entry.get("publisher") or ""
    title = entry.get("title", "").replace("{", "").replace("}", "").rstrip(".")
    parts = [f"{_authors(entry.get('author', key))}{year}", f"{title}.", f"{place}." if place else ""]
    doi = f"doi:{entry['doi']}" if entry.get("doi") else entry.get("url", "")
    return " ".join(part for part in (*parts, doi) if part.strip(" ."))


def _authors(text: str) -> str:
    names = [name.strip().replace("{", "").replace("}", "") for name in text.split(" and ")]
    return names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."


def references(keys: Iterable[str]) -> dict[str, str]:
    return {key: reference(key) for key in sorted(set(keys))}
