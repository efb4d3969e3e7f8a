"""The law in words: what the protocol leaves unsaid, as questions to whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from limen.dossier.sections.law.nouns import GuidanceFinding, Law

ORDER = ("must", "should", "consider", "info")


@dataclass(frozen=True)
class Inquiry:
    """One question, who asks it and how strongly, and where."""

    text: str
    asked_by: str
    sources: list[str]


def questions(law: Law) -> list[Inquiry]:
    """Every rule that the protocol leaves open, strongest first; rules about one field stand together."""
    by_field: dict[str, list[GuidanceFinding]] = {}
    open_ = [f for f in law.findings if f.outcome == "cannot tell"]
    for finding in sorted(open_, key=lambda f: ORDER.index(f.strength)):
        by_field.setdefault(finding.field or finding.rule, []).append(finding)
    return [_question(same) for same in by_field.values()]


def _question(same: list[GuidanceFinding]) -> Inquiry:
    wanted = "; ".join(dict.fromkeys(_lower(f.requirement).rstrip(".") for f in same))
    name = same[0].field.rpartition(".")[2].replace("_", " ")
    text = (
        f"{name[:1].upper()}{name[1:]}: what is planned? Guidance asks: {wanted}."
        if name
        else f"Is this so: {wanted}?"
    )
    by = (f"{f.issuer}, {f.strength}{', advisory' if f.advisory else ''} ({f.rule})" for f in same)
    return Inquiry(text, "; ".join(by), _once(key for f in same for key in f.sources))


def _lower(text: str) -> str:
    """A first letter that only begins a sentence made small; abbreviations keep theirs."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _once(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(keys))
