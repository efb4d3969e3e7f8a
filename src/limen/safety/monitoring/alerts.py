"""The stopping rules applied to what visits find: which are met, by which values, and which could not be judged.

Editorial thresholds are proposals: they may be changed locally, and a clinician signs them off.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from limen.compounds import compound as record
from limen.errors import DataError
from limen.facts.read import Row, read
from limen.heard import Heard, Reading
from limen.safety.monitoring.aids import SIGN_OFF, is_editorial, monitoring_aids
from limen.safety.monitoring.hunter import Signs, hunter
from limen.safety.monitoring.stopping import RISE, RULES, StoppingRule, Visit, rise_of

_LASTING = re.compile(r"two readings|sustained")


@dataclass(frozen=True)
class Alert:
    """A stopping rule that visit data meet: the rule, the values it was met by, and the action the row states."""

    person: str
    visit: str
    rule_id: str
    domain: str
    values: tuple[tuple[str, float], ...]
    rule: str
    action: str
    level: str
    basis: str
    sources: tuple[str, ...]
    verification: str
    sign_off: str
    limit: str = ""
    note: str = ""

    def lines(self) -> list[str]:
        """For people: who, when, which rule, the values beside the limit that tells it from its like; then what to do."""
        values = ", ".join(f"{name} {value:g}" for name, value in self.values)
        limit = f" (limit {self.limit})" if self.limit else ""
        note = f"; {self.note}" if self.note else ""
        visit = self.visit if self.visit[:1].isalpha() else f"visit {self.visit}"
        said = [f"{self.person}, {visit}: {self.level.upper()} [{self.rule_id}] {values}{limit}{note}"]
        return [
            *said,
            f"    rule: {self.rule}",
            f"    action: {self.action}",
            *([f"    {self.sign_off}"] * bool(self.sign_off)),
        ]


LEVELS = ("emergency", "stop", "high", "moderate", "hold", "low", "assess", "monitor")


def limits(row: Row, changed: Mapping[str, Any]) -> tuple[float, ...]:
    """The threshold of a rule as numbers (`160/100` gives two), or the locally configured ones."""
    if row["rule_id"] in changed:
        value = changed[row["rule_id"]]
        numbers = value if isinstance(value, list | tuple) else [value]
        if not is_editorial(row):
            raise DataError(
                f"{row['rule_id']} is not an editorial threshold",
                remedy="only editorial ones are configurable",
            )
        if not numbers or not all(
            isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers
        ):
            raise DataError(f"the threshold of {row['rule_id']} is not a number or a list of numbers")
        own = limits(row, {})
        if len(numbers) != len(own) or min(numbers) < 0:
            shown = ", ".join(f"{number:g}" for number in own)
            raise DataError(
                f"the threshold of {row['rule_id']} is {len(own)} number{'s' * (len(own) > 1)}, none below zero",
                remedy=f"as shipped: {row['rule_id']} = [{shown}]",
            )
        return tuple(float(n) for n in numbers)
    if row["rule_id"] in monitoring_aids()["worded"]:
        return tuple(float(n) for n in monitoring_aids()["worded"][row["rule_id"]])
    try:
        return tuple(float(part) for part in row["threshold"].split("/"))
    except ValueError:
        return ()


def watch(
    visits: Iterable[Visit], compound: str = "LSD", thresholds: Mapping[str, Any] | None = None
) -> tuple[Alert, ...]:
    """The stopping rules met by one person's visits, in order of time, gravest first within a visit.

    Rises are judged from the visit marked as the baseline. A rule about what lasts is met by two readings of one visit;
    by a single reading it is met with a note that says so. `thresholds` changes editorial limits.
    """
    changed, visits = thresholds or {}, list(visits)
    known = {row["rule_id"] for row in read("safety/monitoring")}
    if unknown := sorted(set(changed) - known):
        raise DataError(f"there is no monitoring rule {unknown[0]!r}", remedy="rules are MON001 and so on")
    alerts: list[Alert] = []
    for number, visit in enumerate(visits):
        found: list[Alert] = []
        for rule_id, rule in RULES.items():
            row = read("safety/monitoring").row(rule_id)
            if row["psychedelic"] not in record(compound).rules:
                continue
            bounds = limits(row, changed) if row["threshold"] else ()
            values = rule.meets(visits[: number + 1], bounds)
            lasting = bool(_LASTING.search(row["logic"]))
            if not values or (lasting and _passed(rule, visit, bounds)):
                continue
            single = (
                "single reading: the rule asks for a second" if lasting and visit.single(*rule.reads) else ""
            )
            alert = _alert(row, visit, values, rule_id in changed)
            found.append(replace(alert, limit=_limit(row, values, bounds), note=single))
        found += _hunter(visit)
        alerts += sorted(found, key=lambda a: (LEVELS.index(a.level), a.rule_id))
    return tuple(alerts)


def _limit(row: Row, values: Mapping[str, float], bounds: tuple[float, ...]) -> str:
    """The limit that the values met, as a person writes it."""
    risen = next((name.removeprefix(RISE) for name in values if name.startswith(RISE)), "")
    if risen:
        return f"on a rise: {rise_of(risen):g} {row['unit']}".strip()
    limit = "/".join(f"{bound:g}" for bound in bounds)
    return f"{row['operator']} {limit} {row['unit']}".strip() if limit else ""


def _passed(rule: StoppingRule, visit: Visit, bounds: tuple[float, ...]) -> bool:
    """Whether of several readings of a visit only one met the rule: it did not last."""
    count = max((len(visit.readings.get(name, ())) for name in rule.reads), default=0)
    alone = [
        replace(visit, readings={n: r[i : i + 1] for n, r in visit.readings.items() if n in rule.reads})
        for i in range(count)
    ]
    return count > 1 and sum(bool(rule.meets([one], bounds)) for one in alone) < 2


def unjudged(measures: Collection[str], compound: str) -> Reading:
    """The rules that could not be judged because the data hold none of what they read."""
    left: dict[str, list[str]] = {}
    for rule_id, rule in RULES.items():
        if read("safety/monitoring").row(rule_id)["psychedelic"] in record(compound).rules and not set(
            rule.reads
        ) & set(measures):
            left.setdefault(" or ".join(rule.reads), []).append(rule_id)
    if not set(monitoring_aids()["hunter"]["signs"]) & set(measures):
        left["signs of the Hunter criteria"] = ["MON006"]
    return Reading(
        unread=tuple(Heard("rule", "", reads, f"not judged: {', '.join(ids)}") for reads, ids in left.items())
    )


def _alert(row: Row, visit: Visit, values: Mapping[str, float], changed: bool) -> Alert:
    words = f"{row['measure']}: {row['logic']}" + (" (threshold changed locally)" if changed else "")
    sign_off = SIGN_OFF if is_editorial(row) else ""
    return row.into(
        Alert, person=visit.person, visit=visit.visit, values=tuple(values.items()), rule=words, sign_off=sign_off, note=""
    )  # fmt: skip


def _hunter(visit: Visit) -> list[Alert]:
    exposed = visit.get("serotonergic_exposure")
    signs = Signs(
        serotonergic_exposure=exposed is None or bool(exposed),
        temperature_c=visit.get("temperature_c"),
        **{name: bool(visit.get(name)) for name in monitoring_aids()["hunter"]["signs"]},
    )
    found = hunter(signs)
    values = {name: 1.0 for name in monitoring_aids()["hunter"]["signs"] if visit.get(name)}
    if signs.temperature_c is not None:
        values["temperature_c"] = signs.temperature_c
    return [_alert(read("safety/monitoring").row(rule), visit, values, False) for rule in found.rules]
