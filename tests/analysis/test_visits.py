"""The order of visits is known, guessed and said to be guessed, or refused; it is never taken from the spelling alone."""

import csv
import os
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.analysis.analyse import analyse
from limen.analysis.visits import in_order
from limen.errors import DataError

IN_TIME = [
    ("Week 2", "Week 6", "Month 3", "Month 6"),
    ("Screening", "Baseline", "W2", "w10"),
    ("day 1", "2 weeks", "6 months", "1 year"),
    ("-1", "Baseline", "2", "9.5", "10"),
    ("V2", "V3", "V10"),
    ("D-7", "D1", "D15"),
    ("Week-2", "Week-10"),
    ("2026-01-31", "2026-02-01", "2026-11-01"),
]


@pytest.mark.parametrize("visits", IN_TIME)
def test_labels_that_name_times_need_no_order_of_rows(visits: tuple[str, ...]) -> None:
    for shuffled in list(permutations(visits))[:24]:
        found = in_order(shuffled, ["1"] * len(visits))
        assert found.visits == visits
        assert not found.guessed


def test_the_order_of_rows_is_a_guess_and_said_to_be_one() -> None:
    found = in_order(["start", "middle", "end", "start", "end"], [*"aaabb"])
    assert found.visits == ("start", "middle", "end")
    assert found.guessed
    assert "this is a guess" in found.words()


@pytest.mark.parametrize(
    ("labels", "people", "words"),
    [
        (["after", "before", "middle"], "aaa", "may have been sorted by label"),
        (["start", "end", "end", "start"], "aabb", "different orders"),
        (["start", "end"], "ab", "too few in any"),
        (["Week 4", "Month 1", "Week 2"], "aaa", "'Week 4' and 'Month 1' may be the same time"),
        (["1", "3", "Week 2"], "aaa", "is written otherwise than 1, 3"),
        (["Week 8", "End", "Week 2"], "aaa", "against the times"),
    ],
)
def test_what_cannot_be_told_is_refused_and_asked_for(labels: list[str], people: str, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        in_order(labels, [*people])
    assert "--visit-order" in str(caught.value)
    said = tuple(dict.fromkeys(labels))[::-1]
    assert in_order(labels, [*people], said).visits == said


def test_an_order_that_is_said_must_name_every_visit_once() -> None:
    for said in (["a"], ["a", "b", "c"], ["a", "b", "b"]):
        with pytest.raises(DataError):
            in_order(["a", "b"], ["1", "1"], said)


def test_a_column_of_times_decides() -> None:
    found = in_order(["b", "a", "b", "a"], [*"1122"], times=("day", [1.0, 20.0, 2.0, 19.0]))
    assert (found.visits, found.days) == (("b", "a"), (1.5, 19.5))
    with pytest.raises(DataError, match="at one time"):
        in_order(["a", "b"], [*"11"], times=("day", [3.0, 3.0]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=2, max_size=6, unique=True), st.sampled_from(["{} wk", "Day {}", "{}", "visit {}"]))  # fmt: skip
def test_numbers_are_never_sorted_as_words(numbers: list[int], form: str) -> None:
    labels = [form.format(n) for n in numbers]
    assert in_order(labels, ["1"] * len(labels)).visits == tuple(form.format(n) for n in sorted(numbers))


def in_words(folder: Path) -> Path:
    """A trial whose drug works at the last visit only, its rows sorted by the spelling of the visits."""
    import numpy as np

    rng, rows = np.random.default_rng(4), []
    for person in range(60):
        own, base = rng.normal(0, 2), rng.normal(22, 3)
        for at, visit in enumerate(("Week 2", "Week 6", "Month 3", "Month 6")):
            score = base - 2 * at + own + rng.normal(0, 2) + 5 * (person % 2) * (at == 3)
            rows.append([person, visit, "AP"[person % 2 == 0], f"{score:.3f}", f"{base:.3f}"])
    rows.sort(key=lambda row: (row[0], row[1]))
    path = folder / "words.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "visit", "arm", "y", "base"], *rows])
    return path


@pytest.mark.parametrize("structure", ["unstructured", "toeplitz", "ar1"])
def test_a_trial_in_words_is_the_trial_in_numbers(tmp_path: Path, structure: str) -> None:
    words = in_words(tmp_path)
    numbers = tmp_path / "numbers.csv"
    text = words.read_text()
    for day, visit in ((14, "Week 2"), (42, "Week 6"), (91, "Month 3"), (182, "Month 6")):
        text = text.replace(visit, str(day))
    numbers.write_text(text)
    roles = dict(id="id", visit="visit", arm="arm", control="P", outcome="y", baseline="base")
    one, other = (analyse(file, roles=roles, structure=structure).result for file in (words, numbers))
    assert one.visit_of_interest == "Month 6"
    assert one.of_interest()[0].estimate == pytest.approx(other.of_interest()[0].estimate, rel=1e-9)
    assert one.of_interest()[0].estimate > 3.0
    assert one.minus2 == pytest.approx(other.minus2, rel=1e-12)


def test_the_published_trial_in_words() -> None:
    """Figures of another program on the case of the shared folder."""
    root = os.environ.get("LIMEN_REALDATA")
    case = Path(root or "none").parent / "cases" / "analysis" / "visits_in_words.csv"
    if not case.exists():
        pytest.skip("LIMEN_REALDATA does not stand beside the cases")
    roles = dict(id="id", visit="visit", arm="arm", control="P", outcome="y", baseline="base")
    (line,) = analyse(case, roles=roles).result.of_interest()
    assert line.visit == "Month 6"
    found = [line.estimate, line.ci_low, line.ci_high]
    assert found == pytest.approx([3.51, 1.08, 5.93], abs=0.006)
    assert line.p == pytest.approx(0.0055, abs=6e-5)
