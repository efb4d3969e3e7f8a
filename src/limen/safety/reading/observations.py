"""FHIR Observations: measures with their units and days, statuses such as pregnancy, and what was not read of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from limen.heard import Heard
from limen.safety.reading.concepts import (
    Json,
    as_dict,
    as_list,
    codes,
    instant,
    matches,
    named,
    phrases,
    record_aids,
)
from limen.safety.reading.conditions import Condition, said

_VOID = ("entered-in-error", "cancelled", "registered")
_UNKNOWN_DAY = datetime(1, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"^\s*(\d+(?:[.,]\d+)?)(?:\s*/\s*(\d+(?:[.,]\d+)?))?\s*([A-Za-z\[\]/%.{}_0-9]*)\s*$")


@dataclass(frozen=True)
class Taken:
    """What one observation gave: measures with their instant, conditions in words, and what nobody read."""

    values: tuple[tuple[str, float, datetime], ...] = ()
    conditions: tuple[Condition, ...] = ()
    unread: tuple[Heard, ...] = ()

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.values + other.values, self.conditions + other.conditions, self.unread + other.unread
        )


def observation(resource: Json, today: date) -> Taken:
    """An observation and its components. Anything of it that is neither read nor known to bear on nothing is named."""
    if resource.get("status") in _VOID:
        return Taken()
    at = instant(resource)
    components = [as_dict(c) for c in as_list(resource.get("component"))]
    found = Taken()
    for part in components:
        found += _part(part, at, today, as_dict(resource.get("code")))
    known_panel = matches(record_aids()["panels"]["codes"], codes(as_dict(resource.get("code"))))
    has_value = any(name.startswith("value") for name in resource)
    if components and known_panel and not has_value:
        return found
    if resource.get("dataAbsentReason") and not has_value:
        return found + _lost(resource, "no value: the record says it is absent")
    return found + _part(resource, at, today, {})


def _part(part: Json, at: datetime | None, today: date, within: Json) -> Taken:
    aids, code = record_aids(), as_dict(part.get("code"))
    given = codes(code)
    scale = re.search(aids["panels"]["words"], f"{named(code)} {named(within)}", re.I)
    measure = next(
        (n for n, m in aids["measures"].items() if matches(m["codes"], given)), "cssrs" if scale else ""
    )
    status = next((s for s in aids["status"].values() if matches(s["codes"], given)), None)
    if measure:
        return _measured(part, measure, at, today) + _called(part)
    if status is not None:
        values = codes(as_dict(part.get("valueCodeableConcept")))
        says = [status["says"][v] for v in values if v in status["says"]]
        if len(set(says)) == 1 and not _old(at, today):
            return Taken(conditions=said(says[0])) + _called(part)
        why = (
            f"of {at:%Y-%m-%d}: too old for today" if at and says else "its value is not one that limen knows"
        )
        return _lost(part, why)
    if given and all(code in aids["harmless"]["loinc"].split() for code in given):
        return _called(part)
    return _lost(part, "an observation that no rule reads")


def _called(part: Json) -> Taken:
    """What the record itself calls a value, where that is more than low, ordinary or high: nobody read it."""
    known = record_aids()["harmless"]
    for concept in map(as_dict, as_list(part.get("interpretation"))):
        words = [w for w in phrases(concept) if not re.fullmatch(known["interpretations"], w, re.I)]
        if words or set(codes(concept)) & set(known["alarming"].split()):
            return _lost(part, f"the record calls it {named(concept)!r}")
    return Taken()


def _measured(part: Json, measure: str, at: datetime | None, today: date) -> Taken:
    """A number in the table's unit; named as unread where the unit is unknown, the value is none, or the day long past."""
    pairs = _numbers(part, measure)
    if not pairs:
        return _lost(part, f"no number that can be read as {measure}")
    found = []
    for name, number, unit in pairs:
        known = record_aids()["measures"][name]
        factor = (
            1.0
            if unit.casefold() in known["unit"].casefold().split("|") or not unit
            else known["also"].get(unit.casefold())
        )
        if factor is None:
            words = f"{named(as_dict(part.get('code')))} {number:g} {unit}"
            return Taken(unread=(Heard("observation", "", words, f"{unit} is no unit of {name}"),))
        found.append((name, number * factor, at or _UNKNOWN_DAY))
    if at is not None and _old(at, today):
        words = ", ".join(f"{name} {value:g}" for name, value, _ in found)
        return Taken(unread=(Heard("observation", "", words, f"of {at:%Y-%m-%d}: too old for today"),))
    return Taken(values=tuple(found))


def _numbers(part: Json, measure: str) -> list[tuple[str, float, str]]:
    """Measure, number and unit of a quantity, an integer, or a text such as `172` or `172/95 mmHg`."""
    quantity = as_dict(part.get("valueQuantity"))
    number: Any = quantity.get("value", part.get("valueInteger"))
    if isinstance(number, int | float) and not isinstance(number, bool):
        unit = str(quantity.get("code") or quantity.get("unit") or "")
        return [] if quantity.get("comparator") else [(measure, float(number), unit)]
    text = _DIGITS.match(str(part.get("valueString", "")))
    if text is None or (text[2] and measure not in ("sbp", "dbp")):
        return []
    first = (measure, float(text[1].replace(",", ".")), text[3])
    return [("sbp", *first[1:]), ("dbp", float(text[2].replace(",", ".")), text[3])] if text[2] else [first]


def _old(at: datetime | None, today: date) -> bool:
    return at is not None and (today - at.date()).days > record_aids()["age"]["days"]


def _lost(part: Json, why: str) -> Taken:
    """A part that nobody read, with its value as written, and why."""
    value = part.get("valueString") or as_dict(part.get("valueQuantity")).get("value")
    concept = as_dict(part.get("valueCodeableConcept"))
    shown = named(concept) if concept else "" if value is None else str(value)
    words = f"{named(as_dict(part.get('code')))} {shown}".strip()
    return Taken(unread=(Heard("observation", "", words, why),))


def latest(values: list[tuple[str, float, datetime]]) -> dict[str, float]:
    """The latest value of each measure by instant; of several at one instant the largest."""
    found: dict[str, tuple[datetime, float]] = {}
    for name, number, at in values:
        found[name] = max(found.get(name, (at, number)), (at, number))
    return {name: number for name, (_, number) in found.items()}
