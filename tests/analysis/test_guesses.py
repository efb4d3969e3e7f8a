"""Guesses from a table: words and codes, long and wide, and every fault of a file named."""

from pathlib import Path

import numpy as np
import pytest

import limen
from limen.analysis.guesses import GuessRoles, meaning
from limen.errors import DataError

ROLES = GuessRoles("arm", "placebo", ("guess",), said={"unknown": ("9",), "active": ("A",)})
LONG = dict(arm="group", control="placebo", guess="guess", id="id", visit="week", outcome="score")


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        ("Active", "active"), ("study drug", "active"), ("LSD", "active"), ("a", "active"), ("PLACEBO ", "placebo"),
        ("sham", "placebo"), ("don\u2019t know", "unknown"), ("I don't know", "unknown"), ("DK", "unknown"), ("9", "unknown"),
        ("9.0", "unknown"), ("?", "unknown"), ("", None), ("NA", None), ("1", ""), ("perhaps", ""), ("not placebo", ""),
    ],
)  # fmt: skip
def test_a_guess_is_a_word_a_code_or_nothing(cell: str, means: str | None) -> None:
    assert meaning(cell, ROLES, ("placebo", "LSD")) == means


def test_a_number_is_never_taken_for_the_name_of_an_arm() -> None:
    assert meaning("1", GuessRoles("arm", "0", ("guess",)), ("0", "1")) == ""


def written(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


def people(seed: int = 5, count: int = 120) -> list[tuple[str, str, list[str], list[float]]]:
    rng = np.random.default_rng(seed)
    words = ["drug", "placebo", "don't know", ""]
    return [
        (f"P{i}", "LSD" if i % 2 else "placebo", [str(w) for w in rng.choice(words, 2, p=[0.45, 0.4, 0.1, 0.05])], [float(y) for y in rng.normal(10, 3, 2).round(1)])
        for i in range(count)
    ]  # fmt: skip


def test_long_and_wide_are_one(tmp_path: Path) -> None:
    long = written(tmp_path / "long.csv", ["id,week,group,guess,score", *(
        f"{who},{week},{arm},{said},{score}" for who, arm, each, scores in people() for week, said, score in zip((2, 8), each, scores, strict=True)
    )])  # fmt: skip
    wide = written(
        tmp_path / "wide.csv",
        ["id,group,at2,at8,extra", *(f"{who},{arm},{a},{b},0" for who, arm, (a, b), _ in people())],
    )
    one = limen.blinding(long, roles=LONG, resamples=100)
    other = limen.blinding(wide, roles=dict(arm="group", control="placebo", guess=["at2", "at8"], id="id"))
    for quantity in ("Bang", "James", "d'", "criterion", "correct-guess rate", "did not know"):
        assert [x.estimate for x in one.of(quantity)] == [x.estimate for x in other.of(quantity)]
    assert one.times == ("week 2", "week 8")
    assert "columns not read: extra" in other.notes
    assert any(note.startswith("no guess in the cell") for note in one.notes)
    assert len(one.of("difference, as seen")) == 2
    assert len(one.curve) == 42
    for line in one.of("difference, as seen"):
        curve = [x.estimate for x in one.curve if x.time == line.time]
        assert min(curve) <= line.estimate <= max(curve)


def test_three_arms_and_a_stratum_too_thin(tmp_path: Path) -> None:
    rows = [f"{'abc'[i % 3]},{'drug' if i % 4 else 'placebo'},{i % 7}" for i in range(60)]
    found = limen.blinding(written(tmp_path / "three.csv", ["arm,guess,y", *rows, "d,drug,1"]), roles=dict(arm="arm", control="a", guess="guess", outcome="y"), resamples=100)  # fmt: skip
    assert [x.arm for x in found.of("Bang")] == ["a", "b", "c", "d"]
    assert [x.arm for x in found.of("James")] == ["b", "c", "d"]
    assert any("for d at guess" in note and "1 people" in note for note in found.notes)
    assert "on d guessed that they had the drug" in found.sentence()
    assert found.to_polars().height == len(found.table) + len(found.curve)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    rows = ["id,week,group,guess,score", "P1,2,drug,1,3", "P1,2,drug,drug,4", "P2,2,placebo,maybe,x", "P3,2, Drug,placebo,5",
            "P4,2,,placebo,5", "P5,2,placebo,maybe,5"]  # fmt: skip
    with pytest.raises(DataError) as error:
        limen.blinding(written(tmp_path / "bad.csv", rows), roles=LONG)
    said = str(error.value)
    for words in (
        "row 2, column guess: '1' is no guess", '--guess-active "1"', "row 4, column guess: 'maybe' is no guess that can be read (and in 1 more rows)",
        "row 3, column id: id P1 has visit 2 twice (first in row 2)", "row 4, column score: 'x' is not a number",
        "differ by blanks, unseen marks, case or .0 only", "row 6, column group: this cell is empty",
    ):  # fmt: skip
        assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(control="sugar"), "no arm 'sugar'"),
        (dict(guess="gues"), "did you mean 'guess'"),
        (dict(guess=["guess", "score"]), "several columns of guesses"),
        (dict(id="group"), "two roles"),
        (dict(arm=""), "--arm not given"),
    ],
)
def test_roles_that_do_not_fit_are_refused(tmp_path: Path, change: dict, words: str) -> None:
    file = written(
        tmp_path / "data.csv", ["id,week,group,guess,score", "P1,2,drug,drug,3", "P2,2,placebo,drug,4"]
    )
    with pytest.raises(DataError) as error:
        limen.blinding(file, roles={**LONG, **change})
    assert words in str(error.value)
    assert str(file) in str(error.value)


def test_codes_are_explained(tmp_path: Path) -> None:
    file = written(tmp_path / "codes.csv", ["arm,guess", "drug,1", "drug,2", "placebo,1", "placebo,3"])
    roles = dict(arm="arm", control="placebo", guess="guess")
    found = limen.blinding(file, roles=roles, said={"active": ["1"], "placebo": ["2"], "unknown": ["3"]})
    assert [x.estimate for x in found.of("Bang")] == [-0.5, 0.0]
    assert "At" not in found.sentence()


def test_where_everybody_answers_alike_there_is_no_interval(tmp_path: Path) -> None:
    file = written(
        tmp_path / "alike.csv",
        ["arm,guess", *["drug,drug"] * 9, *["placebo,drug"] * 5, *["placebo,placebo"] * 4],
    )
    found = limen.blinding(file, roles=dict(arm="arm", control="placebo", guess="guess"))
    (line,) = found.of("Bang", arm="drug")
    assert (line.estimate, line.ci_low, line.p) == (1.0, None, None)
    assert "1.00 (no interval: everybody answered alike)" in found.sentence()
