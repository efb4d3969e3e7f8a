"""The register of outcomes: scales of the facts, dose-day ratings and other measures, and every name they go by."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import inf, isfinite
from types import MappingProxyType
from typing import Any, Literal
from unicodedata import normalize

from rapidfuzz import fuzz

from limen.facts.read import Row, read

DOSE_DAY = "dose day"
Direction = Literal["worse", "better"]
Timing = Literal["weekly", "dose day", "any"]


@dataclass(frozen=True)
class Registered:
    """One outcome limen knows: bounds (infinite where there is none), direction, when it is taken (`any`: over weeks, within
    hours or on dosing days), the default MCID with its source, its unit, what it measures and who rates it. `neutral`: neither
    end is a benefit, and the direction only says which way it is scored; `window`: weeks that it looks back over."""

    id: str
    full_name: str
    low: float
    high: float
    higher_is: Direction
    timing: Timing
    kind: Literal["scale", "vas", "panas", "composite", "measure"]
    mcid_default: float | None = None
    mcid_source: str | None = None
    unit: str = "points"
    construct: str = ""
    rater: str = "self"
    words: tuple[str, ...] = ()
    neutral: bool = False
    window: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def span(self) -> str:
        """Its bounds in words."""
        ends = [f"{end:g}" if isfinite(end) else "any number" for end in self.bounds]
        return " to ".join(dict.fromkeys(ends))


# Which fact is the default MCID: the anchor-based figure, or the low end of the published plausible range.
_MCID_FACT = {
    "madrs": "mid_range_low",
    "hamd17": "mid_range_low",
    "bdi2": "mid_range_low",
    "gad7": "mcid_anchor",
    "phq9": "mcid_mean_ed50",
    "pcl5": "mid_anchor_low",
}
# These state one figure in `scales.csv`; other scales state a reliable change or nothing, which is no MCID.
_MCID_COLUMN = ("hama", "wemwbs", "cgi-s")


def _mcid(scale: Row) -> tuple[float | None, str | None]:
    name = scale["scale_id"]
    if name in _MCID_FACT:
        (fact,) = read("outcomes/scale_facts").where(scale_id=name, field=_MCID_FACT[name])
        return fact.number("value"), fact["source"]
    if name in _MCID_COLUMN:
        match = re.match(r"[\d.]+", scale["mcid_points"])
        assert match is not None
        return float(match.group()), scale["mcid_source"] or scale["source"]
    return None, None


def _scales() -> dict[str, Registered]:
    """Every scale with a better and a worse end; expectancy and suggestibility are traits, not outcomes."""
    found: dict[str, Registered] = {}
    for row in read("outcomes/scales"):
        low, high, end = row.number("min"), row.number("max"), row["higher_is"]
        if low is None or high is None or end not in ("worse", "better"):
            continue
        mcid, source = _mcid(row)
        found[row["scale_id"]] = Registered(
            row["scale_id"], row["full_name"], low, high, end, "weekly", "scale", mcid, source,
            construct=row["construct"].lower(), rater=row["rater"],
        )  # fmt: skip
    return found


def _measures() -> dict[str, Registered]:
    """What may be measured beside the scales of the facts; limen has no score model of any of it."""
    text = files("limen.protocol").joinpath("measures.toml").read_text(encoding="utf-8")
    return {
        name: Registered(
            name, row["full_name"], row.get("low", -inf), row.get("high", inf), row["higher_is"], row["timing"], "measure",
            unit=row["unit"], construct=row["construct"], rater=row["rater"], words=tuple(row.get("words", ())),
            neutral=row.get("neutral", False), window=row.get("window"),
        )
        for name, row in tomllib.loads(text).items()
    }  # fmt: skip


def _dose_day() -> dict[str, Registered]:
    panas = read("outcomes/scales").row("panas")
    low, high = panas.number("min"), panas.number("max")
    assert low is not None
    assert high is not None
    span = high - low
    ratings = {
        "vas_mood": ("Visual analogue scale of mood", "mood"),
        "vas_energy": ("Visual analogue scale of energy", "energy"),
        "vas_creativity": ("Visual analogue scale of creativity", "creativity"),
        "vas_drug_intensity": ("Visual analogue scale of the intensity of drug effect", "drug effect"),
    }
    vas = [
        Registered(
            id, name, 0.0, 100.0, "better", DOSE_DAY, "vas", construct=what, neutral=what == "drug effect"
        )
        for id, (name, what) in ratings.items()
    ]
    name = panas["full_name"]
    affect = [
        Registered("panas", f"{name}, positive affect", low, high, "better", DOSE_DAY, "panas", construct="positive affect"),
        Registered("panas_na", f"{name}, negative affect", low, high, "worse", DOSE_DAY, "panas", construct="negative affect"),
        Registered(
            "panas_balance", f"{name}, positive minus negative", -span, span, "better", DOSE_DAY, "panas",
            construct="affect balance",
        ),
    ]  # fmt: skip
    return {entry.id: entry for entry in (*vas, *affect)}


OUTCOMES: Mapping[str, Registered] = MappingProxyType({**_scales(), **_dose_day(), **_measures()})
# What else the scales and ratings of the facts are called; measures carry their own words.
_ALSO = {
    "hamd17": "hamd grid-hamd grid-hamd-17 hdrs hdrs17 hamilton_depression", "qids-sr16": "qids qids-sr quick-inventory-of-depressive-symptomatology", "bdi2": "bdi bdi-ii beck_depression",
    "gad7": "gad-7", "phq9": "phq-9", "hama": "ham-a sigh-a hamilton_anxiety", "pcl5": "pcl-5", "caps5": "caps-5", "dass21": "dass",
    "pss10": "pss perceived_stress", "stai-t": "stai", "vas_drug_intensity": "vas_intensity drug_intensity vas_any_drug_effect "
    "vas_feel vas_drug_effect any_drug_effect intensity", "vas_mood": "mood", "vas_energy": "energy vas_vigor vas_vigour",
    "vas_creativity": "creativity", "panas": "panas_pa panas_positive", "panas_na": "panas_negative",
}  # fmt: skip


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.casefold())


@cache
def _called() -> Mapping[str, str]:
    begins = [(_plain(one.full_name.split(",")[0]), one) for one in OUTCOMES.values()]
    times = Counter(name for name, _ in begins)
    words = {name: one.id for name, one in begins if times[name] == 1 or one.full_name.endswith(", total")}
    words |= {_plain(one.full_name): one.id for one in OUTCOMES.values()}
    words |= {_plain(word): name for name, also in _ALSO.items() for word in also.split()}
    words |= {_plain(word): one.id for one in OUTCOMES.values() for word in one.words}
    return MappingProxyType(words | {_plain(name): name for name in OUTCOMES})


def outcome_named(value: Any) -> Any:
    """The register's own id for any name of an outcome (`PHQ-9`, `bdi-ii`); whatever else as it is."""
    return _called().get(_plain(value), value) if isinstance(value, str) else value


_COMMON = 4  # a word in more full names than this says nothing: scale, inventory, depression
_WORD = re.compile(r"[^\W_]+")


def _stems(text: str) -> set[str]:
    return {word[:7] for word in _WORD.findall(text.casefold()) if len(word) > 3}


@cache
def _common() -> frozenset[str]:
    counts = Counter(stem for one in OUTCOMES.values() for stem in _stems(one.full_name))
    return frozenset(stem for stem, count in counts.items() if count > _COMMON)


def everyday(word: str, count: int = 3) -> list[str]:
    """Ids of the register whose full name or construct shares a telling word: what somebody may have meant, likeliest first."""
    by_name = [_called()[_plain(part)] for part in word.split() if _plain(part) in _called()]
    wanted = _stems(word) - _common()
    found = [one for one in OUTCOMES.values() if wanted & _stems(f"{one.full_name} {one.construct}")]
    found.sort(key=lambda one: -fuzz.token_set_ratio(word.casefold(), one.full_name.casefold()))
    return list(dict.fromkeys([*by_name, *(one.id for one in found)]))[:count]


def outcomes_in(text: str) -> list[tuple[str, str]]:
    """Outcomes of the register that a text names: id and the words for it, the longest words first.

    A single word counts where it is written like an instrument (MADRS, PHQ-9), not where it is a word like pain or energy.
    """
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = [(found[0], found.span()) for found in re.finditer(r"[A-Za-z0-9]+", plain)]
    taken, found = set[int](), dict[str, str]()
    for size in range(min(9, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            here = range(start, start + size)
            said = plain[words[start][1][0] : words[start + size - 1][1][1]]
            name = _called().get(_plain(said))
            if name is None or taken & set(here) or (size == 1 and sum(map(str.isupper, said)) < 2):
                continue
            taken |= set(here)
            found.setdefault(name, said)
    return list(found.items())
