"""Which of the 57 claims comes nearest to a sentence: lexical ranking, no model, nothing downloaded.

Words are cut to stems and matched through their spelling (RapidFuzz), so `lowers` meets `lower` and
`cortisole` meets `cortisol`; each word counts by how few claims hold it (inverse document frequency).
Distance is one minus the cosine of the two weighted word lists.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

from limen.errors import DataError
from limen.evidence.tables import Claim, claims

FAR = 0.75  # beyond this the shared words are too few or too common to call a claim near
SPELLING = 84.0  # RapidFuzz ratio above which two stems are one word misspelt
MOST = 6  # words a claim is measured by, at least
LITERATURE = 0.5  # weight of the literature's words beside the claim's own
STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "can",
        "could",
        "do",
        "does",
        "did",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "might",
        "more",
        "most",
        "no",
        "not",
        "of",
        "on",
        "or",
        "s",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "were",
        "what",
        "when",
        "which",
        "while",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "we",
        "our",
        "i",
        "s",
        "my",
        "me",
        "microdose",
        "microdosing",
        "microdoses",
        "dose",
        "doses",
        "psychedelic",
        "psychedelics",
        "drug",
        "drugs",
        "make",
        "makes",
        "making",
        "people",
    ]
)
SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ness", "ed", "s", "ly")
KIN_GROUPS = (
    "reduc lower fall fell decreas damp suppress drop",
    "depress depressiv depression",
    "anxi anxious anxiety",
    "legalis legal lawful legaliz",
    "psilocybin mushroom shroom",
    "lsd acid",
    "inflamm inflammatory inflammation",
    "grow growth grew",
    "treat cur heal treatment therapy",
    "side-effect advers",
)
KIN = {word: group.split()[0] for group in KIN_GROUPS for word in group.split()}


@dataclass(frozen=True)
class Near:
    """A claim and its distance from the text: 0 says the same words, 1 shares none."""

    claim: Claim
    distance: float


def nearest(text: str, count: int = 3) -> tuple[Near, ...]:
    """The `count` nearest claims that are near at all, nearest first; empty when nothing is. Raises DataError
    for text without a word to look for."""
    asked = Counter(stems(text))
    if not asked:
        raise DataError("no word to look for", remedy="write a claim, such as 'microdosing lowers cortisol'")
    documents = [(claim, _weights(claim)) for claim in claims()]
    known = sorted({stem for _, words in documents for stem in words})
    wanted: Counter[str] = Counter()
    for stem, times in asked.items():
        wanted[_spelt(stem, known)] += times
    idf = {
        s: math.log((1 + len(documents)) / (1 + sum(s in words for _, words in documents))) + 1 for s in known
    }
    rare = math.log(1 + len(documents)) + 1  # a word no claim holds still counts against every claim
    query = {stem: times * idf.get(stem, rare) for stem, times in wanted.items()}
    ranked = sorted(
        (Near(claim, 1 - _cosine(query, _scaled(words, idf))) for claim, words in documents), key=_key
    )
    return tuple(near for near in ranked[:count] if near.distance < FAR)


def stems(text: str) -> list[str]:
    """The words of a text that say something, cut to stems."""
    words = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())
    return [_stem(word) for word in words if word not in STOP and len(word) > 1]


def _stem(word: str) -> str:
    if word in KIN:
        return KIN[word]
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)]
            break
    word = word.removesuffix("e")
    return KIN.get(word, word)


def _spelt(stem: str, known: list[str]) -> str:
    if stem in known or len(stem) < 5:
        return stem
    from rapidfuzz import fuzz, process

    found = process.extractOne(stem, known, scorer=fuzz.ratio, score_cutoff=SPELLING)
    return found[0] if found else stem


def _weights(claim: Claim) -> dict[str, float]:
    words: Counter[str] = Counter()
    for stem in stems(f"{claim.claim} {claim.quantity}"):
        words[stem] += 1
    whole: dict[str, float] = {stem: 1 + math.log(times) for stem, times in words.items()}
    for stem in set(stems(claim.literature)):
        whole.setdefault(stem, LITERATURE)
    return whole


def _scaled(words: dict[str, float], idf: dict[str, float]) -> dict[str, float]:
    return {stem: weight * idf[stem] for stem, weight in words.items()}


def _cosine(query: dict[str, float], claim: dict[str, float]) -> float:
    shared = sum(weight * claim.get(stem, 0.0) for stem, weight in query.items())
    # A claim is not held far for having much literature: its length is that of what it and the query may
    # share.
    heaviest = sorted(claim.values(), reverse=True)[: max(len(query), MOST)]
    size = math.sqrt(sum(w * w for w in query.values())) * math.sqrt(sum(w * w for w in heaviest))
    return min(1.0, shared / size) if size else 0.0


def _key(near: Near) -> tuple[float, str]:
    return near.distance, near.claim.claim_id
