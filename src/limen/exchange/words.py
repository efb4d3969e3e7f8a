"""Doses, times and schedules in the sentences of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Any

from limen.protocol.pattern import pattern_in_words
from limen.units import Quantity, quantity

DAYS_OF_MONTH = 30.44
_COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = r"\d+(?:\.\d+)?"
_MASS = r"micrograms?|mcg|[µμu]g|milligrams?|mg|grams?|g"
_DOSE = re.compile(
    rf"(?<![\w.])((?:{_NUMBER}\s*(?:{_MASS})?\s*(?:,|and|or|to|through|/|-|–|\+)+\s*)*{_NUMBER})\s*-?({_MASS})\b(?:\s*(?:/|per)\s*(\d*)\s*kg)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"to|through|-|–")
_UNIT_OF = {"day": "d", "d": "d", "week": "wk", "wk": "wk", "hour": "h", "minute": "min", "min": "min"}
_SPAN = re.compile(
    rf"(?<![\w.])({_NUMBER}|{'|'.join(_COUNT)})[\s-]*(minute|min|hour|hr|h|day|d|week|wk|month|year)s?\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    rf"\b(day|week|month|hour)s?\s*({_NUMBER}(?:(?:\s*(?:,|and|&|or|to|-|–)\s*)+{_NUMBER})*)", re.IGNORECASE
)
_LASTS = re.compile(
    rf"(?:\b(?:for|over|during|across|lasting)\s+(?:a\s+|the\s+)?({_NUMBER}|{'|'.join(_COUNT)})[\s-]*(day|week|month)s?\b)|(?:\b({_NUMBER}|"
    rf"{'|'.join(_COUNT)})[\s-]+(day|week|month)s?\s+(?:of\s+)?(?:treatment|dosing|regimen|intervention|course|microdosing|protocol|period|block))",
    re.IGNORECASE,
)
_APART = re.compile(
    rf"(?:separated by|apart by|interval of|intervals of|washout(?: period)?(?: of)?)\s+(?:at least |a minimum of |approximately |about )?"
    rf"({_NUMBER}|{'|'.join(_COUNT)})[\s-]*(hour|day|week|month)s?|(?:at least |a minimum of )?({_NUMBER}|{'|'.join(_COUNT)})[\s-]*"
    rf"(day|week|month)s?[\s-]*(?:apart|between|wash-?out)",
    re.IGNORECASE,
)


@cache
def called() -> Mapping[str, Mapping[str, list[str]]]:
    """What registries call things: kind, limen's own name, its other names."""
    return loads(files("limen.exchange").joinpath("registry.toml").read_text(encoding="utf-8"))


def named_in(text: str, kind: str) -> list[str]:
    """The names of a kind that a text speaks of, longest words first."""
    words = [(word, name) for name, also in called()[kind].items() for word in also]
    low, found = text.casefold(), dict[str, None]()
    for word, name in sorted(words, key=lambda pair: -len(pair[0])):
        if re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", low):
            low = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", " ", low)
            found[name] = None
    return list(found)


def items(text: str) -> list[str]:
    """The lines of a text, without their bullets and numbers."""
    lines = (
        re.sub(r"^\s*(?:[-*•]|o(?=\s)|\(?\d{1,2}[.)](?!\d)|[a-z][.)])\s*", "", line).strip()
        for line in text.replace("\\", "").split("\n")
    )
    return [line for line in lines if re.search(r"\w", line)]


def sentences(text: str) -> list[str]:
    """The sentences of a text, line by line."""
    return [part.strip() for line in items(text) for part in re.split(r"(?<=[.;!?])\s+(?=[A-Z0-9])", line)]


@dataclass(frozen=True)
class Doses:
    """Doses of one unit that a sentence names together: masses, for each kilogram or not, a range or a list."""

    masses: tuple[Quantity, ...]
    per_kg: bool
    between: bool
    said: str


def doses_in(text: str) -> Iterator[Doses]:
    """Every dose a text names, in order."""
    for sentence in sentences(text):
        for found in _DOSE.finditer(sentence):
            numbers = re.findall(_NUMBER, found[1])
            kilograms = found[3]
            share = float(kilograms) if kilograms else 1.0
            per_kg = kilograms is not None
            if not share:
                continue
            unit = quantity(f"1 {found[2].casefold().replace('milligrams', 'milligram')}", "mass").unit
            masses = tuple(Quantity(float(number) / share, unit) for number in numbers)
            yield Doses(masses, per_kg, bool(_RANGE.search(found[1])), sentence)


def _counted(number: str) -> float:
    return float(_COUNT.index(number.casefold()) + 1 if number.casefold() in _COUNT else number)


def _span(number: str, unit: str) -> tuple[Quantity, bool]:
    """A span in units of a protocol, and whether a month or year had to be given a length."""
    count = _counted(number)
    unit = unit.casefold().removesuffix("s")
    if unit in ("month", "year"):
        return Quantity(float(round(count * DAYS_OF_MONTH * (12 if unit == "year" else 1) / 7)), "wk"), True
    return Quantity(count, _UNIT_OF.get(unit, "h")), False


def times_in(text: str) -> tuple[tuple[Quantity, ...], bool]:
    """Every time a time frame names, ascending, each once; and whether a month had to be given a length."""
    found: list[tuple[Quantity, bool]] = []
    rest = text
    for one in _SPAN.finditer(text):
        found.append(_span(one[1], one[2]))
        rest = rest.replace(one[0], " ", 1)
    for one in _SINCE.finditer(rest):
        found += [_span(number, one[1]) for number in re.findall(_NUMBER, one[2])]
    unique = {round(time.to("h"), 6): time for time, _ in found if time.value > 0}
    return tuple(unique[hours] for hours in sorted(unique)), any(rough for _, rough in found)


def lasts(text: str) -> tuple[Quantity, str, bool] | None:
    """How long something is taken for: the first time after 'for' or before 'treatment', its sentence, and a rough month."""
    return _first(_LASTS, text)


def apart(text: str) -> tuple[Quantity, str, bool] | None:
    """How far sessions or periods are apart, with its sentence."""
    return _first(_APART, text)


def _first(pattern: re.Pattern[str], text: str) -> tuple[Quantity, str, bool] | None:
    for sentence in sentences(text):
        if found := pattern.search(sentence):
            number, unit = (part for part in found.groups() if part)
            time, rough = _span(number, unit)
            return time, sentence, rough
    return None


_LONE = frozenset({"once", "single", "weekly", "daily", "weekend", "every week"})
_TAKING = re.compile(r"dos|administ|receiv|tak(?:e|ing)|capsul|ingest|treat|microdos|session", re.IGNORECASE)
_SERIES = re.compile(
    rf"(?:({'|'.join(_COUNT)}|\d+)\s+(?:doses|sessions|administrations)|(twice))[^.]{{0,80}}?({_NUMBER}|{'|'.join(_COUNT)})\s*(day|week)s?\s+apart",
    re.IGNORECASE,
)


def patterns_in(texts: Sequence[str]) -> Iterator[tuple[Any, str, str]]:
    """Schedules that sentences name: the pattern, the words for it, the sentence; the fullest words first. The first of the
    texts is about doses throughout; of the others only sentences that speak of taking count."""
    for number, text in enumerate(texts):
        for sentence in sentences(text):
            if number and not _TAKING.search(sentence):
                continue
            if series := _SERIES.search(sentence):
                each = _span(series[3], series[4])[0].to("d")
                doses = int(_counted(series[1] or "two"))
                yield {"days": [round(index * each) for index in range(doses)]}, series[0], sentence
            words, taken = re.findall(r"[\w'-]+", sentence), set[int]()
            for size in range(6, 0, -1):
                for start in range(len(words) - size + 1):
                    said = " ".join(words[start : start + size])
                    pattern = pattern_in_words(said)
                    here = set(range(start, start + size))
                    if pattern is not None and not taken & here and not (number and said.casefold() in _LONE):
                        taken |= here
                        yield pattern, said, sentence
