"""Whatever is added to what a person said and nobody can read, nobody is eligible by it; and the report says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.labelled import answers

from limen.errors import DataError, OutputError
from limen.safety.reading import words
from limen.safety.reading.intake import patient, patients
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.rules.overlay import load_overlay
from limen.safety.rules.population import populations
from limen.safety.screening.dosing import stated_dose
from limen.safety.screening.funnel import write_rows
from limen.safety.screening.report import as_data, as_text, sentence
from limen.safety.screening.screen import Screening, screen

gibberish = st.text(alphabet="bcdfghjkmpqrtvwxz", min_size=6, max_size=14)


def screened(medicines: str, conditions: str = "", compound: str = "psilocybin") -> Screening:
    return screen(patient(medicines, conditions), compound)


@pytest.fixture(scope="module")
def scored():
    return answers()


def test_no_labelled_entry_is_a_dangerous_miss(scored) -> None:
    assert len(scored) == 2004
    assert [a.row["id"] for a in scored if a.missed] == []


def test_false_alarms_on_labelled_entries_pinned(scored) -> None:
    assert sum(a.alarm for a in scored) <= 48
    assert sum(a.wrong for a in scored) <= 56


@pytest.mark.parametrize("compound", ["LSD", "psilocybin"])
@pytest.mark.parametrize(
    "conditions",
    [
        # a number beside a test is a result
        *("EF 15%", "LFTs 400", "blood pressure 190", "sinus rhythm 180", "kidney function 12%"),
        "asthma with LFTs 400",
        # nobody's ordinary number, and one that only the other compound's trials speak of
        *("QTc 320", "QTc > 440", "BMI 13.9", "BMI 62", "weight 210 kg", "BP 84/40"),
        # more of the same is denied, or the present, or a word beside the illness, or nothing surely
        *("no other seizures", "not suicidal today", "no allergies bipolar", "never had a seizure-free year"),
        *("no psychosis? uncertain", "no psychosis*", "psychosis: no longer", "ya no tiene psicosis"),
        *("no IHD no AF schizophrenia", "mother denies psychosis in patient", "daughter has Brugada"),
        *("negative for mania (schizophrenia)", "no fever or rash and qwxtz"),
        *("blood pressure normal 190/120", "dialysis, eGFR 95", "bulimia", "Raynaud"),
        *("negative symptoms of schizophrenia", "negative schizophrenia", "had a fit 34 years ago"),
        # two numbers of one measure, active ideation, an operation days or weeks ago, one more thing denied that is unread
        *(
            "HR 42/108",
            "C-SSRS 2",
            "caesarean 3 weeks ago",
            "Kaiserschnitt vor 2 Wochen",
            "hernia repair last week",
        ),
        *("no epilepsy or xyz", "denies psychosis, mania or qwxtz", "keine Psychose oder Qwxtz"),
        # what a bracket says of what is denied, what was so once, and what only the other compound's rule measures
        *(
            "no psychosis (resolved)",
            "no epilepsy (well controlled)",
            "non sente più voci",
            "borderline personality",
        ),
    ],
)
def test_what_only_sounds_harmless_leaves_nobody_eligible(conditions: str, compound: str) -> None:
    assert screened("paracetamol", conditions, compound).decision != ELIGIBLE


@pytest.mark.parametrize(
    "text",
    [
        "Nurofen Plus",
        "cetirizine D",
        "none (lithium)",
        "nil: lithium",
        "Tylenol III",
        "folic acid (on methotrexate)",
    ],
)
def test_another_sort_of_a_brand_or_a_name_behind_another_leaves_nobody_eligible(text: str) -> None:
    assert screened(text).decision != ELIGIBLE


@pytest.mark.parametrize("conditions", ["caesarean 2015", "hernia repair 10 years ago", "C-SSRS 1", "HR 62"])
def test_what_is_over_or_usual_holds_nobody(conditions: str) -> None:
    assert screened("paracetamol", conditions).decision == ELIGIBLE


@settings(deadline=None, max_examples=150)
@given(
    gibberish,
    st.sampled_from(["paracetamol; {}", "{}", "paracetamol and {}", "cetirizine 10 mg, {} 5 mg", "no {}"]),
)
def test_an_unread_medicine_never_leaves_anybody_eligible(word: str, pattern: str) -> None:
    found = screened(pattern.format(word))
    assert found.decision != ELIGIBLE
    assert not found.reading.complete


@settings(deadline=None, max_examples=150)
@given(
    gibberish,
    st.sampled_from(["asthma; {}", "{}", "asthma with {}", "denies psychosis, {}", "mother had {}"]),
)
def test_an_unread_condition_never_leaves_anybody_eligible(word: str, pattern: str) -> None:
    assume(
        not words.listed("harmless").search(word)
        and not any(p.search(word) for _, p, _ in words.conditions())
    )
    assert screened("paracetamol", pattern.format(word)).decision != ELIGIBLE


@settings(deadline=None, max_examples=200)
@given(st.data(), gibberish)
def test_nothing_unread_beside_an_entry_that_is_eligible_leaves_it_so(scored, data, word: str) -> None:
    """Any labelled entry that ends eligible, with a word nobody knows before, behind, or between."""
    assume(
        not words.listed("harmless").search(word)
        and not any(p.search(word) for _, p, _ in words.conditions())
    )
    row = data.draw(st.sampled_from([a.row for a in scored if a.decision == ELIGIBLE]))
    column = data.draw(st.sampled_from([c for c in ("medications", "conditions") if row[c]]))
    pattern = data.draw(
        st.sampled_from(
            [
                "{0}; {1}",
                "{1}; {0}",
                "{0}, {1}",
                "{0} and {1}",
                "{1} and {0}",
                "{0} or {1}",
                "{0}\n{1}",
                "{0} ({1})",
            ]
        )
    )
    row = row | {column: pattern.format(row[column], word)}
    assert screened(row["medications"], row["conditions"], row["compound"]).decision != ELIGIBLE, row[column]


@settings(deadline=None, max_examples=60)
@given(gibberish, gibberish)
def test_an_unread_column_never_leaves_anybody_eligible(tmp_path_factory, column: str, cell: str) -> None:
    file = tmp_path_factory.mktemp("people") / "p.csv"
    file.write_text(f"id,medications,{column}\n1,paracetamol,{cell}\n")
    try:
        decisions = [screen(p, "LSD").decision for p in patients(file)]
    except DataError:
        return
    assert ELIGIBLE not in decisions


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("screening_cssrs", "5"),
        ("screen_psychosis", "yes"),
        ("birth_control", "frobnicol"),
        ("conditions,qtc", "QTc 520,400"),
        ("qtc,QTcF", "520,400"),
        ("conditions", "QTc 440 then QTc 400"),
    ],
)
def test_a_column_that_sounds_like_paper_or_a_second_value_is_not_passed(
    tmp_path: Path, header: str, cells: str
) -> None:
    (tmp_path / "p.csv").write_text(f"id,medications,{header}\n1,paracetamol,{cells}\n")
    assert [screen(p, "psilocybin").decision != ELIGIBLE for p in patients(tmp_path / "p.csv")] == [True]


def test_the_answer_begins_with_what_a_clinician_would_say() -> None:
    assert sentence(screened("lithium")) == "Not eligible: lithium is current and trials ask for none."
    assert sentence(screened("none")).startswith("Eligible")
    assert sentence(screened("sertraline")).startswith("A clinician has to decide: sertraline is current")
    assert as_text(screened("lithium"))[1] == sentence(screened("lithium"))
    data = as_data(screened("lithium; no sertraline; frobnicol", "denies mania"))
    assert [h["meaning"] for h in data["reading"]["denied"]] == ["sertraline", "bipolar"]
    assert data["reading"]["not_read"][0]["words"] == "frobnicol"


@pytest.mark.parametrize(
    "text",
    [
        "phenelzine stopped 20 days ago",
        "lithium",
        "sertraline; fluoxetine",
        "haloperidol stopped 3 years ago",
    ],
)
@pytest.mark.parametrize("compound", ["LSD", "psilocybin"])
def test_no_line_calls_a_rule_grave_and_no_bar_in_one_breath(text: str, compound: str) -> None:
    found = screened(text, "", compound)
    for line in as_text(found):
        assert not ("CONTRAINDICATED" in line and "no bar" in line)
    assert all(h.decides != ELIGIBLE or h.eligibility.startswith("no bar") for h in found.hits)
    assert found.decision in (CLINICIAN, NOT_ELIGIBLE, ELIGIBLE)


@pytest.mark.parametrize(
    ("compound", "dose"), [("LSD", "20 mg"), ("psilocybin", "25 g"), ("psilocybin", "900 mg")]
)
def test_a_dose_nobody_can_mean_is_refused(compound: str, dose: str) -> None:
    with pytest.raises(DataError, match="plausible is"):
        stated_dose(compound, dose)


@pytest.mark.parametrize("more", ["5", "zzz", "LSD 3 mg", "twice a week"])
def test_what_stands_after_a_dose_and_is_no_form_of_it_is_not_dropped(more: str) -> None:
    assert stated_dose("LSD", "10 ug of LSD base").form == "LSD base"
    with pytest.raises(DataError, match="not read"):
        stated_dose("LSD", f"10 ug {more}")


def test_an_unknown_population_is_refused_with_the_list() -> None:
    with pytest.raises(DataError, match="known are: ADHD"):
        screen(patient("none"), "LSD", population="zzz")
    for known in populations():
        assert screen(patient("none"), "LSD", population=known).population == known


@pytest.mark.parametrize("flag", ["moonshine", "qt_risk=480", "QTc=480", "name=lithium"])
def test_a_local_rule_with_an_unknown_flag_is_refused_at_the_door(tmp_path: Path, flag: str) -> None:
    overlay = tmp_path / "local.toml"
    overlay.write_text(f'[[add]]\nflags = ["{flag}"]\nseverity = "major"\n')
    with pytest.raises(DataError, match="no drug has the flag"):
        load_overlay(overlay)
    overlay.write_text("[choose]\nqtc = [1]\n")
    with pytest.raises(DataError):
        load_overlay(overlay)


def test_decisions_replace_no_file_unasked(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with pytest.raises(OutputError, match="there already"):
        write_rows(out, iter([screened("lithium")]), force=False)
    assert out.read_text() == "before"
    write_rows(out, iter([screened("lithium")]), force=True)
    assert "not eligible" in out.read_text()


def test_a_rule_of_the_other_compounds_trials_is_shown_without_a_say() -> None:
    shown = [h for h in screened("paroxetine", "", "psilocybin").hits if "other compound's trials" in h.match]
    assert {h.decides for h in shown} <= {ELIGIBLE, CLINICIAN}
    across = [
        h
        for h in screened("buspirone; ergotamine; theophylline", "", "psilocybin").hits
        if "other compound" in h.match
    ]
    assert across
