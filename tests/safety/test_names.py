from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.compounds import compound as record
from limen.compounds import compound_names
from limen.safety.reading.drugs import dictionary
from limen.safety.reading.names import read_list
from limen.safety.reading.patient import Patient
from limen.safety.rules.hits import CLINICIAN, ELIGIBLE, NOT_ELIGIBLE
from limen.safety.rules.interactions import SEVERITIES, match, shipped
from limen.safety.screening.screen import Screening, screen

COMPOUNDS = tuple(name for name in compound_names() if record(name).safety is not None)

GRAVITY = (ELIGIBLE, CLINICIAN, NOT_ELIGIBLE)
NAMES = sorted(dictionary())
HARMLESS = ["paracetamol", "cetirizine", "metformin", "atorvastatin"]


def screened(text: str, compound: str = "psilocybin") -> Screening:
    return screen(Patient(medications=read_list(text)), compound)


def graver(a: Screening, b: Screening) -> bool:
    """b is at least as grave as a, in its decision and in its gravest rule."""
    worst = lambda s: SEVERITIES.index(s.severity) if s.severity else len(SEVERITIES)  # noqa: E731
    return GRAVITY.index(b.decision) >= GRAVITY.index(a.decision) and worst(b) <= worst(a)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_synonym_means_itself(name: str) -> None:
    for written in (name, *dictionary()[name].synonyms):
        assert [r.drugs for r in read_list(written)] == [(name,)], written


@pytest.mark.parametrize(
    "written",
    [
        "hydroxizine",
        "hydralyzine",
        "buproprion",
        "bupirone",
        "clonadine",
        "clonazapine",
        "sertrizine",
        "setirizine",
    ],
)
def test_look_alikes_are_never_resolved_from_a_misspelling(written: str) -> None:
    result = screened(written)
    assert result.decision == CLINICIAN
    assert result.read == ()
    assert len(result.unread[0].candidates) > 1


def test_hydralazine_is_not_taken_for_hydroxyzine() -> None:
    assert screened("hydralazine 25 mg").decision == CLINICIAN
    assert screened("hydralazine 25 mg").read == ()


@pytest.mark.parametrize("compound", COMPOUNDS)
def test_no_drug_a_grave_rule_names_is_eligible(compound: str) -> None:
    for drug in dictionary().values():
        met = [
            m
            for rule in shipped()
            if rule.applies_to(compound) and not rule.only_in and (m := match(drug, rule))
        ]
        if any(m.level > 1 and m.rule.severity in SEVERITIES[:2] for m in met):
            assert screened(drug.name, compound).decision != ELIGIBLE, drug.name


lists = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)


@settings(max_examples=60, deadline=None)
@given(lists, st.randoms(use_true_random=False), st.sampled_from(COMPOUNDS))
def test_order_case_dose_text_and_space_never_lower_a_severity(names: list[str], rng, compound: str) -> None:
    plain = screened("; ".join(names), compound)
    shuffled = rng.sample(names, len(names))
    dressed = "  ;\n ".join(
        rng.choice([str.upper, str.title, str.lower])(n)
        + rng.choice([" 20 mg", " 5mg bd", "", " XR 75 nocte"])
        for n in shuffled
    )
    assert graver(plain, screened(dressed, compound))


@settings(max_examples=40, deadline=None)
@given(lists, st.sampled_from(HARMLESS), st.sampled_from(COMPOUNDS))
def test_a_harmless_drug_more_never_lowers_a_severity(names: list[str], harmless: str, compound: str) -> None:
    assert graver(screened("; ".join(names), compound), screened("; ".join([harmless, *names]), compound))


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_and_letters_are_never_passed_unread(text: str) -> None:
    result = screened(text)
    assert result.decision in GRAVITY


def test_marks_that_turn_or_hide_text_change_nothing() -> None:
    for text in ("\u202elithium", "li\u200bthium", "lithium\x00", "LITHIUM\u00a0400\u00a0mg"):
        assert screened(text).decision == NOT_ELIGIBLE, repr(text)


def test_a_stop_belongs_to_its_own_medicine() -> None:
    today = date(2026, 3, 1)
    one, other = read_list("Prozac 20 mg, stopped 6 weeks ago; lithium", today)
    assert (one.stopped_days, other.stopped) == (42, False)
    assert not any(r.stopped for r in read_list("sertraline and stopped lithium 3 weeks ago", today))
    assert read_list("lithium stopped 2026-02-01", today)[0].stopped_days == 28


def test_same_as_before_is_not_a_food_supplement() -> None:
    assert screened("same as before").decision == CLINICIAN
    assert read_list("SAMe 400 mg")[0].drugs == ("ademetionine",)


@pytest.mark.parametrize("text", ["digoxin 125 mcg od", "Campral", "acamprosate until 2020"])
def test_a_medicine_that_speaks_of_an_illness_asks_what_it_is_for(text: str) -> None:
    found = screened(text)
    assert found.decision == CLINICIAN
    assert any("it for?" in unread.why for unread in found.unread)
