"""A protocol's monitoring plan by visit, and the stopping rules applied to what visits find.

Rules are rows of `facts/safety/monitoring`; `monitoring.toml` says at which visits each belongs and which measure its
threshold is about. Editorial thresholds are proposals: they may be changed, and a clinician signs them off.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from limen.errors import DataError
from limen.facts.read import Row, read
from limen.safety.monitoring.hunter import Signs, hunter

if TYPE_CHECKING:
    from limen.protocol import Protocol

SIGN_OFF = "proposed default, configurable: needs clinical sign-off"
BASELINE = "baseline"


@dataclass(frozen=True)
class Check:
    """One thing to do at a visit. `sign_off` holds the words about an editorial threshold, or nothing."""

    rule_id: str
    domain: str
    measure: str
    instrument: str
    action: str
    threshold: str
    logic: str
    level: str
    basis: str
    population: str
    sources: tuple[str, ...]
    verification: str
    sign_off: str


@dataclass(frozen=True)
class PlannedVisit:
    """A visit with its week since baseline (None for a standing visit such as every dosing day) and what is done."""

    name: str
    week: float | None
    checks: tuple[Check, ...]


@cache
def aids() -> Mapping[str, Any]:
    """`monitoring.toml`: at which visits a rule belongs and what its threshold is about."""
    return tomllib.loads(
        files("limen.safety.monitoring").joinpath("monitoring.toml").read_text(encoding="utf-8")
    )


def _check(row: Row) -> Check:
    threshold = f"{row['operator']} {row['threshold']} {row['unit']}".strip()
    return Check(
        rule_id=row["rule_id"], domain=row["domain"], measure=row["measure"], instrument=row["instrument"],
        action=row["action"], threshold=threshold if row["threshold"] else "", logic=row["logic"], level=row["level"],
        basis=row["basis"], population=row["population"], sources=row.sources, verification=row["verification"],
        sign_off=SIGN_OFF if is_editorial(row) else "",
    )  # fmt: skip


def is_editorial(row: Row) -> bool:
    """Whether the threshold is a proposal rather than a published one."""
    return (
        row["basis"] == "editorial"
        or "editorial" in row.sources
        or "editorial" in row["note"]
        or "proposal" in row["note"]
    )


def _applies(row: Row, compound: str, chronic: bool) -> bool:
    aid = aids()
    if row["psychedelic"] not in (compound, "both") or row["rule_id"] in aid["not_in_a_plan"]["rules"]:
        return False
    return chronic or row["rule_id"] not in aid["chronic"]["rules"]


def is_chronic(protocol: Protocol) -> bool:
    """Dosing planned beyond the months after which the echo rules start (MON043's population, editorial)."""
    days = protocol.schedule.dosing_days()
    return bool(days) and max(days) - min(days) > aids()["chronic"]["beyond_days"]


def plan(protocol: Protocol) -> tuple[PlannedVisit, ...]:
    """What to do when: screening, baseline, each visit, dosing days, follow-up and after stopping.

    Visits that fall beyond the last dose are follow-up. Echo and ECG rules for chronic 5-HT2B exposure come in where
    dosing runs beyond three months; MADRS rules where the protocol scores it or its people are depressed.
    """
    rows = [r for r in read("safety/monitoring") if _applies(r, protocol.compound, is_chronic(protocol))]
    scales = {outcome.id.casefold() for outcome in protocol.outcomes}
    depressed = protocol.population.indication in ("MDD", "TRD", "bipolar depression")
    if not depressed and not any("madrs" in scale for scale in scales):
        rows = [row for row in rows if "MADRS" not in row["instrument"]]
    last_dose_week = max(protocol.schedule.dosing_days(), default=0) / 7
    visits = [PlannedVisit("screening", None, _at(rows, "screening"))]
    for week in protocol.visits.weeks:
        kinds = [BASELINE] if week == 0 else ["visit"]
        if week >= last_dose_week:
            kinds += ["end"]
        visits.append(PlannedVisit(f"week {week:g}" if week else BASELINE, week, _at(rows, *kinds)))
    visits += [
        PlannedVisit("first dosing day", None, _at(rows, "first dose")),
        PlannedVisit("every dosing day", None, _at(rows, "dosing day")),
        PlannedVisit("follow-up after the last dose", None, _at(rows, "follow-up")),
        PlannedVisit("any contact after dosing", None, _at(rows, "any contact")),
    ]
    return tuple(visit for visit in visits if visit.checks)


def _at(rows: Iterable[Row], *kinds: str) -> tuple[Check, ...]:
    when = aids()["when"]
    return tuple(_check(row) for row in rows if any(kind in when.get(row["rule_id"], ()) for kind in kinds))


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
        return tuple(float(n) for n in numbers)
    if row["rule_id"] in aids()["worded"]:
        return tuple(float(n) for n in aids()["worded"][row["rule_id"]])
    try:
        return tuple(float(part) for part in row["threshold"].split("/"))
    except ValueError:
        return ()


def watch(
    visits: Iterable[Mapping[str, Any]], compound: str = "LSD", thresholds: Mapping[str, Any] | None = None
) -> tuple[Alert, ...]:
    """The stopping rules met by one person's visits, in order of visit, gravest first within a visit.

    A visit is a mapping of measures (`sbp`, `dbp`, `hr`, `temperature_c`, `qtcf`, `cssrs`, `madrs`, `madrs_10`, `ymrs`,
    `ast`, `alt`, Hunter signs ...) with `person` and `visit`; the first is the baseline. `thresholds` changes editorial limits.
    """
    from limen.safety.monitoring.stopping import RULES

    changed, visits = thresholds or {}, list(visits)
    known = {row["rule_id"] for row in read("safety/monitoring")}
    if unknown := sorted(set(changed) - known):
        raise DataError(f"there is no monitoring rule {unknown[0]!r}", remedy="rules are MON001 and so on")
    alerts = []
    for number, visit in enumerate(visits):
        found = []
        for rule_id, rule in RULES.items():
            row = read("safety/monitoring").row(rule_id)
            if row["psychedelic"] not in (compound, "both"):
                continue
            values = rule(visits[: number + 1], limits(row, changed) if row["threshold"] else ())
            if values:
                found.append(_alert(row, visit, values, rule_id in changed))
        found += _hunter(visit)
        alerts += sorted(found, key=lambda a: (LEVELS.index(a.level), a.rule_id))
    return tuple(alerts)


def _alert(row: Row, visit: Mapping[str, Any], values: Mapping[str, float], changed: bool) -> Alert:
    words = f"{row['measure']}: {row['logic']}" + (" (threshold changed locally)" if changed else "")
    return Alert(
        person=str(visit.get("person", "")), visit=str(visit.get("visit", "")), rule_id=row["rule_id"], domain=row["domain"],
        values=tuple(values.items()), rule=words, action=row["action"], level=row["level"], basis=row["basis"],
        sources=row.sources, verification=row["verification"], sign_off=SIGN_OFF if is_editorial(row) else "",
    )  # fmt: skip


def _hunter(visit: Mapping[str, Any]) -> list[Alert]:
    signs = Signs(
        serotonergic_exposure=bool(visit.get("serotonergic_exposure", True)),
        temperature_c=visit.get("temperature_c"),
        **{name: bool(visit.get(name)) for name in aids()["hunter"]["signs"]},
    )
    found = hunter(signs)
    values = {name: 1.0 for name in aids()["hunter"]["signs"] if visit.get(name)}
    if signs.temperature_c is not None:
        values["temperature_c"] = signs.temperature_c
    return [_alert(read("safety/monitoring").row(rule), visit, values, False) for rule in found.rules]
