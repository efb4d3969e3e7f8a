"""A date of stopping counts only where nothing in the words leaves it in doubt."""

from __future__ import annotations

from datetime import date

import pytest

from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.reading.stops import Stop, stop
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.screening.screen import screen

TODAY = date(2026, 3, 1)


def decision(text: str) -> str:
    return screen(Patient(medications=read_list(text, TODAY)), "psilocybin").decision


@pytest.mark.parametrize(
    "text",
    [
        "lithium 400 mg, started 3 months ago", "Lithium 400mg MR - started 6 weeks ago", "lithium; new 2 months ago",
        "lithium 400 mg\nstable since 2 years ago", "Nardil since 6 weeks ago", "Parnate 10mg bd - commenced 1 month ago",
        "lithium on and off for 10 years", "not stopped phenelzine 3 weeks", "has not stopped lithium",
        "lithium to be stopped 60 days before dosing", "lithium will be stopped 3 months ago", "phenelzine stopped 30 days ago, restarted",
        "phenelzine stopped 30 days ago but back on it",
    ],
)  # fmt: skip
def test_starting_and_going_on_are_not_stopping(text: str) -> None:
    assert decision(text) in (NOT_ELIGIBLE, CLINICIAN)
    assert all(r.stopped_days is None for r in read_list(text, TODAY) if r.drugs and "restarted" not in text)


@pytest.mark.parametrize(
    "text",
    [
        "phenelzine stopped after 2 years", "phenelzine stopped (was on 3 years)", "lithium 600 mg until 2025-06-01, then 400 mg",
        "lithium stopped 40 days ago; 400 mg daily", "phenelzine stopped 1-3 weeks ago", "phenelzine stopped <3 weeks ago",
        "phenelzine stopped 1/2 year ago", "phenelzine 3 weeks ago", "phenelzine stopped about 2 weeks ago",
        "lithium started 2019-01-01 stopped 2020-01-01", "lithium held", "lithium abgesetzt", "stopped lithium 2020",
        "lithium stopped 6/52 ago", "phenelzine stopped 2 to 3 weeks ago", "lithium stopped recently", "lithium stopped 2026-13-45",
    ],
)  # fmt: skip
def test_a_stop_in_doubt_has_no_date(text: str) -> None:
    assert decision(text) == CLINICIAN
    assert {(r.stopped, r.stopped_days) for r in read_list(text, TODAY) if r.drugs} == {(True, None)}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("stopped 6 weeks ago", 42), ("d/c'd 3 weeks ago", 21), ("off for 10 days", 10), ("discontinued 2026-02-01", 28),
        ("last taken 36 hours ago", 1.5), ("stopped 50 mg 2 years ago", 730.5), ("came off 5 mths ago", 152),
    ],
)  # fmt: skip
def test_a_plain_stop_has_its_days(text: str, days: float) -> None:
    assert stop(text, TODAY) == Stop(stopped=True, days=pytest.approx(days))


@pytest.mark.parametrize(
    "text",
    [
        "olanzapine pamoate stopped 30 days ago", "paliperidone palmitate stopped 40 days ago", "Xeplion stopped 40 days ago",
        "aripiprazole injection stopped 70 days ago", "haloperidol dec stopped 60 days ago", "olanzapine monthly, stopped 30 days ago",
    ],
)  # fmt: skip
def test_half_lives_of_tablets_say_nothing_about_long_acting_injections(text: str) -> None:
    assert decision(text) in (CLINICIAN, NOT_ELIGIBLE)
    assert decision(text.replace(" days", "00 days")) == CLINICIAN


@pytest.mark.parametrize(
    "text", ["injection every 4 weeks", "patch once weekly", "depot monthly", "pen weekly", "?", "???", "💊"]
)
def test_what_names_no_medicine_is_not_passed(text: str) -> None:
    assert decision(text) == CLINICIAN
    assert decision(f"paracetamol; {text}") == CLINICIAN


def test_a_dose_on_a_line_of_its_own_belongs_to_the_medicine_before() -> None:
    assert decision("Zyrtec\n10 mg at night") == ELIGIBLE
