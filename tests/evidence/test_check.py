"""A sentence gets the verdict of a known claim only where it says the same; else what differs is said."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.evidence import tables, wording
from limen.evidence.check import QUOTATION, check

LABELLED = list(csv.DictReader((Path(__file__).parent / "labelled_claims.csv").open(encoding="utf-8")))
SENTENCES = [c for c in tables.claims() if not c.claim.lower().startswith(QUOTATION)]
KNOWN = re.compile(r"verdict may be given for known claim (C\d+)")


@pytest.mark.parametrize("row", LABELLED, ids=lambda row: row["id"])
def test_labelled_sentences(row: dict[str, str]) -> None:
    """Labels were written by a reader who had not seen the code."""
    found, may = check(row["sentence"]), KNOWN.match(row["expected"])
    given_for = found.verdict_of.claim_id if found.verdict_of else None
    if may is not None:
        assert given_for == may[1]
    elif "quotation" in row["expected"]:
        assert found.quotation
        assert (given_for or "none") in row["expected"] or given_for is None
        assert "quotation" in found.lines()[0]
    else:
        assert given_for is None
        assert found.why
        assert not any("verdict" in near for near in found.document()["near"])
    if row["language"] != "en":
        assert not found.heard.complete
        assert "English" in found.why


@pytest.mark.parametrize("claim", SENTENCES, ids=lambda claim: claim.claim_id)
def test_a_known_claim_in_its_own_words_is_itself(claim: tables.Claim) -> None:
    found = check(f"{claim.claim} {'' if claim.quantity.startswith('p ') else claim.quantity}")
    assert found.verdict_of is None or found.verdict_of.claim_id == claim.claim_id
    assert claim.claim_id in [near.near.claim.claim_id for near in found.near] or not found.near


@given(
    st.sampled_from(SENTENCES),
    st.sampled_from(["dogs", "always", "zolpidem", "Vienna", "37", "1987", "never", "may"]),
    st.data(),
)
@settings(deadline=None, max_examples=60)
def test_one_word_more_and_the_verdict_is_withheld(
    claim: tables.Claim, word: str, data: st.DataObject
) -> None:
    words = claim.claim.split()
    at = data.draw(st.integers(0, len(words)))
    found = check(" ".join([*words[:at], word, *words[at:]]))
    assert found.verdict_of is None


@pytest.mark.parametrize("claim", SENTENCES, ids=lambda claim: claim.claim_id)
def test_subject_and_object_exchanged_and_the_verdict_is_withheld(claim: tables.Claim) -> None:
    """The first and the last word that carry meaning change places."""
    words = claim.claim.split()
    telling = [i for i, word in enumerate(words) if telling_word(word)]
    first, last = telling[0], telling[-1]
    words[first], words[last] = words[last], words[first]
    assert first == last or check(" ".join(words)).verdict_of is None


def telling_word(word: str) -> bool:
    said = [*wording.saying(word).words]
    risen = {w for side in wording.lists()["opposites"][0] for w in side.split()}
    return bool(said) and not any(wording.is_neutral(w) for w in said) and word.lower() not in risen


@pytest.mark.parametrize(
    ("text", "table", "row"),
    [
        ("Chronic microdosing damages heart valves.", "safety/monitoring", "MON043"),
        ("LSD microdosing relieves ADHD better than placebo.", "clinical/studies", "mueller2025"),
        ("Lithium may cause seizures with psychedelics.", "safety/interactions", "INT027"),
        ("Microdosing makes people more creative.", "clinical/studies", "cavanna2022"),
        ("Microdosing cures cluster headache.", "clinical/studies", "cch_lsd"),
    ],
)
def test_what_the_other_tables_hold_is_shown_without_a_verdict(text: str, table: str, row: str) -> None:
    found = check(text)
    assert (table, row) in [(held["table"], held["row"]) for held in found.document()["held"]]
    assert found.document()["verdict"] is None


def test_a_number_that_the_row_does_not_hold_is_said() -> None:
    assert "it does not hold 95.5 %" in str(check("Open-label LSD microdosing lowered MADRS by 95.5%."))
    held = check("Open-label LSD microdosing lowered MADRS by 59.5%.").document()["held"]
    assert [row["not_in_it"] for row in held if row["row"] == "lsddep1"] == [[]]


@pytest.mark.parametrize(
    "text",
    [
        "Microdoses suppress neither IL-6 nor TNF-alpha.",
        "Microdoses suppress IL-6 and TNF-alpha in mice.",
        "Microdoses may suppress IL-6 and TNF-alpha.",
        "Australia legalised psilocybin and MDMA treatment.",
        "Every psychedelic has anti-inflammatory properties.",
        "The usual LSD microdose is 5 to 10 milligrams.",
        "Nobody says that psychedelics have anti-inflammatory properties.",
    ],
)
def test_siblings_of_known_claims_are_other_sentences(text: str) -> None:
    assert check(text).verdict_of is None
