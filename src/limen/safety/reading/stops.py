"""Whether the words around a medicine say that it was stopped, and how long ago.

A doubt never shortens a time: words of starting, changing, planning or estimating leave the stop without a date, and
words of starting again leave the medicine as taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from limen.safety.reading.spelling import plain, vocabulary

_TIME = re.compile(
    r"(?:(?<=\bx)|(?<![\w/.,]))(\d+(?:[.,]\d+)?)\s*"
    r"(hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mths?|mos?|years?|yrs?|y)\b(\s+(?:ago|back)\b)?"
)
_COUNTS: tuple[str, ...] = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b(?= (?:hour|day|week|month|year))")
_RANGE = re.compile(r"\d\S*\s*(?:to|or|and|bis)?\s*$")
_DAY = re.compile(r"\b(\d{4})[ -](\d{2})[ -](\d{2})\b")
_ESTIMATED = re.compile(r"[<>≤≥~≈?]")
_BETWEEN = re.compile(r"[\s:,.]*(?:(?:for|x|since|now|the|last|was|on)[\s:,.]*)*")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "m": 30.4, "y": 365.25}


@dataclass(frozen=True)
class Stop:
    """What words say about taking: `stopped` with days since last intake (None: not known), or `taken` in spite of it."""

    stopped: bool = False
    days: float | None = None
    taken: bool = False


@cache
def _words(kind: str) -> re.Pattern[str]:
    listed = "|".join(part.strip() for part in vocabulary()["stops"][kind].split("|"))
    return re.compile(rf"\b(?:{listed})\b")


def stop(text: str, today: date | None = None) -> Stop:
    """What a phrase says about having stopped. `today` turns an ISO date into days."""
    words = _COUNT.sub(lambda m: str(_COUNTS.index(m[0]) + 1), plain(text))
    times = list(_TIME.finditer(words))
    ended = _words("stop").search(words)
    # somebody who takes it on and off takes it
    if _words("again").search(words) or _words("not_stopped").search(words):
        return Stop(taken=True)
    if ended and _words("planned").search(words):
        return Stop(taken=True)
    if not ended:
        ago = any(time[3] for time in times) and not _words("start").search(words)
        past = ago or bool(_words("past").search(words))
        return Stop(stopped=past and not _words("present").search(words))
    if _words("start").search(words) or _words("loose").search(words) or _ESTIMATED.search(text):
        return Stop(stopped=True)
    return Stop(stopped=True, days=_days(words, ended, times, today))


def _days(words: str, ended: re.Match[str], times: list[re.Match[str]], today: date | None) -> float | None:
    """Days since a stop, where exactly one time after the word of stopping says so."""
    days = list(_DAY.finditer(words))
    if days:
        if len(days) > 1 or times or today is None or days[0].start() < ended.end():
            return None
        try:
            return float((today - date(*(int(part) for part in days[0].groups()))).days)
        except ValueError:
            return None
    said = [time for time in times if time[3]] or times
    if len(said) != 1:
        return None
    time = said[0]
    attached = bool(time[3]) or _BETWEEN.fullmatch(words[ended.end() : time.start()])
    if time.start() < ended.end() or not attached or _RANGE.search(words[: time.start()]):
        return None
    return float(time[1].replace(",", ".")) * _DAYS[time[2][0]]
