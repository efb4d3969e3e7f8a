from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.dossier import words
from limen.dossier.noun import Interval


def test_an_interval_reads_as_a_sentence_would_have_it():
    found = Interval(value=0.3, low=-1.1, high=1.8, unit="points")
    assert words.full(found) == "0.3 points, 90% interval −1.1 to 1.8"
    assert words.brief(found) == "0.3 (−1.1 to 1.8)"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.0004, "under 0.1%"), (0.021, "2.1%"), (0.5, "50%"), (0.973, "97.3%"), (1, "100%")],
)
def test_percentages_keep_a_decimal_where_it_matters(share, text):
    assert words.percent(share) == text


def test_zero_has_no_minus_sign_and_thousands_are_parted():
    assert words.number(-0.001, 1) == "0.0"
    assert words.number(20000, 0) == "20\N{NARROW NO-BREAK SPACE}000"
    assert words.number(None) == words.number(math.nan) == "not known"


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_numbers_never_carry_a_hyphen_or_bare_exponent(value):
    for text in (words.number(value), words.compact(value)):
        assert "-" not in text
        assert "e" not in text


def test_a_sentence_keeps_its_spaces():
    assert words.sentence("a single-arm trial") == "A single-arm trial."
    assert words.sentence("Who knows?") == "Who knows?"
    assert words.sentence("") == ""
