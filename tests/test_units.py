"""Stretches and moments of time as people say them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.units import lasting, moment


@pytest.mark.parametrize(
    ("weeks", "length", "when"),
    [
        (8.0, "8 weeks", "at week 8"),
        (1.0, "1 week", "at week 1"),
        (2 / 7, "2 days", "on day 2"),
        (1 / 7, "1 day", "on day 1"),
        (6 / 168, "6 hours", "6 hours after the start"),
        (1 / 168, "1 hour", "1 hour after the start"),
        (8.5, "8.5 weeks", "at week 8.5"),
        (29 / 7, "29 days", "on day 29"),
    ],
)
def test_a_time_is_said_in_the_largest_unit_in_which_it_is_whole(weeks, length, when):
    assert lasting(weeks) == length
    assert moment(weeks) == when


@given(st.floats(1 / 168, 104))
def test_no_time_is_said_in_more_than_three_digits(weeks):
    number = re.search(r"[\d.]+", lasting(weeks))[0]
    assert len(number.replace(".", "").strip("0")) <= 3
