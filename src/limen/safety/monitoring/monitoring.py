"""A protocol's monitoring plan by visit.

Rules are rows of `facts/safety/monitoring`; `monitoring.toml` says at which visits each belongs and which measure its
threshold is about. Editorial thresholds are proposals: they may be changed, and a clinician signs them off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from limen.compounds import compound as record
from limen.facts.read import Row, read
from limen.results import Result
from limen.safety.monitoring.aids import SIGN_OFF, is_editorial, monitoring_aids
from limen.units import moment

if TYPE_CHECKING:
    from limen.protocol import Protocol

BASELINE = "baseline"
SCHEMA_VERSION = 1


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


@dataclass(frozen=True)
class Watch(Result):
    """A protocol's monitoring plan: its visits, each with a box to tick for every check."""

    visits: tuple[PlannedVisit, ...]

    def document(self) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, "plan": [asdict(visit) for visit in self.visits]}

    def rows(self) -> list[dict[str, Any]]:
        return [{"visit": v.name, **asdict(check)} for v in self.visits for check in v.checks]

    def lines(self) -> list[str]:
        alike: dict[tuple[Check, ...], list[str]] = {}
        for visit in self.visits:
            alike.setdefault(visit.checks, []).append(visit.name)
        return [line for checks, names in alike.items() for line in (_together(names), *map(_box, checks))]


def _together(names: list[str]) -> str:
    """Visits at which the same is done: 'weeks 2, 4, 6'."""
    one, rest = names[0].split(" ")[0], [name.split(" ", 1)[-1] for name in names]
    alike = len(names) > 1 and all(name.startswith(f"{one} ") for name in names)
    return f"{one}s {', '.join(rest)}" if alike else ", ".join(names)


def _box(check: Check) -> str:
    sign_off = f" ({check.sign_off})" if check.sign_off else ""
    return f"  [ ] {check.measure}: {check.instrument} [{check.rule_id}] {check.action}{sign_off}"


def _check(row: Row) -> Check:
    threshold = f"{row['operator']} {row['threshold']} {row['unit']}".strip()
    sign_off = SIGN_OFF if is_editorial(row) else ""
    return row.into(Check, threshold=threshold if row["threshold"] else "", sign_off=sign_off)


def _applies(row: Row, compound: str, chronic: bool) -> bool:
    aid = monitoring_aids()
    if row["psychedelic"] not in record(compound).rules or row["rule_id"] in aid["not_in_a_plan"]["rules"]:
        return False
    return chronic or row["rule_id"] not in aid["chronic"]["rules"]


def is_chronic(protocol: Protocol) -> bool:
    """Dosing planned beyond the months after which the echo rules start (MON043's population, editorial)."""
    days = protocol.schedule.dosing_days()
    return bool(days) and max(days) - min(days) > monitoring_aids()["chronic"]["beyond_days"]


def plan(protocol: Protocol) -> tuple[PlannedVisit, ...]:
    """What to do when: screening, baseline, each visit, dosing days, follow-up and after stopping.

    Visits that fall beyond the last dose are follow-up. Echo and ECG rules for chronic 5-HT2B exposure come in where
    dosing runs beyond three months; MADRS rules where the protocol scores it or its people are depressed.
    """
    rows = [r for r in read("safety/monitoring") if _applies(r, protocol.compound, is_chronic(protocol))]
    scales = {outcome.id.casefold() for outcome in protocol.outcomes}
    depressed = protocol.population.ill.condition == "depression"
    if not depressed and not any("madrs" in scale for scale in scales):
        rows = [row for row in rows if "MADRS" not in row["instrument"]]
    last_dose_week = max(protocol.schedule.dosing_days(), default=0) / 7
    visits = [PlannedVisit("screening", None, _at(rows, "screening"))]
    for week in protocol.visits.weeks:
        kinds = [BASELINE] if week == 0 else ["visit"]
        if week >= last_dose_week:
            kinds += ["end"]
        visits.append(
            PlannedVisit(moment(week).removeprefix("at ") if week else BASELINE, week, _at(rows, *kinds))
        )
    visits += [
        PlannedVisit("first dosing day", None, _at(rows, "first dose")),
        PlannedVisit("every dosing day", None, _at(rows, "dosing day")),
        PlannedVisit("follow-up after the last dose", None, _at(rows, "follow-up")),
        PlannedVisit("any contact after dosing", None, _at(rows, "any contact")),
    ]
    return tuple(visit for visit in visits if visit.checks)


def _at(rows: Iterable[Row], *kinds: str) -> tuple[Check, ...]:
    when = monitoring_aids()["when"]
    return tuple(_check(row) for row in rows if any(kind in when.get(row["rule_id"], ()) for kind in kinds))
