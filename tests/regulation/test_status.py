"""What was in force where on which day, and when nobody can tell."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.errors import FactsError
from limen.facts.read import read
from limen.figures import law_timeline
from limen.regulation.events import Event, compounds, events, jurisdictions, reach, span
from limen.regulation.report import everywhere
from limen.regulation.status import iso_day, status_on
from limen.regulation.timeline import timeline

days = st.dates(date(1965, 1, 1), date(2030, 1, 1))


def test_every_event_is_classified() -> None:
    assert {row["event_id"] for row in read("regulation/event_effects")} == {e.event_id for e in events()}
    assert all(None not in row.cells.values() for row in read("regulation/event_effects"))


def test_australia_tells_the_30th_of_june_from_the_1st_of_july_2023() -> None:
    before, after = (
        status_on("AU", "psilocybin", date(2023, 6, 30)),
        status_on("AU", "psilocybin", date(2023, 7, 1)),
    )
    assert before.status == "Schedule 9"
    assert after.status == "Schedule 8 for these uses, Schedule 9 otherwise"
    assert after.event is not None
    assert after.event.event_id == "E024"
    assert [e.event_id for e in before.pending] == ["E021"]  # announced in February, in force in July
    assert [e.event_id for e in before.next] == ["E024"]
    assert after.pending == ()


def test_an_announcement_changes_nothing() -> None:
    day_before, day_after = (status_on("AU", "psilocybin", date(2023, 2, d)) for d in (2, 3))
    assert day_before.status == day_after.status == "Schedule 9"
    assert "E021" in [e.event_id for e in day_after.pending]
    assert "E021" not in [e.event_id for e in day_before.pending]


def test_an_executive_order_reschedules_nothing() -> None:
    found = status_on("US", "psilocybin", date(2026, 4, 19))
    assert found.status == "Schedule I"
    assert "E051" in [e.event_id for e in found.pending]


def test_the_controlled_substances_act_counts_from_the_day_it_took_effect() -> None:
    assert status_on("US", "LSD", date(1971, 4, 30)).status == "no record"
    assert status_on("US", "LSD", date(1971, 5, 1)).status == "Schedule I"


@pytest.mark.parametrize(
    ("place", "on", "status"),
    [
        ("GB", date(2000, 12, 31), "Class A drug (Misuse of Drugs Act 1971)"),
        ("GB", date(2001, 1, 1), "cannot tell"),
        ("GB", date(2001, 12, 30), "cannot tell"),
        ("GB", date(2001, 12, 31), "Schedule 1 (Misuse of Drugs Regulations 2001)"),
        ("CH", date(2014, 6, 1), "cannot tell"),
        ("CH", date(2015, 1, 1), "case-by-case exceptional authorisation"),
    ],
)
def test_a_date_known_to_the_year_is_not_the_first_of_january(place: str, on: date, status: str) -> None:
    assert status_on(place, "LSD", on).status == status


def test_a_date_known_to_the_month_spans_that_month() -> None:
    def tracks(on: date) -> dict[str, str]:
        return {track.track: track.certainty for track in status_on("US-CO", "psilocybin", on).tracks}

    assert tracks(date(2025, 3, 15))["programme"] == "cannot tell"
    assert tracks(date(2025, 3, 31))["programme"] == "in force"


def test_a_subdivision_falls_back_to_its_country_and_says_so() -> None:
    found = status_on("US-TX", "psilocybin", date(2024, 6, 1))
    assert (found.answered_for, found.status) == ("US", "Schedule I")
    assert any("answered for US" in remark for remark in found.remarks)


def test_a_subdivision_with_its_own_law_shows_the_national_law_beside_it() -> None:
    found = status_on("US-OR", "psilocybin", date(2024, 6, 1))
    assert found.answered_for == "US-OR"
    assert found.national is not None
    assert found.national.status == "Schedule I"
    # Before the measure passed there was nothing to answer with.
    assert status_on("US-OR", "psilocybin", date(2019, 1, 1)).answered_for == "US"


def test_what_is_pending_in_the_subdivision_is_shown_though_the_country_answers() -> None:
    assert "E039" in [e.event_id for e in status_on("US-NM", "psilocybin", date(2026, 1, 1)).pending]


def test_mushrooms_and_their_active_substance_are_different_questions() -> None:
    assert status_on("JM", "mushrooms", date(1999, 1, 1)).status == "never scheduled"
    assert (
        status_on("INT", "mushrooms", date(2024, 1, 1)).status
        != status_on("INT", "psilocybin", date(2024, 1, 1)).status
    )


def test_a_right_nobody_wrote_about_is_missing_and_not_denied() -> None:
    rights = {right for right, _, _ in status_on("GB", "LSD", date(2024, 1, 1)).allows}
    assert rights == {"research", "personal_use"}


def test_beyond_the_data_the_answer_says_how_far_they_reach() -> None:
    found = status_on("US", "LSD", reach() + timedelta(days=1))
    assert any(str(reach()) in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("place", "compound"),
    [("Narnia", "LSD"), ("A", "LSD"), ("XX", "LSD"), ("US-ZZ", "LSD"), ("AU", "aspirin")],
)
def test_a_place_or_compound_that_is_none_is_refused_with_what_would_do(place: str, compound: str) -> None:
    with pytest.raises(FactsError) as refusal:
        status_on(place, compound, date(2024, 1, 1))
    assert refusal.value.remedy


@pytest.mark.parametrize("text", ["2024", "2024-13-01", "yesterday", ""])
def test_a_status_needs_a_day(text: str) -> None:
    with pytest.raises(FactsError):
        iso_day(text)


@given(st.sampled_from(jurisdictions()), st.sampled_from(["LSD", "psilocybin", "MDMA"]), days)
def test_only_an_enacting_event_ever_stands_behind_a_status(place: str, compound: str, on: date) -> None:
    found = status_on(place, compound, on)
    for track in found.tracks:
        assert track.event is not None
        assert track.event.changes_law
    if found.certainty == "in force":
        assert found.event is not None
        assert found.status == found.event.status
    assert found.reach == reach()


@given(st.sampled_from(jurisdictions()), st.sampled_from(compounds()), days)
def test_a_status_changes_only_on_the_edge_of_an_enacting_event(place: str, compound: str, on: date) -> None:
    today, tomorrow = status_on(place, compound, on), status_on(place, compound, on + timedelta(days=1))
    if today.status != tomorrow.status:
        edges = {d for e in events() for d in (e.when.first, e.in_force.first, e.in_force.last, e.until)}
        assert on + timedelta(days=1) in edges


def test_precision_decides_the_span() -> None:
    assert (span("2024", "year").first, span("2024", "year").last) == (date(2024, 1, 1), date(2024, 12, 31))
    assert span("2024-02", "month").last == date(2024, 2, 29)
    assert span("2024-02-03", "day").first == span("2024-02-03", "day").last


def test_the_timeline_agrees_with_the_status_on_every_stretch() -> None:
    line = timeline("psilocybin")
    for s in line.stretches:
        assert status_on(s.place, "psilocybin", s.start).status == s.status
        assert status_on(s.place, "psilocybin", s.end - timedelta(days=1)).status == s.status
        assert s.start < s.end


@pytest.mark.parametrize(
    ("place", "compound", "says"),
    [
        ("NZ", "LSD", "Class A"),
        ("NZ", "psilocybin", "Class A"),
        ("AU", "LSD", "Schedule 9"),
        ("NL", "LSD", "List I"),
        ("CA", "LSD", "Schedule III"),
        ("DE", "LSD", "Annex I"),
        ("CZ", "LSD", "Schedule 4"),
        ("FR", "LSD", "narcotics"),
        ("IT", "LSD", "Table I"),
        ("ES", "LSD", "List I"),
        ("PT", "LSD", "Table II-A"),
        ("BR", "LSD", "List F2"),
        ("IL", "LSD", "Dangerous Drugs"),
        ("IE", "LSD", "Schedule 1"),
        ("US", "MDMA", "Schedule I"),
    ],
)
def test_a_public_schedule_is_never_no_record(place: str, compound: str, says: str) -> None:
    assert says in status_on(place, compound, date(2026, 1, 1)).status


@pytest.mark.parametrize("event", [e for e in events() if "voters" in e.authority and e.effect == "enacts"])
def test_a_vote_is_not_the_day_in_force(event: Event) -> None:
    assert event.in_force.first > event.when.last


def test_a_measure_that_passed_comes_next_until_it_is_in_force() -> None:
    voted, proclaimed = date(2022, 12, 1), date(2022, 12, 27)
    assert "E017" in [e.event_id for e in status_on("US-CO", "psilocybin", voted).next]
    assert status_on("US-CO", "psilocybin", voted).answered_for == "US"
    assert "Natural Medicine Health Act" in status_on("US-CO", "psilocybin", proclaimed).status


@pytest.mark.parametrize("event", [e for e in events() if e.until is not None], ids=lambda e: e.event_id)
def test_what_was_written_for_a_time_ends_and_is_said_to_have_ended(event: Event) -> None:
    assert event.until is not None
    place, compound = event.jurisdictions[0], event.compounds[0]
    last, after = (
        status_on(place, compound, event.until - timedelta(days=1)),
        status_on(place, compound, event.until),
    )
    assert event in [track.event for track in last.tracks]
    assert event not in [track.event for track in after.tracks]
    assert event in after.expired


def test_truffles_and_mushrooms_are_told_apart_in_the_netherlands() -> None:
    def personal(material: str) -> str:
        found = status_on("NL", material, date(2026, 1, 1))
        return {right: text for right, text, _ in found.allows}["personal_use"]

    assert "sold lawfully" in personal("truffles")
    assert personal("mushrooms") == "no"
    assert "sold" not in personal("psilocybin")


def test_a_centre_that_runs_is_not_headed_by_open_applications() -> None:
    for place in ("US-OR", "US-CO"):
        assert "running since" in status_on(place, "psilocybin", date(2026, 1, 1)).status


def test_a_place_is_found_by_code_or_name() -> None:
    assert status_on("germany", "LSD", date(2020, 1, 1)).jurisdiction == "DE"
    assert status_on("UK", "LSD", date(2020, 1, 1)).jurisdiction == "GB"


def test_a_compound_without_a_row_has_not_the_law_of_another() -> None:
    found = status_on("GB", "1cP-LSD", date(2026, 1, 1))
    assert found.certainty == "no record"
    assert any("names 1cP-LSD" in remark and "no other substance" in remark for remark in found.remarks)
    german = status_on("DE", "1cP-LSD", date(2026, 1, 1))
    assert "NpSG" in german.status
    assert status_on("DE", "1cP-LSD", date(2021, 7, 15)).certainty == "cannot tell"


RECALLED = [e for e in events() if e.verification == "recalled" and e.effect == "enacts"]


@pytest.mark.parametrize("event", RECALLED, ids=lambda e: e.event_id)
def test_what_was_recalled_says_so_wherever_it_is_shown(event: Event) -> None:
    """Beside the headline of the place, in the list of all places, on the page of a protocol, in the timeline."""
    place, compound, mark = event.jurisdictions[0], event.compounds[0], "recalled, not read again"
    found = status_on(place, compound, max(event.in_force.last, date(1990, 1, 1)))
    shown = [line for line in found.lines() if event.event_id in line]
    assert not any(line.strip().startswith("made so by") and mark not in line for line in shown)
    if found.event == event:
        assert mark in found.lines()[0]
        assert found.document()["event"]["verification"] == "recalled"
        everyone = everywhere(compound, found.on)
        assert {row["verification"] for row in everyone.rows() if row["event"] == event.event_id} == {
            "recalled"
        }
    stretches = law_timeline.table(timeline(compound))
    assert all(mark in row["status"] for row in stretches if row["event"] == event.event_id)


QUESTIONS = list(csv.DictReader((Path(__file__).parent / "labelled_questions.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: f"{q['jurisdiction']} {q['compound']} {q['day']}")
def test_a_labelled_question_of_law_is_answered_right(asked: dict[str, str]) -> None:
    """`!x` must not stand in what holds on the day; what comes next may name it."""
    try:
        lines = status_on(asked["jurisdiction"], asked["compound"], iso_day(asked["day"])).lines()
    except FactsError:
        assert asked["right"] == "refused"
        return
    holds = " ".join(line for line in lines if not line.startswith("  comes next")).lower()
    word = asked["right"].removeprefix("!").lower()
    if asked["right"].startswith("!"):
        parts = holds.split("  note ")[0]
        assert word not in parts.replace("no record", "")
    else:
        assert word in holds


def test_what_comes_next_is_dated_by_the_day_it_begins_to_hold() -> None:
    lines = status_on("US-OR", "LSD", date(2020, 12, 15)).lines()
    assert any("E077, 2021-02-01 (decided 2020-11-03)" in line for line in lines)
