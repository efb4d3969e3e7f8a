"""Which rows come nearest to a sentence: lexical ranking, no model, nothing downloaded.

Stems are matched through their spelling (RapidFuzz), so `cortisole` meets `cortisol`; each counts by how few rows hold
it (inverse document frequency). Distance is one minus the cosine of the two weighted word lists.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from limen.errors import DataError
from limen.evidence import wording
from limen.evidence.tables import Claim, claims
from limen.facts.read import Row, read

FAR = 0.75  # beyond this the shared words are too few or too common to call a claim near
SPELLING = 84.0  # RapidFuzz ratio above which two stems are one word misspelt
MOST = 6  # words a claim is measured by, at least
LITERATURE = 0.5  # weight of the literature's words beside the claim's own
SHARE = 0.45  # of the weight of a sentence's words, that a row of another table must hold
EACH = 2  # rows of one table, so that no table hides the others


@dataclass(frozen=True)
class Near:
    """A claim and its distance from the text: 0 says the same words, 1 shares none."""

    claim: Claim
    distance: float


def nearest(text: str, count: int = 3) -> tuple[Near, ...]:
    """The `count` nearest claims that are near at all, nearest first; empty when nothing is. Raises DataError
    for text without a word to look for."""
    documents = [(claim, _weights(claim)) for claim in claims()]
    asked = Counter(wording.ranked(text))
    if not asked:
        raise DataError("no word to look for", remedy="write a claim, such as 'microdosing lowers cortisol'")
    known = sorted({stem for _, words in documents for stem in words})
    wanted: Counter[str] = Counter()
    for stem, times in asked.items():
        wanted[_spelt(stem, known)] += times
    held = Counter(stem for _, words in documents for stem in words)
    idf = {stem: math.log((1 + len(documents)) / (1 + held[stem])) + 1 for stem in known}
    rare = math.log(1 + len(documents)) + 1  # a word no claim holds still counts against every claim
    query = {stem: times * idf.get(stem, rare) for stem, times in wanted.items()}
    ranked = [
        Near(claim, 1 - _cosine(query, {stem: weight * idf[stem] for stem, weight in words.items()}))
        for claim, words in documents
    ]
    ranked.sort(key=lambda near: (near.distance, near.claim.claim_id))
    return tuple(near for near in ranked[:count] if near.distance < FAR)


def held(text: str, count: int = 5) -> tuple[Row, ...]:
    """Rows of the other tables that hold most of what a sentence is about, closest first."""
    wanted = set(wording.ranked(text))
    if not wanted:
        return ()
    rows = _searched()
    often = Counter(stem for _, stems in rows for stem in stems & wanted)
    weight = {stem: math.log((1 + len(rows)) / (1 + often[stem])) + 1 for stem in wanted}
    whole = sum(weight.values())
    scored = [(sum(weight[stem] for stem in stems & wanted) / whole, row) for row, stems in rows]
    scored.sort(key=lambda pair: -pair[0])
    seen = Counter[str]()
    kept: list[Row] = []
    for score, row in scored:
        seen[row.table] += 1
        kept += [row] if score >= SHARE and seen[row.table] <= EACH else []
    return tuple(kept[:count])


@cache
def _searched() -> tuple[tuple[Row, frozenset[str]], ...]:
    tables = wording.lists()["search"]
    return tuple(
        (row, frozenset(wording.ranked(" ".join(row.values())))) for name in tables for row in read(name)
    )


@cache
def vocabulary() -> frozenset[str]:
    """Every stem of the tables that are searched."""
    text = [" ".join(row.values()) for name in wording.lists()["search"] for row in read(name)]
    return frozenset(wording.stem(word) for each in text for word in wording.tokens(each))


def _spelt(stem: str, known: Sequence[str]) -> str:
    if stem in known or len(stem) < 5:
        return stem
    from rapidfuzz import fuzz, process

    found = process.extractOne(stem, known, scorer=fuzz.ratio, score_cutoff=SPELLING)
    return found[0] if found else stem


def _weights(claim: Claim) -> dict[str, float]:
    words = Counter(wording.ranked(f"{claim.claim} {claim.quantity}"))
    whole: dict[str, float] = {stem: 1 + math.log(times) for stem, times in words.items()}
    for stem in set(wording.ranked(claim.literature)):
        whole.setdefault(stem, LITERATURE)
    return whole


def _cosine(query: Mapping[str, float], claim: Mapping[str, float]) -> float:
    shared = sum(weight * claim.get(stem, 0.0) for stem, weight in query.items())
    # A claim is not held far for having much literature: its length is that of what it and the query may share.
    heaviest = sorted(claim.values(), reverse=True)[: max(len(query), MOST)]
    size = math.sqrt(sum(w * w for w in query.values())) * math.sqrt(sum(w * w for w in heaviest))
    return min(1.0, shared / size) if size else 0.0
