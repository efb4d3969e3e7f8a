"""Conditions and measurements against `facts/safety/contraindications`.

A rule whose criterion is met decides by its severity. Where rules under one key disagree about a patient (trials differ),
the protocol chooses; without a choice the patient is one for a clinician and every alternative is shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from limen.facts.read import Row, read
from limen.safety.reading.conditions import Condition, Measurements, codes_of

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


@cache
def aids() -> Mapping[str, Any]:
    """`conditions.toml`: which measures a row is about and how it is read."""
    return tomllib.loads(files("limen.safety.rules").joinpath("conditions.toml").read_text(encoding="utf-8"))


def under(code: str, prefixes: str) -> bool:
    """Whether an ICD-10 code falls under `F20; I10-I15; R45.8`: by prefix, or inside a range of categories."""
    code = code.upper()
    code = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
    for part in (p.strip() for p in prefixes.split(";")):
        low, _, high = part.partition("-")
        if high and low <= code[:3] <= high:
            return True
        if not high and part and code.startswith(part):
            return True
    return False


def met_by_number(row: Row, measured: Measurements) -> str:
    """A threshold row against the measurements: met, not met, or unknown where nothing was measured."""
    fields = aids()["fields"].get(row["rule_id"], ())
    values = [measured.get(name) for name in fields]
    if not any(value is not None for value in values):
        return UNKNOWN
    operator, threshold = row["operator"], row["threshold_value"]
    if row["rule_id"] in aids()["reading"]["at_least"]:
        operator = ">="
    if operator == "outside":
        low, high = (float(part) for part in threshold.split("-"))
        return MET if any(v is not None and not low <= v <= high for v in values) else NOT_MET
    limits = [float(part) for part in threshold.split("/")]
    if row["rule_id"] in aids()["reading"]["by_sex"]:
        limits = [limits[-1] if measured.sex.casefold().startswith("f") else limits[0]]
    paired = len(limits) > 1
    limits += limits[-1:] * (len(values) - len(limits))
    beyond = {">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__}[operator]
    met = any(v is not None and beyond(float(v), limit) for v, limit in zip(values, limits, strict=False))
    if met:
        return MET
    # "AST or ALT": one of them answers; a blood pressure needs both its numbers
    return NOT_MET if all(v is not None for v in values) or not paired else UNKNOWN


def _status(row: Row, conditions: Iterable[Condition], measured: Measurements) -> tuple[str, str]:
    """What a row makes of a patient, and what it was found in."""
    reading = aids()["reading"]
    coded = [
        condition.text or condition.code
        for condition in conditions
        if not condition.negated
        and any(
            (key == row["condition_key"] or under(code, row["icd10_prefix"])) and _recent(row, condition)
            for key, code in codes_of(condition)
        )
    ]
    by_number = row["rule_id"] in aids()["fields"]
    if by_number:
        status = met_by_number(row, measured)
        found = ", ".join(
            f"{name} {value:g}"
            for name in aids()["fields"][row["rule_id"]]
            if (value := measured.get(name)) is not None
        )
        if status == UNKNOWN and not found:
            if not coded:
                return SILENT, ""
            return (MET if row["rule_id"] in reading["diagnosis_enough"] else UNKNOWN), "; ".join(coded)
        return status, found
    return (MET, "; ".join(coded)) if coded else (SILENT, "")


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
    conditions, choose, reading = tuple(conditions), choose or {}, aids()["reading"]
    rows: dict[str, list[tuple[Row, str, str]]] = {}
    for row in read("safety/contraindications"):
        rule = row["rule_id"]
        if rule in reading["elsewhere"]:
            continue
        if rule in reading["only_form"] and form and reading["only_form"][rule] not in form:
            continue
        status, found = _status(row, conditions, measured)
        rows.setdefault(row["condition_key"], []).append((row, status, found))
    hits: list[ConditionHit] = []
    for key, group in rows.items():
        hits += _weigh(key, group, compound, population, choose)
    order = ("not eligible", "needs a clinician", "")
    return tuple(sorted(hits, key=lambda h: (order.index(h.decides), h.rule_id)))


def _applies(row: Row, compound: str, population: str) -> bool:
    only = aids()["reading"]["only_in"].get(row["rule_id"], "")
    return row["psychedelic"] in (compound, "both") and (not only or only.casefold() in population.casefold())


def _weigh(
    key: str, group: list[tuple[Row, str, str]], compound: str, population: str, choose: Mapping[str, str]
) -> list[ConditionHit]:
    applying = [(r, s, f) for r, s, f in group if _applies(r, compound, population)]
    if key in choose and any(r["rule_id"] == choose[key] for r, _, _ in group):
        applying = [(r, s, f) for r, s, f in group if r["rule_id"] == choose[key]]
    met = [entry for entry in applying if entry[1] == MET]
    against = [r["rule_id"] for r, s, _ in applying if s == NOT_MET]
    elsewhere = [entry for entry in group if entry not in applying and entry[1] == MET]
    shown = {
        r["rule_id"]: f"{r['rule_id']}: {_criterion(r)} ({r['used_by']})" for r, s, _ in group if s != SILENT
    }
    hits = []
    for row, status, found in applying:
        if status in (SILENT, NOT_MET):
            continue
        others = tuple(text for rule, text in shown.items() if rule != row["rule_id"])
        hits.append(_hit(row, status, found, _decides(row, status, bool(against)), others))
    if not met:
        ranges = [s for r, s, _ in group if r["operator"] == "outside"]
        outside_all = key == "age" and bool(ranges) and all(s == MET for s in ranges)
        undisputed = not any(s == NOT_MET for _, s, _ in applying)
        for row, status, found in elsewhere:
            # another population's rule, or the other compound's: grave only where nothing of the patient's own speaks
            absolute = row["severity"] == "absolute" and (
                key != "age" or row["psychedelic"] in (compound, "both")
            )
            decides = (
                "not eligible" if outside_all else "needs a clinician" if absolute and undisputed else ""
            )
            if decides or row["rule_id"] not in aids()["reading"]["only_in"]:
                others = tuple(text for rule, text in shown.items() if rule != row["rule_id"])
                hits.append(_hit(row, status, found, decides, others))
    return hits


def _decides(row: Row, status: str, disputed: bool) -> str:
    if status == UNKNOWN:
        return "" if row["severity"] == "population-specific" else "needs a clinician"
    if disputed or row["rule_id"] in aids()["reading"]["judgement"] or row["action"] == "review":
        return "needs a clinician"
    return "needs a clinician" if row["severity"] == "relative" else "not eligible"


def _criterion(row: Row) -> str:
    number = (
        f" {row['operator']} {row['threshold_value']} {row['threshold_unit']}"
        if row["threshold_value"]
        else ""
    )
    days = f", within {row['lookback_days']} d" if row["lookback_days"] else ""
    return f"{row['criterion']}{number}{days}".strip()


def _hit(row: Row, status: str, found: str, decides: str, alternatives: tuple[str, ...]) -> ConditionHit:
    return ConditionHit(
        rule_id=row["rule_id"],
        key=row["condition_key"],
        condition=row["condition"],
        criterion=_criterion(row),
        status=status,
        found=found,
        severity=row["severity"],
        decides=decides,
        population=row["population"],
        used_by=row["used_by"],
        sources=row.sources,
        locator=row["locator"],
        verification=row["verification"],
        note=row["note"],
        alternatives=alternatives,
    )
