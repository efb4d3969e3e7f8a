"""A folded phrase as a row of things in their places: mentions, words of denial, people, and the words between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from limen.safety.reading import words
from limen.safety.reading.codes import ICD10, placed

PATIENT, FIRST, FURTHER, OTHER = "", "first-degree relative", "other relative", "somebody else"
NAMED, HARMLESS, REVIEWED, CODE, UNPLACED = "named", "harmless", "reviewed", "code", "unplaced code"
DENY, AFTER, NOW, ONCE, QUERY, PERSON = "deny", "denied", "now", "once", "query", "person"
FILL, NOISE, OR, WORD, NUMBER = "fill", "noise", "or", "word", "number"
MENTIONS = (NAMED, HARMLESS, REVIEWED, CODE, UNPLACED)
DEGREES = (("other", OTHER), ("further", FURTHER), ("first", FIRST), ("self", PATIENT))
_ALTERNATIVES = ("or", "nor", "oder", "ou", "ni", "noch", "/", ",")
# a count, an age, a year, a dose; 295.30 is a code of another system and stays unread
_AMOUNT = re.compile(
    r"[x~]?[0-9]{1,4}(?:%|x|st|nd|rd|th|s|y|yrs?|mg|ms|kg|km)?|[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?|[0-9]+\.[0-9]+(?:%|mg|ms|kg|km)"
)
_TOKEN = re.compile(r"[\w'][\w'.%-]*|[^\s\w]")
_SYMBOLS = frozenset("*†‡#~^±")


@dataclass(frozen=True)
class Item:
    """One thing in a phrase, in its place: `kind` is a mention, a word of denial, a person or a word."""

    start: int
    end: int
    kind: str
    text: str
    means: tuple[tuple[str, str], ...] = ()
    who: str = ""


def items(text: str) -> list[Item]:
    """The mentions of a folded phrase (the longest of those that overlap harmlessly) and the words between them."""
    found = [_code(m) for m in ICD10.finditer(text)]
    harmless = [m.span() for m in words.listed("harmless").finditer(text)]
    means: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for key, pattern, code in words.conditions():
        for m in pattern.finditer(text):
            if not any(a <= m.start() and m.end() <= b for a, b in harmless):
                means.setdefault(m.span(), []).append((key, code))
    found += [Item(a, b, NAMED, text[a:b], tuple(m)) for (a, b), m in means.items()]
    for kind, spans in (
        (REVIEWED, [m.span() for m in words.listed("reviewed").finditer(text)]),
        (HARMLESS, harmless),
    ):
        found += [
            Item(a, b, kind, text[a:b]) for a, b in spans if not any(i.start < b and a < i.end for i in found)
        ]
    found.sort(key=lambda i: (i.start, -i.end))
    gaps, at = [], 0
    for item in (*found, Item(len(text), len(text), WORD, "")):
        gaps += list(_between(text, at, item.start))
        at = max(at, item.end)
    return sorted([*found, *gaps], key=lambda i: i.start)


def _code(m: re.Match[str]) -> Item:
    return Item(m.start(), m.end(), CODE if placed(m[0]) else UNPLACED, m[0], (("", m[0].upper()),))


def _between(text: str, start: int, end: int) -> Iterator[Item]:
    """The words of a gap: the longest phrase of denial, query or person first, then word by word."""
    at = start
    while at < end:
        token = _TOKEN.search(text, at, end)
        if token is None:
            return
        at = token.start()
        item = _phrase(text, at, end) or _word(token)
        yield item
        at = item.end


def _phrase(text: str, at: int, end: int) -> Item | None:
    for name, kind in (("query", QUERY), ("before", DENY), ("after", AFTER), ("once", ONCE), ("now", NOW)):
        if (m := words.denial_pattern(name).match(text, at)) and m.end() <= end:
            return Item(at, m.end(), kind, m[0])
    for name, who in DEGREES:
        if (m := words.people(name).match(text, at)) and m.end() <= end:
            return Item(at, m.end(), PERSON, m[0], who=who)
    m = words.denial_pattern("fill").match(text, at)
    if m and m.end() <= end and m[0] not in _ALTERNATIVES:
        return Item(at, m.end(), FILL, m[0])
    return None


def _word(token: re.Match[str]) -> Item:
    text = token[0].strip("'.-") or token[0]
    if text in _ALTERNATIVES:
        return Item(token.start(), token.end(), OR, text)
    if not any(c.isalnum() for c in text):
        kind = QUERY if text == "?" else WORD if text in _SYMBOLS else FILL
    elif text in words.noise():
        kind = NOISE
    elif _AMOUNT.fullmatch(text):
        kind = NUMBER
    else:
        kind = WORD
    return Item(token.start(), token.end(), kind, text)
