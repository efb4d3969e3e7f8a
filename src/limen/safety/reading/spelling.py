"""Which drug a written name means: exactly, by synonym, by another language's spelling, or by likeness.

A likeness is a proposal with a confidence, never a fact: it is shown as a guess, and whoever takes it needs a clinician.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from limen.safety import aids_of
from limen.safety.reading.drugs import dictionary

# A likeness stands at or above RESOLVE and MARGIN ahead of the next drug, with no look-alike as NEAR; candidates are
# shown down to OFFER.
RESOLVE, MARGIN, NEAR, OFFER, SHORTEST = 0.80, 0.08, 0.65, 0.62, 5
VARIANT = 0.97
NO_ROW = "(not in the dictionary)"
NO_RULE = "no rule"
LEAST = 3
_SPELLING = (
    ("ks", "x"), ("ph", "f"), ("th", "t"), ("ch", "c"), ("ck", "c"), ("k", "c"), ("y", "i"), ("z", "s"), ("w", "v"),
    ("qu", "cv"), ("ae", "e"), ("oe", "e"),
)  # fmt: skip
_ENDING = re.compile(r"(?:um|us|en|[aeio])$")


@dataclass(frozen=True)
class Meaning:
    """What a written name may mean: the drugs (several for a combination), how it was found, and what else it could be.

    `how` is exact, synonym, variant, fuzzy, known (a medicine without a row), no rule (a household supplement),
    abbreviated (the beginning of a name, never resolved), ambiguous or unrecognised.
    A likeness (`fuzzy`) is a `guess` and never a reading: `drugs` stays empty, so that it can hold and never clear.
    `confidence` is 1 for exact and synonym; for a likeness the share of letters that agree.
    """

    drugs: tuple[str, ...]
    how: str
    confidence: float
    candidates: tuple[tuple[str, float], ...] = ()
    guess: tuple[str, ...] = ()


UNRECOGNISED = Meaning((), "unrecognised", 0.0)


def vocabulary() -> Mapping[str, Any]:
    """The reading aids of `names.toml`."""
    return aids_of("reading", "names")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Lower case, no accents, no invisible or control characters, apostrophes dropped, punctuation as spaces."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text).replace("ß", "ss")
        text = "".join(
            "" if unicodedata.category(c) == "Cf" else " " if unicodedata.category(c)[0] == "C" else c
            for c in text
        )
        text = unicodedata.normalize("NFD", text.casefold())
        text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"['’‘`´]", "", text.casefold())
    return re.sub(r"\s+", " ", re.sub(r"[^\w.,/%+&]", " ", text).replace("_", " ")).strip()


def key(text: str) -> str:
    """A name as `names` files it: plain, without stops and commas."""
    return re.sub(r"\s+", " ", re.sub(r"[^\w]", " ", plain(text))).strip()


def stem(name: str) -> str:
    """A spelling shared by the INN variants of several languages: fluoxetine, fluoxetin, fluoxetina, fluoxetinum."""
    for written, heard in _SPELLING:
        name = name.replace(written, heard)
    name = re.sub(r"(.)\1", r"\1", name)
    return " ".join(_ENDING.sub("", word) if len(word) > 4 else word for word in name.split())


@cache
def index() -> Mapping[str, Meaning]:
    """Every known written name: dictionary names, synonyms, vernacular and combination products."""
    found: dict[str, Meaning] = {key(word): Meaning((), "known", 1.0) for word in _known()}
    for word in vocabulary()["no_rule"]["names"].replace("\n", "").split("|"):
        found[key(word)] = Meaning((), NO_RULE, 1.0, ((key(word), 1.0),))
    for written, names in vocabulary()["other_names"].items():
        found[key(written)] = Meaning(tuple(names), "synonym", 1.0)
    for drug in dictionary().values():
        for synonym in drug.synonyms:
            found[key(synonym)] = Meaning((drug.name,), "synonym", 1.0)
    for name in dictionary():
        found[key(name)] = Meaning((name,), "exact", 1.0)
    return MappingProxyType(found)


@cache
def _known() -> tuple[str, ...]:
    return tuple(vocabulary()["not_in_dictionary"]["names"].split())


@cache
def _stems() -> Mapping[str, tuple[str, ...]]:
    """Stem to the written names that share it."""
    found: dict[str, tuple[str, ...]] = {}
    for written in index():
        found[stem(written)] = (*found.get(stem(written), ()), written)
    return MappingProxyType(found)


@cache
def _groups() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in vocabulary()["look_alikes"]["groups"])


@cache
def _pool() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names long enough to be misspelled, and their stems in the same order."""
    names = tuple(name for name in index() if len(name) >= SHORTEST - 1)
    return names, tuple(stem(name) for name in names)


def look_alikes(written: str) -> tuple[str, ...]:
    """What every member of a written name's look-alike groups means: drug names, or the name itself without a row."""
    members = dict.fromkeys(member for group in _groups() if written in group for member in group)
    return tuple(dict.fromkeys(" + ".join(index()[m].drugs) or f"{m} {NO_ROW}" for m in members))


@lru_cache(maxsize=20_000)
def meaning(name: str) -> Meaning:
    """What one written name (as `key` gives it) means; UNRECOGNISED where nothing is near."""
    if known := index().get(name):
        return known
    if not any(letter.isalpha() for letter in name):
        return UNRECOGNISED
    if len(name) < SHORTEST:
        return _beginning(name) or UNRECOGNISED
    variants = _stems().get(stem(name), ())
    meanings = {index()[written].drugs for written in variants}
    if len(meanings) == 1 and variants and not any(look_alikes(written) for written in variants):
        drugs = meanings.pop()
        return Meaning(drugs, "variant" if drugs else "known", VARIANT)
    found = _likeness(name)
    return (_beginning(name) or found) if found.how == "unrecognised" else found


def _beginning(name: str) -> Meaning | None:
    """`fluox` or `venla`: the drugs whose names begin so are offered, never chosen."""
    if len(name) < LEAST or " " in name:
        return None
    found: dict[str, float] = {}
    for written, known in index().items():
        if known.drugs and written.startswith(name):
            means = " + ".join(known.drugs)
            found[means] = max(found.get(means, 0.0), round(len(name) / len(written), 2))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:5]
    return Meaning((), "abbreviated", ranked[0][1], tuple(ranked)) if ranked else None


def _likeness(name: str) -> Meaning:
    """The nearest names by letters and by stem (Damerau-Levenshtein, share of letters that agree)."""
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    pool, stems = _pool()
    likeness = DamerauLevenshtein.normalized_similarity
    best: dict[str, tuple[float, str]] = {}
    for query, choices, weight in ((name, pool, 1.0), (stem(name), stems, VARIANT)):
        for _, score, at in process.extract(query, choices, scorer=likeness, limit=12, score_cutoff=OFFER):
            means = " + ".join(index()[pool[at]].drugs) or f"{pool[at]} {NO_ROW}"
            best[means] = max(best.get(means, (0.0, "")), (round(score * weight, 2), pool[at]))
    if not best:
        return UNRECOGNISED
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    candidates = tuple((means, score) for means, (score, _) in ranked[:5])
    score, written = ranked[0][1]
    runner_up = ranked[1][1][0] if len(ranked) > 1 else 0.0
    # a member of a look-alike group this near makes the name ambiguous, whichever is nearest
    groups = [look_alikes(name) for _, (near, name) in ranked if near >= NEAR]
    if group := next(filter(None, groups), ()):
        others = tuple((means, 0.0) for means in group if means not in dict(candidates))
        return Meaning((), "ambiguous", score, candidates + others)
    drugs = index()[written].drugs
    if drugs and score >= RESOLVE and score - runner_up >= MARGIN:
        return Meaning((), "fuzzy", score, candidates, drugs)
    return Meaning((), "ambiguous" if score >= RESOLVE else "unrecognised", score, candidates)
