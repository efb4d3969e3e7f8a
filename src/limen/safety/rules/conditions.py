"""Conditions and measurements against `facts/safety/contraindications`.

A rule whose criterion is met decides by its severity. Where rules under one key disagree about a patient (trials differ),
the protocol chooses; without a choice the patient is one for a clinician and every alternative is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from limen.compounds import compound as record
from limen.facts.read import Row, read
from limen.safety import aids_of
from limen.safety.reading.codes import under
from limen.safety.reading.conditions import Condition, Measurements

MET, NOT_MET, UNKNOWN, SILENT = "met", "not met", "needs a measurement", "silent"


@dataclass(frozen=True)
class ConditionHit:
    """A contraindication rule and what it makes of this patient. `decides` is how it bears on eligibility."""

    rule_id: str
    key: str
    condition: str
    criterion: str
    status: str
    found: str
    severity: str
    decides: str
    population: str
    used_by: str
    sources: tuple[str, ...]
    locator: str
    verification: str
    note: str
    alternatives: tuple[str, ...] = ()
    origin: str = ""


def condition_aids() -> Mapping[str, Any]:
    """`conditions.toml`: which measures a row is about and how it is read."""
    return aids_of("rules", "conditions")


def met_by_number(row: Row, measured: Measurements) -> str:
    """A threshold row against the measurements: met, not met, or unknown where nothing was measured."""
    fields = condition_aids()["fields"].get(row["rule_id"], ())
    values = [measured.get(name) for name in fields]
    if not any(value is not None for value in values):
        return UNKNOWN
    operator, threshold = row["operator"], row["threshold_value"]
    if row["rule_id"] in condition_aids()["reading"]["at_least"]:
        operator = ">="
    if operator == "outside":
        low, high = (float(part) for part in threshold.split("-"))
        return MET if any(v is not None and not low <= v <= high for v in values) else NOT_MET
    limits = [float(part) for part in threshold.split("/")]
    if row["rule_id"] in condition_aids()["reading"]["by_sex"]:
        limits = [limits[-1] if measured.sex.casefold().startswith("f") else limits[0]]
    paired = len(limits) > 1
    limits += limits[-1:] * (len(values) - len(limits))
    beyond = {">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__}[operator]
    met = any(v is not None and beyond(float(v), limit) for v, limit in zip(values, limits, strict=False))
    if met:
        return MET
    # "AST or ALT": one of them answers; a blood pressure needs both its numbers
    return NOT_MET if all(v is not None for v in values) or not paired else UNKNOWN


@dataclass(frozen=True)
class _Weighed:
    """A row, what it makes of a patient, what it was found in, and whether that is in doubt."""

    row: Row
    status: str
    found: str = ""
    doubt: bool = False


def _status(row: Row, conditions: Iterable[Condition], measured: Measurements) -> _Weighed:
    reading, rule = condition_aids()["reading"], row["rule_id"]
    of_row = [c for c in conditions if _speaks(row, c) and _recent(row, c)]
    if not of_row and not any(name in measured.values for name in condition_aids()["fields"].get(rule, ())):
        return _Weighed(row, SILENT)
    coded = "; ".join(dict.fromkeys(c.text for c in of_row))
    doubt = bool(of_row) and all(c.doubt for c in of_row)
    if rule not in condition_aids()["fields"]:
        return _Weighed(row, MET if coded else SILENT, coded, doubt)
    status = met_by_number(row, measured)
    found = ", ".join(
        f"{name} {value:g}"
        for name in condition_aids()["fields"][rule]
        if (value := measured.get(name)) is not None
    )
    if status == UNKNOWN and not found:
        if not coded:
            return _Weighed(row, SILENT)
        return _Weighed(row, MET if rule in reading["diagnosis_enough"] else UNKNOWN, coded, doubt)
    # "dialysis; eGFR 95": a diagnosis does not go away by a number, unless the number is what it is made by
    if status == NOT_MET and coded and rule not in reading["number_settles"]:
        return _Weighed(row, MET, f"{coded}; {found}", True)
    return _Weighed(row, status, found)


def _speaks(row: Row, condition: Condition) -> bool:
    return any(
        key == row["condition_key"] or under(code, row["icd10_prefix"]) for key, code in condition.means
    )


def _recent(row: Row, condition: Condition) -> bool:
    """Inside the row's look-back, or without one; an undated condition counts."""
    lookback = row.number("lookback_days")
    return lookback is None or condition.days_ago is None or condition.days_ago <= lookback


def assess(
    conditions: Iterable[Condition],
    measured: Measurements,
    compound: str,
    population: str = "",
    form: str = "",
    choose: Mapping[str, str] | None = None,
) -> tuple[ConditionHit, ...]:
    """Every contraindication rule that is met, needs a measurement, or is an alternative to one that is met.

    `choose` maps a condition key to the rule the protocol uses. Gravest first.
    """
    choose, reading, own = choose or {}, condition_aids()["reading"], record(compound).rules
    affirmed = [c for c in conditions if c.means and not c.negated]
    groups: dict[str, list[_Weighed]] = {}
    for row in read("safety/contraindications"):
        rule = row["rule_id"]
        if rule in reading["elsewhere"]:
            continue
        if rule in reading["only_form"] and form and reading["only_form"][rule] not in form:
            continue
        groups.setdefault(row["condition_key"], []).append(_status(row, affirmed, measured))
    hits: list[ConditionHit] = []
    for key, group in groups.items():
        if any(w.status != SILENT for w in group):
            hits += _weigh(key, group, own, population, choose)
    order = ("not eligible", "needs a clinician", "")
    return tuple(sorted(hits, key=lambda h: (order.index(h.decides), h.rule_id)))


def _applies(row: Row, own: Collection[str], population: str) -> bool:
    only = condition_aids()["reading"]["only_in"].get(row["rule_id"], "")
    return row["psychedelic"] in own and (not only or only.casefold() in population.casefold())


def _weigh(
    key: str, group: list[_Weighed], own: Collection[str], population: str, choose: Mapping[str, str]
) -> list[ConditionHit]:
    applying = [w for w in group if _applies(w.row, own, population)]
    if key in choose and any(w.row["rule_id"] == choose[key] for w in group):
        applying = [w for w in group if w.row["rule_id"] == choose[key]]
    met = any(w.status == MET for w in applying)
    disputed = any(w.status == NOT_MET for w in applying)
    shown = {
        w.row["rule_id"]: f"{w.row['rule_id']}: {_criterion(w.row)} ({w.row['used_by']})"
        for w in group
        if w.status != SILENT
    }
    hits = [_hit(w, _decides(w, disputed), shown, "") for w in applying if w.status not in (SILENT, NOT_MET)]
    ranges = [w.status for w in group if w.row["operator"] == "outside"]
    outside_all = key == "age" and bool(ranges) and all(status == MET for status in ranges)
    for w in group:
        foreign = w.row["psychedelic"] not in own
        if w in applying or w.status not in ((MET, UNKNOWN) if foreign else (MET,)):
            continue
        # another population's rule, or the other compound's: grave only where nothing of the patient's own speaks
        theirs = f"from the other compound's trials ({w.row['psychedelic']})" if foreign else ""
        absolute = w.row["severity"] == "absolute" and (key != "age" or not theirs)
        # what only the other compound's trials have a rule about is nobody's licence
        absolute |= (
            bool(theirs) and key != "age" and w.row["rule_id"] not in condition_aids()["reading"]["only_in"]
        )
        grave = not met and (outside_all or (absolute and not disputed))
        decides = "" if not grave else "not eligible" if outside_all else "needs a clinician"
        if decides or theirs:
            hits.append(_hit(w, decides, shown, theirs))
    return hits


def _decides(w: _Weighed, disputed: bool) -> str:
    if w.status == UNKNOWN:
        return "" if w.row["severity"] == "population-specific" else "needs a clinician"
    if (
        disputed
        or w.doubt
        or w.row["rule_id"] in condition_aids()["reading"]["judgement"]
        or w.row["action"] == "review"
    ):
        return "needs a clinician"
    return "needs a clinician" if w.row["severity"] == "relative" else "not eligible"


def _criterion(row: Row) -> str:
    number = (
        f" {row['operator']} {row['threshold_value']} {row['threshold_unit']}"
        if row["threshold_value"]
        else ""
    )
    days = f", within {row['lookback_days']} d" if row["lookback_days"] else ""
    return f"{row['criterion']}{number}{days}".strip()


def _hit(w: _Weighed, decides: str, shown: Mapping[str, str], origin: str) -> ConditionHit:
    return w.row.into(
        ConditionHit, key=w.row["condition_key"], criterion=_criterion(w.row), status=w.status, found=w.found,
        decides=decides, origin=origin,
        alternatives=tuple(text for rule, text in shown.items() if rule != w.row["rule_id"]),
    )  # fmt: skip
