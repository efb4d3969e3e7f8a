"""The words of a sentence: stems to rank by, and what it says to compare by (polarity, numbers, years, other words)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SUFFIXES = tuple(
    ["ations", "ation", "ities", "ity", "ings", "ing", "ies", "ness", "ions", "ion", "ed", "es", "s", "ly"]
)
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{12,})[\"“”„«»]|(?<!\w)[‘']([^‘’']{24,})[’'](?!\w)")
_MASS = dict.fromkeys(("ug", "µg", "μg", "mcg", "microgram", "micrograms"), 1.0) | {
    "mg": 1e3,
    "g": 1e6,
    "grams": 1e6,
}
_UNITS = "|".join(sorted(_MASS, key=len, reverse=True))
_SPAN = re.compile(
    rf"(?<![\w.-])(\d+(?:[.,]\d+)?)(?:\s*(?:-|–|to|and)\s*(\d+(?:[.,]\d+)?))?\s*({_UNITS}|%|percent)?(?![\w])"
)
_TOKEN = re.compile(r"[a-zà-ÿ]+(?:-?\d+)+[a-z]?|[^\W\d_]+")


@cache
def lists() -> Mapping[str, Any]:
    """`words.toml`."""
    return tomllib.loads(files("limen.evidence").joinpath("words.toml").read_text(encoding="utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    """A list of words of `words.toml`."""
    return frozenset(lists()[name].split())


def tokens(text: str) -> list[str]:
    """Words in lower case; `cannot` and `n't` are two, `IL-6` and `MM120` are one."""
    text = text.lower().replace("’", "'").replace("cannot", "can not").replace("n't", " not")
    return [word.replace("-", "") for word in _TOKEN.findall(text)]


def stem(word: str) -> str:
    """A word without its ending: `lowers`, `lowered` and `lowering` are `lower`."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + ("y" if suffix == "ies" else "")
            break
    return word.removesuffix("e")


@cache
def _groups(name: str) -> Mapping[str, str]:
    return {stem(word): stem(group.split()[0]) for group in lists()[name] for word in group.split()}


def _same(word: str) -> str:
    """The stem of a word, of the first of those that may stand for it."""
    return _groups("same").get(stem(word), stem(word))


def ranked(text: str) -> list[str]:
    """The stems to find rows by: neither function words nor those in every row, near words made one."""
    skip = listed("function") | listed("generic") | listed("negations") | listed("hedges")
    found = [stem(word) for word in tokens(text) if word not in skip and len(word) > 1]
    return [_groups("near").get(word, word) for word in found]


@dataclass(frozen=True)
class Saying:
    """What a sentence says: its words with same ones made one, and what turns or counts them."""

    words: Mapping[str, str]  # stem to the word as written, in the order said
    denials: int
    hedges: int
    numbers: Mapping[float, str]  # masses in micrograms, to the number as written
    years: frozenset[int]
    passive: bool  # somebody or something does it `by`


def saying(text: str) -> Saying:
    """Read a sentence for comparison. Masses count in micrograms, so 0.1 g and 100 mg are one number."""
    numbers, years = dict[float, str](), set[int]()
    for low, high, unit in _SPAN.findall(text.lower()):
        for digits in filter(None, (low, high)):
            value = float(digits.replace(",", "."))
            if not unit and not high and 1900 <= value <= 2100 and value == int(value):
                years.add(int(value))
            else:
                numbers[round(value * _MASS.get(unit, 1.0), 9)] = f"{digits} {unit}".strip()
    words, counted = tokens(_SPAN.sub(" ", text.lower())), lists()["numbers"]
    numbers |= {float(counted[word]): word for word in words if word in counted}
    skip = listed("function") | listed("negations") | listed("hedges") | counted.keys() | _MASS.keys()
    kept = {_same(word): word for word in words if word not in skip and len(word) > 1}
    denials = sum(word in listed("negations") for word in words)
    hedges = sum(w in listed("hedges") for w in words)
    return Saying(kept, denials, hedges, numbers, frozenset(years), "by" in words)


def turned_round(one: Saying, other: Saying) -> bool:
    """Whether two sentences of the same words may say who does what to whom the other way round.

    A passive turns the order and not the meaning. What rises or falls stands on either side of it: `lowered cortisol`,
    `cortisol fell`.
    """
    moving = {_same(word) for side in lists()["opposites"][0] for word in side.split()}
    shared = [w for w in one.words if w in other.words and w not in moving and not is_neutral(w)]
    turned = shared != [w for w in other.words if w in shared]
    return len(shared) > 1 and turned != (one.passive != other.passive)


def opposite(one: Saying, other: Saying) -> tuple[str, str] | None:
    """A word of one sentence and the word of the other that says its opposite, or None."""
    for sides in lists()["opposites"]:
        left, right = ({_same(word) for word in side.split()} for side in sides)
        for mine, yours in ((left, right), (right, left)):
            a = next((w for w in one.words if w in mine and w not in other.words), None)
            b = next((w for w in other.words if w in yours and w not in one.words), None)
            if a is not None and b is not None:
                return one.words[a], other.words[b]
    return None


def is_neutral(word: str) -> bool:
    """Whether a word may stand in one sentence and not in the other without changing what is claimed."""
    return word in _neutral()


@cache
def _neutral() -> frozenset[str]:
    return frozenset(_same(word) for word in listed("neutral"))


def quoted(text: str) -> str:
    """The words between quotation marks, where the sentence gives them to somebody; empty otherwise."""
    match = _QUOTED.search(text)
    if match is None:
        return ""
    outside = set(tokens(text[: match.start()] + " " + text[match.end() :]))
    inside = match[1] or match[2]
    return inside if outside & listed("attributions") or not outside else ""


def language(text: str, vocabulary: frozenset[str]) -> str:
    """Why a text is not read as English: another language by its function words, or none known; empty for English."""
    words = tokens(text)
    english = sum(
        word in listed("function") or word in listed("negations") or word in listed("hedges")
        for word in words
    )
    foreign = {name: sum(w in said.split() for w in words) for name, said in lists()["languages"].items()}
    likely = max(foreign, key=lambda name: foreign[name])
    known = sum(w in listed("function") or stem(w) in vocabulary for w in words)
    if foreign[likely] > english and known < len(words):
        return f"this reads like {likely}"
    if words and known < 0.5 * len(words):
        return f"{len(words) - known} of {len(words)} words are no English that limen knows"
    return ""
