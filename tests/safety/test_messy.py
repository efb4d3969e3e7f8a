"""Messy lists: no dangerous drug ends eligible, and how often a harmless list is held up."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import screen

FOLDER = Path(__file__).parent / "messy"
LISTS = [
    row
    for name in ("clinic", "generated", "review")
    for row in csv.DictReader((FOLDER / f"{name}.csv").open(encoding="utf-8"))
]


TODAY = date(2026, 3, 1)
# slang and initials that nobody can be asked to offer a drug for: for a clinician, and that is all
NOT_OFFERED = {"R011", "R083", "R110", "R111", "R115", "R131"}


def decision(row: dict[str, str]) -> str:
    return screen(Patient(medications=read_list(row["text"], TODAY)), row["compound"]).decision


def test_the_suite_has_not_shrunk() -> None:
    assert Counter(row["id"][0] for row in LISTS) == {"C": 172, "G": 180, "R": 273}


@pytest.mark.parametrize("row", [r for r in LISTS if r["dangerous"] == "yes"], ids=lambda r: r["id"])
def test_no_dangerous_list_ends_eligible(row: dict[str, str]) -> None:
    assert decision(row) != ELIGIBLE


def test_what_needs_a_clinician_is_never_passed() -> None:
    passed = [r["id"] for r in LISTS if r["expected_decision"] == CLINICIAN and decision(r) == ELIGIBLE]
    assert passed == []


def test_false_alarms_are_few_and_never_exclusions(record_property: pytest.RecordProperty) -> None:
    harmless = [r for r in LISTS if r["expected_decision"] == ELIGIBLE]
    alarms = {r["id"]: decision(r) for r in harmless if decision(r) != ELIGIBLE}
    record_property("false alarms", f"{len(alarms)} of {len(harmless)}")
    assert NOT_ELIGIBLE not in alarms.values()
    # 0 of 25 written, 7 of 45 generated, 6 of 71 of the second reader
    assert len(alarms) <= 13, f"{len(alarms)} of {len(harmless)}: {sorted(alarms)}"


def test_every_meant_drug_is_read_or_offered() -> None:
    lost = []
    for row in (row for row in LISTS if row["id"] not in NOT_OFFERED):
        readings = read_list(row["text"])
        seen = {d for r in readings for d in r.drugs} | {n for r in readings for n, _ in r.meaning.candidates}
        words = " ".join((*seen, *(r.text for r in readings))).casefold()
        lost += [(row["id"], name) for name in row["expected_drugs"].split(";") if name and name not in words]
    assert lost == []
