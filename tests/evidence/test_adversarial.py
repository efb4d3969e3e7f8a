"""Sentences written to be misjudged, each with its right answer; the answers were written before the first run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from limen.evidence.check import check

ROWS = list(csv.DictReader((Path(__file__).parent / "adversarial_claims.csv").open(encoding="utf-8")))


def answered(sentence: str) -> str:
    """What the check makes of it: a claim's name, `quotation`, `language`, or `none`."""
    found = check(sentence)
    if found.verdict_of is not None:
        return found.verdict_of.claim_id
    return "quotation" if found.quotation else "language" if "English" in found.why else "none"


def test_there_are_forty():
    assert len(ROWS) == 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_sentence_written_to_be_misjudged_is_judged_right(row: dict[str, str]) -> None:
    assert answered(row["sentence"]) == row["right"]
