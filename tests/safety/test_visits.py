"""Visit data as people bring them: units, order, ids and baselines are read or refused, never guessed in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from limen.errors import DataError
from limen.safety.monitoring.visits import Watched, watch_file

CASES = Path(__file__).parent / "cases" / "monitor"


def watched(folder: Path, text: str) -> Watched:
    file = folder / "visits.csv"
    file.write_text(text, encoding="utf-8")
    return watch_file(file, "LSD")


def met(found: Watched) -> set[tuple[str, str, str]]:
    return {(alert.person, alert.visit, alert.rule_id) for alert in found.alerts}


# --- the small inputs that failed -------------------------------------------------------------------------------------


def test_a_pressure_in_kilopascals_is_refused_and_the_unit_is_named() -> None:
    with pytest.raises(DataError) as refusal:
        watch_file(CASES / "kpa.csv", "LSD")
    assert "sbp" in str(refusal.value)
    assert "kPa" in str(refusal.value)


def test_the_baseline_is_the_visit_called_baseline_and_not_the_first_row() -> None:
    (alert,) = watch_file(CASES / "qtbase.csv", "LSD").alerts
    assert (alert.rule_id, dict(alert.values)["baseline qtcf"]) == ("MON041", 380)


def test_rows_are_read_in_order_of_date() -> None:
    (alert,) = watch_file(CASES / "unsorted.csv", "LSD").alerts
    assert (alert.rule_id, alert.visit, dict(alert.values)["baseline qtcf"]) == ("MON041", "wk4", 380)


def test_unknown_columns_are_refused_with_the_nearest_known() -> None:
    with pytest.raises(DataError) as refusal:
        watch_file(CASES / "cssrs_items.csv", "LSD")
    assert "cssrs_item_4" in str(refusal.value)
    assert "cssrs" in (refusal.value.remedy or "")


def test_liver_enzymes_during_treatment_meet_a_rule() -> None:
    found = watch_file(CASES / "alt.csv", "LSD")
    assert {alert.domain for alert in found.alerts} == {"laboratory"}
    assert any(alert.level == "stop" for alert in found.alerts)


def test_one_person_written_three_ways_is_one_person_and_it_is_said() -> None:
    found = watch_file(CASES / "idcase.csv", "LSD")
    assert met(found) == {("A01", "1", "MON041"), ("A01", "2", "MON041")}
    assert "a01" in "\n".join(found.reading.as_text())


# --- their siblings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("temperature_c", "98.6"), ("temperature_c", "0"), ("qtcf", "0.41"), ("hr", "0"), ("sbp", "0"), ("sbp", "1200"),
        ("cssrs", "3.5"), ("cssrs", "9"), ("madrs_10", "7"), ("madrs", "75"), ("ymrs", "-1"), ("anxiety_grade", "2.5"),
        ("alt", "0.5"), ("seizure", "2"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(tmp_path: Path, column: str, value: str) -> None:
    with pytest.raises(DataError) as refusal:
        watched(tmp_path, f"person,visit,{column}\nA,0,{value}\n")
    assert column in str(refusal.value)


@pytest.mark.parametrize(
    ("columns", "cells", "rule"),
    [
        ("sbp_kpa,dbp_kpa", "25.3,15.0", "MON038"), ("sbp (kPa),dbp (kPa)", "25.3,15.0", "MON038"),
        ("temperature_f", "101", "MON040"), ("Temp [F]", "101", "MON040"), ("qtcf_s", "0.520", "MON041"),
        ("QTcF (ms)", "520", "MON041"), ("alt_ukat_l", "16", "MON055"),
    ],
)  # fmt: skip
def test_a_stated_unit_is_converted(tmp_path: Path, columns: str, cells: str, rule: str) -> None:
    found = watched(tmp_path, f"person,visit,{columns}\nA,wk1,{cells}\n")
    assert rule in {alert.rule_id for alert in found.alerts}


@pytest.mark.parametrize("column", ["sbp_mmhgg", "qtcff", "temprature", "heart rate at rest", "cssrs_total"])
def test_an_unknown_column_never_passes(tmp_path: Path, column: str) -> None:
    with pytest.raises(DataError) as refusal:
        watched(tmp_path, f"person,visit,sbp,{column}\nA,0,120,1\n")
    assert column in str(refusal.value)


def test_a_column_left_out_by_name_is_said(tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("person,visit,sbp,nurse\nA,0,120,Kim\n")
    found = watch_file(file, "LSD", ignore=("nurse",))
    assert "nurse" in "\n".join(found.reading.as_text())


@pytest.mark.parametrize(
    "order",
    [
        ("baseline", "wk4"),
        ("day 0", "day 28"),
        ("Week 0", "Week 4"),
        ("V0", "V4"),
        ("0", "4"),
        ("BL", "month 1"),
    ],
)
def test_visits_are_put_in_order_by_what_they_are_called(tmp_path: Path, order: tuple[str, str]) -> None:
    first, later = order
    found = watched(tmp_path, f"person,visit,qtcf\nA,{later},465\nA,{first},380\n")
    assert met(found) == {("A", later, "MON041")}


def test_without_a_baseline_the_rules_that_need_one_are_said_not_to_be_judged(tmp_path: Path) -> None:
    found = watched(tmp_path, "person,visit,qtcf\nA,wk2,380\nA,wk4,465\n")
    assert not found.alerts
    assert any("baseline" in heard.note for heard in found.reading.unread)


def test_a_baseline_without_the_value_takes_the_last_one_before_it(tmp_path: Path) -> None:
    found = watched(tmp_path, "person,visit,sbp,qtcf\nA,screening,120,380\nA,baseline,120,\nA,wk4,120,460\n")
    assert met(found) == {("A", "wk4", "MON041")}


def test_visits_nobody_can_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        watched(tmp_path, "person,visit,qtcf\nA,green room,380\nA,blue room,465\n")
    assert "date" in (refusal.value.remedy or "")


def test_dates_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        watched(tmp_path, "person,visit,date,qtcf\nA,wk1,03/04/2026,380\n")


def test_a_sustained_rule_asks_for_two_readings(tmp_path: Path) -> None:
    one = watched(tmp_path, "person,visit,sbp,dbp\nA,wk1,190,95\n")
    assert {a.rule_id for a in one.alerts} == {"MON037", "MON038"}
    assert all("single reading" in a.note for a in one.alerts)
    two = watched(tmp_path, "person,visit,sbp,dbp\nA,wk1,190,95\nA,wk1,188,95\n")
    assert {a.rule_id for a in two.alerts} == {"MON037", "MON038"}
    assert not any("single reading" in a.note for a in two.alerts)
    settled = watched(tmp_path, "person,visit,sbp,dbp\nA,wk1,190,95\nA,wk1,130,85\n")
    assert not settled.alerts


@pytest.mark.parametrize(("cells", "column"), [("36", "hr"), ("41", "temperature_c")])
def test_a_slow_heart_and_a_very_high_temperature_are_emergencies(
    tmp_path: Path, cells: str, column: str
) -> None:
    found = watched(tmp_path, f"person,visit,{column}\nA,wk1,{cells}\nA,wk1,{cells}\n")
    assert "emergency" in {alert.level for alert in found.alerts}


def test_lines_that_look_alike_show_the_limits_that_tell_them_apart(tmp_path: Path) -> None:
    found = watched(tmp_path, "person,visit,sbp,dbp\nA,wk1,190,120\nA,wk1,190,120\n")
    lines = [line for line in found.lines() if "sbp 190" in line]
    assert len(lines) == len(set(lines)) == 2
    assert any("160/100" in line for line in lines)
    assert any("180/110" in line for line in lines)


def test_nothing_met_says_what_was_not_judged(tmp_path: Path) -> None:
    said = "\n".join(watched(tmp_path, "person,visit,sbp\nA,0,120\n").lines())
    assert "qtcf" in said
    assert "not judged" in said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("person,visit,hr\nA,baseline,yes\n", "not a number"),
        ("person,visit,cssrs\nA,baseline,yes\n", "not a number"),
        ("person,visit,sbp\nA,baseline,severe\n", "not a number"),
        ("person,visit,qtcf\n", "nobody is in this file"),
        ("person,visit,qtcf\n01,baseline,400\n1,week 4,470\n", "differ in zeros only"),
        ("person,visit,date,qtcf\nA,week 4,2026-01-01,400\nA,baseline,2026-02-01,470\n", "before 'baseline'"),
    ],
)
def test_what_nobody_can_judge_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "v.csv").write_text(rows)
    with pytest.raises(DataError, match=said):
        watch_file(tmp_path / "v.csv", "LSD")


@pytest.mark.parametrize(
    "rows",
    [
        "A,screening,380\nA,week 4,445",  # the last visit before the first dose
        "A,baseline,380\nA,baseline,430\nA,week 4,445",  # the lower of two readings
        "Ａ,baseline,380\nA,week 4,445",  # one person in two widths of letters
    ],
)
def test_a_rise_is_judged_from_the_last_value_before_the_first_dose(tmp_path: Path, rows: str) -> None:
    (tmp_path / "v.csv").write_text(f"person,visit,qtcf\n{rows}\n")
    assert [a.rule_id for a in watch_file(tmp_path / "v.csv", "LSD").alerts] == ["MON041"]


def test_a_measure_without_a_value_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("person,visit,qtcf,alt\nA,baseline,400,\nB,baseline,,\n")
    said = [(h.words, h.note) for h in watch_file(tmp_path / "v.csv", "LSD").reading.unread]
    assert ("qtcf", "no value for B") in said
    assert any(words == "ast or alt" for words, _ in said)


def test_a_column_to_leave_out_that_is_not_there_is_a_slip(tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("person,visit,sbp,nurse\nA,baseline,120,x\n", encoding="utf-8")
    with pytest.raises(DataError, match="'nurs'"):
        watch_file(file, "LSD", ignore=("nurs",))


def test_a_pipe_is_refused_and_not_read_from_its_middle(tmp_path: Path) -> None:
    pipe = tmp_path / "visits.csv"
    os.mkfifo(pipe)
    with pytest.raises(DataError, match="pipe"):
        watch_file(pipe, "LSD")
