"""The page of five protocols side by side comes out again, and no two of them have one answer for one reason."""

import re

import pytest
from validation.side_by_side import HERE, answers, page

NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


@pytest.fixture(scope="module")
def found():
    return answers()


def test_the_page_comes_out_again(found):
    now, kept = page(found), HERE.read_text()
    assert NUMBER.sub("#", now) == NUMBER.sub("#", kept)
    numbers = [[float(x) for x in NUMBER.findall(text)] for text in (now, kept)]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.11, rel=0.02)


def test_each_answer_differs_for_a_reason_that_its_page_names(found):
    chances = [round(a["verdict"]["p_above_zero"]["value"], 3) for a in found.values()]
    reasons = [" ".join(a["verdict"]["unknown"]) for a in found.values()]
    assert len({*chances}) == len({*reasons}) == len(found)
