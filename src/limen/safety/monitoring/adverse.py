"""Adverse events and withdrawals seen in trials: counts with their intervals, and the rule of three where none were."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from limen.compounds import compound as record
from limen.facts.read import Row, read
from limen.safety.rules.interactions import compound_name, interaction_aids

MICRODOSE, LOW, FULL, PLACEBO, UNSTATED = "microdose", "low dose", "full dose", "placebo", "not stated"


@dataclass(frozen=True)
class AdverseEvent:
    """One row of `facts/safety/adverse_events`. Counts are None where the source gives none; dose in `dose_unit`."""

    row_id: str
    study: str
    psychedelic: str
    arm: str
    dose: str
    dose_unit: str
    dose_class: str
    regimen: str
    population: str
    event: str
    category: str
    with_event: int | None
    n: int | None
    sources: tuple[str, ...]
    verification: str
    note: str


@dataclass(frozen=True)
class Expected:
    """Events expected per 100 people with a 95% interval (`low`, `high`), the method, and the rows it comes from."""

    event: str
    category: str
    per_100: float
    low: float
    high: float
    with_event: int
    n: int
    method: str
    study: str
    arm: str
    population: str
    row_id: str
    sources: tuple[str, ...]
    verification: str
    note: str

    def __str__(self) -> str:
        seen = f"{self.with_event} of {self.n}"
        return f"{self.event}: {self.per_100:.3g} per 100 ({self.low:.2g} to {self.high:.2g}; {seen}; {self.method})"


@cache
def adverse_events() -> tuple[AdverseEvent, ...]:
    """Every row, typed, in file order."""
    return tuple(_event(row) for row in read("safety/adverse_events"))


def _event(row: Row) -> AdverseEvent:
    with_event, n = (
        None if (count := row.number(column)) is None else round(count)
        for column in ("n_with_event", "n_arm")
    )
    category, dose_class = row["event_category"], _dose_class(row)
    return row.into(AdverseEvent, dose_class=dose_class, category=category, with_event=with_event, n=n)


def _dose_class(row: Row) -> str:
    """By the highest dose of the arm against the limits of `rules.toml`."""
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", row["dose"])]
    if not numbers:
        return MICRODOSE if "microdos" in row["arm"] else UNSTATED
    if max(numbers) == 0:
        return PLACEBO
    for limit in reversed(interaction_aids()["microdose"]["limits"]):
        if (limit["psychedelic"], limit["unit"]) == (row["psychedelic"], row["dose_unit"]) and limit[
            "form"
        ] in row["dose_form"]:
            return (
                MICRODOSE
                if max(numbers) <= limit["microdose"]
                else LOW
                if max(numbers) <= limit["low"]
                else FULL
            )
    return FULL


def wilson(events: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson 95% interval of a share, as fractions: (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n)."""
    p, z2 = events / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z * ((p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def rule_of_three(n: int) -> float:
    """Upper 95% limit of a share nobody of n showed: 3/n, at most 1."""
    return min(1.0, 3 / n)


def expected(event: AdverseEvent) -> Expected | None:
    """Per 100 people: share with Wilson's interval, or zero with the rule of three; None where counts are missing."""
    if event.with_event is None or not event.n:
        return None
    if event.with_event == 0:
        low, high, method = 0.0, rule_of_three(event.n), "none seen: rule of three, 3/n"
    else:
        (low, high), method = wilson(event.with_event, event.n), "Wilson 95%"
    copied = {name: getattr(event, name) for name in Expected.__annotations__ if hasattr(event, name)}
    per_100 = 100 * event.with_event / event.n
    return Expected(**copied, per_100=per_100, low=100 * low, high=100 * high, method=method)


def relevant(
    compound: str, dose_class: str = MICRODOSE, *, with_placebo: bool = False
) -> tuple[AdverseEvent, ...]:
    """Rows of a compound (and of psychedelics in general) in one dose class; classes are never pooled."""
    compound = compound_name(compound)
    wanted = {dose_class, PLACEBO} if with_placebo else {dose_class}
    return tuple(
        e for e in adverse_events() if e.psychedelic in record(compound).rules and e.dose_class in wanted
    )


def expected_per_100(compound: str, dose_class: str = MICRODOSE) -> tuple[Expected, ...]:
    """What trials of this compound and dose class saw per 100 people, one entry a study and event, in file order.

    Anxiety at 10 ug of LSD: 4 of 40 left, so 10 per 100 (4.0 to 23.1). Studies are not pooled: populations and
    regimens differ, and a row without counts gives no entry.
    """
    found = (expected(event) for event in relevant(compound, dose_class))
    return tuple(entry for entry in found if entry is not None)


def valve_facts(compound: str) -> tuple[dict[str, str], ...]:
    """What is known, and what is not, of 5-HT2B exposure and heart valves: fact rows on valves and on the receptor.

    A margin is peak unbound concentration over 5-HT2B potency; the rows of potency disagree by orders of magnitude
    between assays, so none is chosen here and no margin is computed.
    """
    compound = compound_name(compound)
    analyte = record(compound).analyte
    valves = re.compile(r"valv|fibrosis|5-HT2B", re.IGNORECASE)
    found = []
    for row in read("safety/adverse_events"):
        if row["psychedelic"] in record(compound).rules and valves.search(f"{row['event']} {row['note']}"):
            found.append(_fact(row, row["event"], row["population"] or row["study"], row["note"]))
    for row in read("safety/interactions"):
        if row["psychedelic"] in record(compound).rules and "5-HT2B" in row["mechanism"]:
            found.append(
                _fact(row, row["expected_effect"], row["comedication_class"], row["effect_estimate"])
            )
    for row in read("mechanism/receptor"):
        if "5-HT2B" in row["site_or_test"] + row["comparator"] and row["compound"].startswith(analyte):
            value = f"{row['parameter']} {row['value']} {row['unit']} {row['direction']}".strip()
            found.append(_fact(row, value, row["population"] or row["species"], row["note"]))
    return tuple(found)


def _fact(row: Row, what: str, where: str, said: str) -> dict[str, str]:
    return {
        "row": f"{row.table}:{row.key}", "what": what, "in": where, "said": said, "source": " ".join(row.sources),
        "verification": row["verification"],
    }  # fmt: skip
