"""Medication lists as people type them, read into drugs.

Whatever is not understood stays in sight: a reading without drugs makes the patient one for a clinician.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from limen.safety.spelling import Meaning, index, key, meaning, plain, vocabulary

_SEPARATOR = re.compile(r"[\n\r;|\t•·]+|(?<!\d),|,(?!\d)|(?:(?<=\s)|^)[-*](?=\s)|(?:^|(?<=\s))\d{1,2}[.)]\s")
_JOIN = re.compile(r"\s[+&]\s|\s*[+&]\s*|/|\b(?:and|plus|und|et|con)\b")
_AMOUNT = re.compile(r"[x~]?\d[\d.,/x%-]*(?:[a-z]{1,5})?|[x/%.,+&]+|x\d+")
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_AGO = re.compile(
    _NUMBER + r"\s*(h|hours?|hrs?|d|days?|w|wks?|weeks?|m|mo|mths?|months?|y|yrs?|years?)\s+ago\b"
)
_SINCE = re.compile(
    r"\b(?:stopped|discontinued|ceased|off|finished|ended|last (?:taken|dose|used?|intake)|tapered off)\b\D{0,20}"
    + _NUMBER
    + r"\s*(h|hours?|hrs?|d|days?|w|wks?|weeks?|m|mo|mths?|months?|y|yrs?|years?)\b"
)
_ON_DATE = re.compile(
    r"\b(?:stopped|discontinued|ceased|finished|ended|until|till|last (?:taken|dose|used?|intake))\b\D{0,20}"
    r"(\d{4})[ -](\d{2})[ -](\d{2})\b"
)
_STOP_WORD = re.compile(
    r"\b(?:stopped|discontinued|ceased|finished|tapered off|dcd|d/c|previously|formerly|used to take|ex)\b"
)
_NEGATION = re.compile(r"\b(?:no|not|never|denies|without|allergic to|intoleran(?:t|ce))\b")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.4, "y": 365.25}
_DEPOT = re.compile(
    r"\b(?:depot|decanoate|enantate|lai|consta|maintena|sustenna|trinza|hafyera|sublocade|vivitrol)\b"
)
LONGEST = 6


@dataclass(frozen=True)
class Reading:
    """One medicine as understood. `text` is what was written; `drugs` is empty where nobody could say.

    `stopped_days`: days since last intake where the text says so; `stopped` without days means the time is not known.
    """

    text: str
    meaning: Meaning
    stopped: bool = False
    stopped_days: float | None = None
    negated: bool = False
    depot: bool = False

    @property
    def drugs(self) -> tuple[str, ...]:
        return self.meaning.drugs


@cache
def _noise() -> dict[str, frozenset[str]]:
    words = vocabulary()["noise"]
    return {kind: frozenset(plain(words[kind]).split()) for kind in words if kind != "nothing"}


@cache
def _nothing() -> frozenset[str]:
    return frozenset(key(part) for part in vocabulary()["noise"]["nothing"].replace("\n", "").split("|"))


@cache
def _longest() -> int:
    return min(LONGEST, max(len(name.split()) for name in index()))


def read_list(text: str, today: date | None = None) -> tuple[Reading, ...]:
    """A typed medication list as readings, in order; an empty list, or one that says there is nothing, gives none.

    `today` turns a written stop date into days since last intake.
    """
    text = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text)
    readings: list[Reading] = []
    latest: list[Reading] = []
    for chunk in _SEPARATOR.split(text):
        chunk = chunk.strip(" .\u00a0")
        if not chunk or not key(chunk) or key(chunk) in _nothing():
            continue
        found = _read_chunk(chunk, bool(readings))
        # "Prozac 20 mg, stopped 6 weeks ago": a chunk without a medicine speaks of the one before it
        if not found and len(latest) == 1:
            readings[-1:] = latest = [_timed(readings[-1], plain(chunk), today)]
            continue
        latest = [_timed(found[0], plain(chunk), today)] if len(found) == 1 else _untimed(found, plain(chunk))
        readings += latest
    return tuple(readings)


def _timed(reading: Reading, words: str, today: date | None) -> Reading:
    days = last_intake(words, today)
    stopped = days is not None or bool(_STOP_WORD.search(words))
    return replace(
        reading,
        stopped=reading.stopped or stopped,
        stopped_days=days if days is not None else reading.stopped_days,
        negated=reading.negated or (bool(_NEGATION.search(words)) and not stopped),
        depot=reading.depot or bool(_DEPOT.search(words)),
    )


def _untimed(readings: list[Reading], words: str) -> list[Reading]:
    """Several medicines in one phrase: nobody can say which of them a stop belongs to, so all count as taken."""
    negated, depot = bool(_NEGATION.search(words)), bool(_DEPOT.search(words))
    return [replace(reading, negated=negated, depot=depot) for reading in readings]


def _read_chunk(chunk: str, follows: bool) -> list[Reading]:
    if whole := _written_exactly(chunk):
        return [Reading(chunk, whole)]
    readings: list[Reading] = []
    for segment in _consume(chunk):
        readings.extend(_read_segment(chunk, segment, follows or bool(readings)))
    unique = {(r.drugs, "" if r.drugs else r.text): r for r in reversed(readings)}
    return list(unique.values())[::-1]


def _written_exactly(text: str) -> Meaning | None:
    """The filed meaning of a name, without guessing. A name that is also a common word counts only as it is filed."""
    name = key(text)
    words = vocabulary()["common_words"]
    if name in words and not any(written in text for written in words[name]):
        return None
    return index().get(name)


def _consume(chunk: str) -> list[list[str | Meaning]]:
    """Segments between joiners, each a mixture of words and the meanings of names found exactly."""
    spaced = re.sub(r"(?<=[^\W\d_]{4})(?=\d)", " ", chunk)
    tokens = [
        token
        for token in re.split(r"\s+|([+&/()\[\]])", spaced)
        if (token and key(token)) or token in ("+", "&", "/")
    ]
    segments: list[list[str | Meaning]] = [[]]
    at = 0
    while at < len(tokens):
        for length in range(min(_longest(), len(tokens) - at), 0, -1):
            found = _written_exactly(" ".join(tokens[at : at + length]))
            # "sodium" or "nitrate" alone is the salt of something else, not a medicine
            if found and not (length == 1 and key(tokens[at]) in _noise()["salts"]):
                segments[-1].append(found)
                at += length
                break
        else:
            if _JOIN.fullmatch(plain(tokens[at])):
                segments.append([])
            else:
                segments[-1] += [word.strip(".,%/+&") for word in plain(tokens[at]).split()]
            at += 1
    return segments


def _read_segment(chunk: str, segment: list[str | Meaning], follows: bool) -> list[Reading]:
    noise = _noise()
    quiet = noise["units"] | noise["frequency"] | noise["function"]
    readings = [Reading(chunk, part) for part in segment if isinstance(part, Meaning)]
    runs: list[list[str]] = [[]]
    for part in segment:
        if isinstance(part, Meaning):
            runs.append([])
        elif part and not _AMOUNT.fullmatch(part) and part not in quiet:
            runs[-1].append(part)
    found, left = [], []
    for run in runs:
        some, rest = _guess(chunk, run)
        found += some
        left += rest
    readings += found
    ignorable = noise["salts"] | noise["topic"] | noise["forms"] if readings else frozenset()
    if (
        not readings
        and follows
        and any(_AMOUNT.fullmatch(p) or p in quiet for p in segment if isinstance(p, str))
    ):
        ignorable = noise["forms"]  # "…, 2 tablets at night": the rest of the medicine before it
    unread = [word for word in left if word not in ignorable]
    if unread:
        guess = meaning(key(" ".join(unread)))
        readings.append(
            Reading(
                " ".join(unread), replace(guess, drugs=(), how=guess.how if not guess.drugs else "ambiguous")
            )
        )
    elif not readings and not follows:
        readings.append(Reading(chunk, Meaning((), "unrecognised", 0.0)))
    return readings


def _guess(chunk: str, run: list[str]) -> tuple[list[Reading], list[str]]:
    """Names by likeness in a run of words, longest first; and the words that stay unread."""
    noise = _noise()
    silent = noise["salts"] | noise["forms"] | noise["topic"]
    for settled in (True, False):  # a name that resolves anywhere comes before one that is only like several
        for length in range(min(3, len(run)), 0, -1):
            for at in range(len(run) - length + 1):
                words = run[at : at + length]
                if " ".join(words) in vocabulary()["common_words"]:
                    continue
                if words[-1] in silent - noise["salts"] or all(word in silent for word in words):
                    continue
                guess = meaning(key(" ".join(words)))
                if guess.drugs if settled else guess.how in ("ambiguous", "known"):
                    before, after = _guess(chunk, run[:at]), _guess(chunk, run[at + length :])
                    here = Reading(" ".join(words), guess)
                    return [*before[0], here, *after[0]], [*before[1], *after[1]]
    return [], run


def last_intake(words: str, today: date | None = None) -> float | None:
    """Days since last intake, where the words say so in numbers or as an ISO date. `today` makes a date a time."""
    match = _AGO.search(words) or _SINCE.search(words)
    if match:
        return float(match[1].replace(",", ".")) * _DAYS[match[2][0]]
    match = _ON_DATE.search(words.replace(" ", " "))
    if match is None or today is None:
        return None
    try:
        return float((today - date(int(match[1]), int(match[2]), int(match[3]))).days)
    except ValueError:
        return None
