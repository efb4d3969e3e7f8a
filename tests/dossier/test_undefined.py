"""What a trial cannot tell is said in words: an undefined index never reads as a number that is not one."""

from __future__ import annotations

import re

import pytest

from limen.dossier.answer import Answer
from limen.dossier.noun import Interval
from limen.dossier.render import html
from limen.dossier.terminal import at_terminal
from support import sample

UNDEFINED = Interval(value=float("nan"), low=float("nan"), high=float("nan"))
INDICES = ("d_prime", "criterion", "james", "correct", "capsule_hit", "capsule_false_alarm", "capsule_d_prime",
           "capsule_criterion")  # fmt: skip


@pytest.fixture(scope="module")
def unblinded() -> Answer:
    """A single-arm trial, told openly: no guess can be right or wrong, so no index of blinding is defined."""
    whole = sample.open_label()
    arms = [arm.model_copy(update={"bang": UNDEFINED}) for arm in whole.blinding.arms]
    blinding = whole.blinding.model_copy(update={"arms": arms, **dict.fromkeys(INDICES, UNDEFINED)})
    return whole.model_copy(update={"blinding": blinding})


def test_no_undefined_index_is_printed_as_a_number(unblinded):
    shown = re.sub(r'href="data:[^"]*"', "", html(unblinded))
    assert len(shown) > 50_000
    assert re.findall(r".{0,40}\bnan\b.{0,40}", shown, re.I) == []
    assert not re.search(r"\bnan\b", at_terminal(unblinded), re.I)


def test_a_long_question_and_long_names_still_fit_the_terminal(unblinded):
    arm = "low-dose lysergic acid diethylamide, titrated by tolerability, given openly at home"
    exposed = unblinded.exposure.arms[0].model_copy(update={"arm": arm})
    exposure = unblinded.exposure.model_copy(update={"arms": [exposed]})
    text = at_terminal(unblinded.model_copy(update={"exposure": exposure}))
    assert max(map(len, text.splitlines())) <= 80


def test_a_single_dose_asked_about_after_hours_reads_as_people_say_it():
    whole = sample.with_mechanism()
    short = {
        "n_doses": 1, "duration_weeks": 1 / 7, "primary_week": 6 / 168, "primary_bounds": (0.0, float("inf")),
        "indication": "healthy", "left_open": [],
    }  # fmt: skip
    asked = whole.question.model_copy(update=short)
    page = html(whole.model_copy(update={"question": asked}))
    said = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", "", page.split('<section id="question">')[1].split("</section>")[0])
    )
    assert "in healthy people: 1 dose. The primary outcome" in said
    assert "6 hours after the start." in said
    assert re.findall(r"\binf\b|\b0\.\d{3,}|1 doses|0 fields", said) == []
