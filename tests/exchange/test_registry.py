"""A registry record becomes a draft: what it says is in it, what it leaves open is marked, and nothing of it is lost."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.errors import DataError
from limen.exchange import Draft, from_registry
from limen.exchange.record import Record, read_record
from limen.exchange.registry import draft_of
from limen.exchange.words import apart, doses_in, items, lasts, patterns_in, times_in
from limen.protocol import load, loads
from limen.protocol.paths import path_text
from limen.protocol.register import outcomes_in

RECORDS = sorted((Path(__file__).parent / "records").glob("*.json"))


def draft(name: str) -> Draft:
    return from_registry(Path(__file__).parent / "records" / f"{name}.json")


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_a_draft_passes_check_or_says_what_it_asks_for(file: Path, tmp_path: Path) -> None:
    found = from_registry(file)
    assert "# guess: " in found.text
    written = found.save(tmp_path)
    assert written.name == f"{found.name}.yaml"
    if found.complete:
        protocol = load(written)
        assert protocol.registry == found.name
        assert set(protocol.left_open) >= {"allocation.told", "analysis.method", "schedule.adherence"}
    else:
        asked = {text.split(": ")[0] for text in found.asked}
        filled = {path_text(one.path) or "record" for one in found.opened if one.kind == "fill"}
        assert all(
            any(field.startswith(one) or one.startswith(field) for one in filled) or "record" in filled
            for field in asked
        )


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_nothing_of_a_record_is_lost(file: Path) -> None:
    """Every arm, criterion and outcome is a field, or a comment with its own words; every other field is named."""
    record, found = read_record(file), from_registry(file)
    text = " ".join(found.text.split()).replace("''", "'")
    for line in items(record.eligibility_module.eligibility_criteria):
        if not line.casefold().startswith(("inclusion", "exclusion")):
            assert " ".join(line.split()) in text
    for one in record.outcomes_module.secondary_outcomes:
        named = [name for name, _ in outcomes_in(f"{one.measure} {one.description}")]
        assert one.measure in text or any(f"id: {name}," in text or f"id: {name} " in text for name in named)
    assert "sponsorCollaboratorsModule" in text
    assert set(record.unread()) <= set(text.replace(",", " ").split())


def test_what_a_record_says_is_what_the_draft_says() -> None:
    protocol = draft("every_third_day").protocol
    assert (protocol.compound, protocol.blinding, protocol.design) == ("LSD", "quadruple", "parallel")
    assert [(arm.name, arm.n, arm.form) for arm in protocol.arms] == [
        ("LSD", 60, "LSD tartrate 2:1"),
        ("Placebo", 30, None),
    ]
    assert protocol.arms[0].route == "sublingual"
    assert protocol.schedule.dosing_days() == tuple(range(0, 42, 3))
    assert protocol.visits.weeks == (0, 2, 6, 13)
    assert [(one.id, one.week) for one in protocol.outcomes] == [("madrs", 6), ("qids-sr16", 6), ("bdi2", 13)]
    assert protocol.population.entry is not None
    assert (protocol.population.entry.outcome, protocol.population.entry.at_least) == ("madrs", 20)
    assert protocol.conduct is not None
    assert protocol.conduct.exclusion_criteria is not None
    assert len(protocol.conduct.exclusion_criteria) == 3


def test_the_orders_of_a_crossover_are_not_its_arms() -> None:
    protocol = draft("dose_crossover").protocol
    assert [arm.base_dose() for arm in protocol.arms] == [5, 10, 20, 0]
    assert protocol.schedule.period_starts(4) == (0, 7, 14, 21)
    assert protocol.primary.id == "pvt"
    assert str(protocol.primary.at) == "5 h"


def test_an_active_placebo_a_dose_per_kilogram_and_listed_days() -> None:
    protocol = draft("cluster_per_kg").protocol
    assert protocol.status == "conducted"
    assert protocol.arms[0].dose is not None
    assert str(protocol.arms[0].dose.per_kg) == "0.05 mg"
    assert (protocol.arms[1].kind, protocol.arms[1].agent, protocol.arms[1].agent_dose) == (
        "active placebo", "niacin", "100 mg",
    )  # fmt: skip
    assert protocol.schedule.dosing_days() == (0, 5, 10)
    assert protocol.design == "parallel", "a headache called cluster is no cluster design"


def test_what_is_told_and_a_titration_are_left_to_the_reader() -> None:
    told = draft("told_and_given")
    assert told.protocol.design == "factorial"
    assert sum(one.path[-1] == "told" for one in told.opened if one.kind == "fill") == 4
    titrated = draft("titrated").protocol.arms[0].dose
    assert titrated is not None
    assert titrated.titrate is not None
    assert (str(titrated.titrate.min), str(titrated.titrate.max)) == ("4 ug", "20 ug")


def test_a_record_that_names_several_doses_for_one_group_is_not_guessed() -> None:
    found = draft("one_group")
    assert not found.complete
    assert any("1.2 mg, 2 mg, 3 mg, 4.2 mg" in one.what for one in found.opened if one.kind == "fill")
    assert {text.split(": ")[0] for text in found.asked} >= {"arms[0]", "schedule", "visits"}


def test_an_arm_that_is_called_placebo_and_given_the_drug_is_no_placebo() -> None:
    found = draft("called_placebo")
    protocol = found.protocol
    assert [(arm.kind, arm.base_dose()) for arm in protocol.arms] == [("active", 26), ("active", 6)]
    assert protocol.analysis.control == "Active placebo"
    assert protocol.schedule.dosing_days() == (0, 28)
    assert any(one.path == ("arms", 1, "kind") and "6 µg" in one.said for one in found.opened)


def test_drug_and_placebo_in_turn_are_left_to_be_written_as_steps() -> None:
    found = draft("in_turn")
    (left,) = [one for one in found.opened if one.kind == "fill"]
    assert left.path == ("arms", 1, "dose")
    assert "then placebo" in left.said
    filled = found.text.replace(
        "name: Placebo",
        "name: Placebo, dose: {steps: [{after: 0 d, dose: 3 mg}, {after: 4 wk, dose: placebo}]}",
    )
    assert loads(filled).analysis.control == "Placebo"
    assert loads(filled).design == "randomised withdrawal"


def test_of_two_scores_that_admit_the_one_of_the_primary_outcome_is_read() -> None:
    """Neither is that of the primary outcome here: nothing is guessed, and the criterion is named."""
    found = draft("called_placebo")
    assert "entry:" not in found.text
    assert any("CGI-S" in one.said for one in found.opened if one.kind == "unread")


def whole() -> dict[str, Any]:
    return json.loads(RECORDS[0].read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("not JSON {", "is not JSON"),
        ([], "no protocolSection"),
        ({"FullStudy": {}}, "no protocolSection"),
        ({"protocolSection": {"identificationModule": {"nctId": "12"}}}, "nctId"),
        (
            {
                "protocolSection": {
                    "identificationModule": {"nctId": "NCT90000001"},
                    "conditionsModule": "none",
                }
            },
            "conditionsModule",
        ),
    ],
    ids=["text", "list", "old", "number", "module"],
)
def test_a_file_that_is_no_record_is_refused_in_words(tmp_path: Path, change: Any, message: str) -> None:
    file = tmp_path / "record.json"
    file.write_text(change if isinstance(change, str) else json.dumps(change))
    with pytest.raises(DataError, match=message) as refused:
        from_registry(file)
    assert "clinicaltrials.gov" in (refused.value.remedy or "")


def test_one_study_of_a_file_of_several_is_named(tmp_path: Path) -> None:
    file = tmp_path / "several.json"
    studies = [json.loads(one.read_text(encoding="utf-8")) for one in RECORDS[:2]]
    file.write_text(json.dumps({"studies": studies}))
    names = [one["protocolSection"]["identificationModule"]["nctId"] for one in studies]
    with pytest.raises(DataError, match="2 studies") as refused:
        from_registry(file)
    assert all(name in (refused.value.remedy or "") for name in names)
    assert from_registry(file, names[1]).name == names[1]
    with pytest.raises(DataError, match="no study NCT1"):
        from_registry(file, "NCT1")


def test_another_drug_is_refused_by_its_name(tmp_path: Path) -> None:
    text = json.dumps(whole())
    for word in ("psilocybin", "Psilocybin", "truffle", "Truffle", "LSD"):
        text = text.replace(word, "MDMA")
    file = tmp_path / "mdma.json"
    file.write_text(text)
    with pytest.raises(DataError, match="MDMA") as refused:
        from_registry(file)
    assert "limen has records of" in (refused.value.remedy or "")


@st.composite
def broken(drawn: st.DrawFn) -> dict[str, Any]:
    """A record with some of its fields cut out."""
    file = drawn(st.sampled_from(RECORDS))
    section = deepcopy(json.loads(file.read_text(encoding="utf-8"))["protocolSection"])
    for _ in range(drawn(st.integers(1, 4))):
        module = drawn(st.sampled_from(sorted(section)))
        part = section[module]
        if module == "identificationModule" or not part:
            continue
        del part[drawn(st.sampled_from(sorted(part)))]
    return section


@given(broken())
@settings(max_examples=60, deadline=None)
def test_what_is_missing_from_a_record_is_asked_for_never_a_traceback(section: dict[str, Any]) -> None:
    try:
        found = draft_of(Record.model_validate(section))
    except DataError:  # of no drug that limen knows
        return
    assert found.complete or found.asked
    assert str(found)


@pytest.mark.parametrize(
    ("text", "doses"),
    [
        ("5, 10 and 20 µg LSD", ["5 ug", "10 ug", "20 ug"]),
        ("0.143 mg/kg once", ["0.143 mg"]),
        ("10 mg per 70 kg", ["0.142857 mg"]),
        ("between 4-20 mcg", ["4 ug", "20 ug"]),
        ("1mg of psilocybin + 25mg of psilocybin", ["1 mg", "25 mg"]),
        ("aged 18 to 65, 6 weeks", []),
    ],
    ids=str,
)
def test_doses_are_found_in_sentences(text: str, doses: list[str]) -> None:
    assert [str(mass) for one in doses_in(text) for mass in one.masses] == doses


@pytest.mark.parametrize(
    ("frame", "times", "rough"),
    [
        ("Baseline, week 2, week 6", ["2 wk", "6 wk"], False),
        ("Day 1 to Day 28", ["1 d", "28 d"], False),
        ("Baseline to 6 month follow-up", ["26 wk"], True),
        ("90 minutes and 5 hours after dosing", ["90 min", "5 h"], False),
        ("Weeks 2, 4 and 8", ["2 wk", "4 wk", "8 wk"], False),
        ("two weeks", ["2 wk"], False),
        ("at the end of the study", [], False),
    ],
    ids=str,
)
def test_times_are_found_in_time_frames(frame: str, times: list[str], rough: bool) -> None:
    found, approximate = times_in(frame)
    assert ([str(time) for time in found], approximate) == (times, rough)


def test_how_long_how_far_apart_and_when() -> None:
    long = lasts("Capsules are taken for six weeks at home.")
    assert long is not None
    assert str(long[0]) == "6 wk"
    between = apart("Sessions separated by at least 7 days.")
    assert between is not None
    assert str(between[0]) == "7 d"
    assert [said for _, said, _ in patterns_in(["LSD twice weekly"])] == ["twice weekly"]
    assert list(patterns_in(["", "A daily questionnaire is filled in once."])) == []
