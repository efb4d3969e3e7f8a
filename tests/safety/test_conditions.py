"""What is said of conditions: denials, people and words nobody read, each by its kind."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from limen.facts.read import read
from limen.safety.reading import words
from limen.safety.reading.codes import ICD10, placed
from limen.safety.reading.conditions import said
from limen.safety.reading.intake import patient
from limen.safety.rules.hits import ELIGIBLE
from limen.safety.screening.screen import screen

NAMED = [
    "schizophrenia",
    "bipolar disorder",
    "epilepsy",
    "stroke",
    "mania",
    "psychosis",
    "cardiomyopathy",
    "aneurysm",
]
named = st.sampled_from(NAMED)


def decision(conditions: str, compound: str = "psilocybin") -> str:
    return screen(patient("paracetamol", conditions), compound).decision


@settings(deadline=None)
@given(named, st.sampled_from(["denies {}", "no history of {}", "negative for {}", "{}: none", "{} ruled out", "never had {}",
                               "no personal or family history of {}", "keine {}", "niega {}", "geen {}", "nega {}"]))  # fmt: skip
def test_a_denial_denies(name: str, pattern: str) -> None:
    assert decision(pattern.format(name)) == ELIGIBLE


@settings(deadline=None)
@given(named, st.sampled_from(["no insight into {}", "not compliant {}", "not fully recovered from {}", "no medication for {}",
                               "{} not ruled out", "no denial of {}", "without treatment {} returns", "no {} but it came back",
                               "no {} since 2019", "{} no medication", "does not deny {}", "no longer free of {}", "?{}", "{} sin tratamiento"]))  # fmt: skip
def test_a_word_of_denial_that_denies_something_else_denies_nothing(name: str, pattern: str) -> None:
    assert decision(pattern.format(name)) != ELIGIBLE


@settings(deadline=None)
@given(named, st.sampled_from(["denies", "patient denied", "no sign of", "free of", "without"]),
       st.sampled_from(["his", "her", "their", "my", "the diagnosis of", "her diagnosis of"]))  # fmt: skip
def test_what_is_called_somebodys_own_is_not_denied(name: str, denial: str, whose: str) -> None:
    assert decision(f"{denial} {whose} {name}") != ELIGIBLE


@settings(deadline=None)
@given(
    named,
    named,
    st.sampled_from(["no {}; {}", "no {}, {}", "denies {} but has {}", "no {}. {}.", "{}: none; {}"]),
)
def test_a_denial_ends_where_its_condition_ends(denied: str, affirmed: str, pattern: str) -> None:
    assume(denied != affirmed)
    assert decision(pattern.format(denied, affirmed)) != ELIGIBLE


@settings(deadline=None)
@given(
    named,
    st.sampled_from(["wife has {}", "her husband has {}", "mother-in-law had {}", "best friend with {}"]),
)
def test_nobody_is_excluded_for_somebody_elses_illness(name: str, pattern: str) -> None:
    assert decision(pattern.format(name)) == ELIGIBLE


@pytest.mark.parametrize(
    "relative", ["mother", "brother", "FHx:", "family history of", "Mutter mit", "padre con", "uncle with"]
)
def test_family_rules_fire_from_family_statements_and_personal_ones_do_not(relative: str) -> None:
    family = {r["rule_id"] for r in read("safety/contraindications") if "Z81.8" in r["icd10_prefix"]}
    found = screen(patient("", f"{relative} schizophrenia"), "LSD")
    assert {h.rule_id for h in found.conditions} <= family
    assert found.decision != ELIGIBLE
    assert decision(f"{relative} epilepsy") == ELIGIBLE
    personal = screen(patient("", "schizophrenia"), "LSD")
    assert not {h.rule_id for h in personal.conditions if h.key == "psychosis_family"}


@settings(deadline=None)
@given(
    st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=6, max_size=12),
    st.sampled_from(["asthma {}", "{}; hay fever", "eczema and {}", "well, {}"]),
)
def test_one_recognised_word_never_hides_another_that_nobody_read(word: str, pattern: str) -> None:
    assume(not any(p.search(word) for _, p, _ in words.conditions()))
    assume(not words.listed("harmless").search(word))
    assert decision(pattern.format(word)) != ELIGIBLE


@settings(deadline=None)
@given(st.from_regex(r"[A-Z][0-9][0-9](\.[0-9])?", fullmatch=True))
def test_a_code_outside_every_rule_and_the_harmless_list_is_unread(code: str) -> None:
    if not placed(code):
        assert decision(code) != ELIGIBLE


def test_what_is_only_shaped_like_a_code_is_none() -> None:
    for text in ("T1DM", "B12", "A1C", "H1N1", "P2Y12", "F3l.9"):
        assert ICD10.fullmatch(text) is None, text


def test_every_condition_that_is_read_has_a_rule() -> None:
    keys = {row["condition_key"] for row in read("safety/contraindications")}
    assert set(words.reading_aids()["words"]) <= keys


@pytest.mark.parametrize(
    "text",
    ["fit and well", "keeps fit", "sunstroke", "mitral valve normal on echo", "heartburn", "sinus rhythm"],
)
def test_false_friends_exclude_nobody(text: str) -> None:
    assert decision(text) == ELIGIBLE
    assert not [c.means for c in said(text) if c.means and not c.negated]


def test_patterns_begin_at_a_word() -> None:
    for key, pattern, _ in words.conditions():
        assert not re.search(pattern, "xx" + key.replace("_", "")), key


@pytest.mark.parametrize(
    "text",
    [
        "not well",
        "echo not normal",
        "psychiatric history",
        "drug use",
        "in hospital",
        "on treatment",
        "test positive",
        "mental illness",
        "not healthy",
        "ECG not normal",
        "mitral valve not normal",
    ],
)
def test_neither_a_denial_of_health_nor_a_word_for_any_illness_is_good_news(text: str) -> None:
    assert decision(text) != ELIGIBLE


@pytest.mark.parametrize(
    "text",
    [
        *("keine Vorerkrankungen", "pas d'antécédents de psychose", "aucun antécédent psychiatrique"),
        *(
            "geen voorgeschiedenis van psychose",
            "nessuna patologia",
            "sem doenças",
            "no family history of note",
        ),
        *("no known drug allergies", "height 180 cm", "contact lens wearer"),
    ],
)
def test_a_history_denied_as_a_whole_holds_nobody(text: str) -> None:
    assert screen(patient("paracetamol", text), "LSD").decision == ELIGIBLE


@pytest.mark.parametrize(
    "text", ["no serious suicide attempt", "no major psychosis", "epilepsy ?no", "no major heart attack"]
)
def test_a_grave_one_denied_leaves_a_lesser_one_and_a_doubted_no_is_none(text: str) -> None:
    assert decision(text) != ELIGIBLE


@pytest.mark.parametrize(
    "text", ["no serious illness", "no major mental illness", "Epilepsy? No.", "no psychosis in his life"]
)
def test_a_plain_denial_of_illness_stays_one(text: str) -> None:
    assert decision(text) == ELIGIBLE


@pytest.mark.parametrize("per", ["a day", "per day", "/night", "daily", "", "a weekend", "each evening"])
def test_an_amount_is_harmless_a_week_and_by_no_other_time(per: str) -> None:
    assert decision(f"alcohol 10 units {per}") != ELIGIBLE
    assert decision("alcohol 10 units a week") == ELIGIBLE


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("severe anaemia", False),
        ("acute appendicitis", False),
        ("acute asthma attack", False),
        ("acute appendicitis 2 days ago", False),
        ("acute appendicitis 2009", True),
        ("acute viral pharyngitis", True),
        ("severe hay fever", True),
        ("no severe asthma", True),
        ("severe depression", True),
    ],
)
def test_a_harmless_illness_that_is_severe_or_acute_now_is_not_passed(text: str, passes: bool) -> None:
    assert (decision(text) == ELIGIBLE) is passes
