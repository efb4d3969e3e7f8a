"""The words of the front door: counts of 100, and no cause beyond its error."""

import re

import numpy as np
import pytest

from limen.design.dial import DoseStop
from limen.turn import words

ASKED = words.Asked(
    "20 ug", "LSD base", "placebo", 53, "Adult ADHD Investigator Symptom Rating Scale at week 6"
)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.172, 0.0, "17"),
        (0.172, 0.001, "17"),
        (0.172, 0.012, "about 17"),
        (0.025, 0.0, "3"),  # a half is rounded up, never to the even number
        (0.004, 0.002, "fewer than 1"),
        (0.0, 0.0, "fewer than 1"),  # of none in 1000 trials the chance is below 3 in 1000
        (1.0, 0.0, "100"),
        (np.nan, np.nan, "an unknown number"),
    ],
)
def test_a_share_is_a_count_of_100_and_says_when_it_is_about(value, error, text):
    assert words.of_100((value, error, 1000)) == text


def test_none_of_few_trials_is_not_none_of_100():
    assert words.of_100((0.0, 0.0, 60)) == "fewer than 5"
    assert words.of_100((0.004, 0.004, 250)) == "fewer than 2"


def found(adds=(0.141, 0.012), day=0.172):
    share = {
        name: (0.3, 0.001, 1000)
        for name in ("notices, drug", "notices, comparator", "guesses right", "does not know")
    }
    return share | {
        "works, day": (day, 0.012, 1000),
        "works without belief, day": (0.031, 0.005, 1000),
        "belief adds, day": (*adds, 1000),
        "works, scale": (0.041, 0.006, 1000),
    }


def test_the_sentence_counts_people_and_trials():
    text = words.reported(found(), ASKED)
    assert "about 17 of 100 such trials of 53 people" in text
    assert "The Adult ADHD Investigator Symptom Rating Scale at week 6 would say so in about 4" in text
    assert words.noticed(found(), ASKED) == (
        "On 20 ug of LSD base, 30 of 100 people notice something on a dosing day; on placebo, 30 of 100."
    )


@pytest.mark.parametrize(
    ("adds", "named"),
    [((0.141, 0.012), True), ((0.02, 0.012), False), ((-0.05, 0.01), False), ((0.0, 0.0), False)],
)
def test_a_cause_is_named_only_beyond_its_error(adds, named):
    assert ("ecause" in words.reported(found(adds), ASKED)) is named


def test_without_a_scale_only_the_day_is_spoken_of():
    asked = words.Asked("10 ug", "LSD base", "placebo", 80, None)
    assert "trials of 80 people." in words.reported(found(), asked)
    assert "say so in" not in words.reported(found(), asked)


def test_a_dose_outside_the_measured_range_says_so():
    def stop(measured, beyond=None):
        return DoseStop("25 ug", 25.0, False, measured, beyond, "25 ug")

    assert words.outside(stop(True), ("a warning",), "") == ""
    assert re.match(r"25 ug is outside the measured range.*Measured to 20 ug\.", words.outside(stop(False), ("measured to 20 ug",), ""))  # fmt: skip
    assert "exposure only" in words.outside(stop(False, "exposure only"), (), "")
