"""A data set is looked through before anything is fitted: everything that is wrong is named, and all of it at once."""

import re
from pathlib import Path

import numpy as np
import pytest

from limen.analysis.analyse import analyse
from limen.analysis.survey import DataErrors

ROLES = dict(id="id", visit="visit", arm="arm", control="placebo", outcome="madrs", baseline="base")


def table(people: int = 24) -> list[list[str]]:
    """Header and rows of a sound trial: two arms, three visits, MADRS, a date in each row."""
    rng = np.random.default_rng(8)
    rows = [["id", "visit", "arm", "madrs", "base", "seen"]]
    for i in range(people):
        start = int(rng.integers(26, 36))
        for at, week in enumerate((2, 4, 8)):
            score = max(start - 3 * at + int(rng.integers(-4, 5)), 0)
            rows.append([f"P{i}", f"Week {week}", ("placebo", "drug")[i % 2], str(score), str(start), f"2026-0{1 + at}-1{i % 10}"])  # fmt: skip
    return rows


def written(folder: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    path = folder / "trial.csv"
    path.write_bytes("\n".join(delimiter.join(row) for row in rows).encode(encoding))
    return path


def cell(row: int, column: int, value: str):
    def damage(rows: list[list[str]]) -> None:
        rows[row][column] = value

    return damage


def arm(value: str):
    def damage(rows: list[list[str]]) -> None:
        for row in (1, 2, 3):
            rows[row][2] = value

    return damage


def repeated(rows: list[list[str]]) -> None:
    rows.append(list(rows[4]))


def slipped(rows: list[list[str]]) -> None:
    for row in (7, 8, 9):
        rows[row][4] = str(float(rows[row][4]) / 10)


DAMAGES = {
    "an impossible score": (cell(10, 3, "61"), "61 is no possible score"),
    "a code for missing": (cell(11, 3, "-99"), "-99 is no possible score"),
    "a row twice": (repeated, "has visit Week 2 twice"),
    "an arm in other case": (arm("Placebo"), "'Placebo' and"),
    "an arm with a blank": (arm("placebo "), "differ by blanks, unseen marks, case or .0 only"),
    "a lost letter": (cell(16, 0, "PÃ¤5"), "letters were lost"),
    "a unit slip": (slipped, "0.1 times what the others are about"),
    "a decimal comma": (cell(20, 3, '"24,5"'), "write a point for the decimal: 24.5"),
    "a unit in the cell": (cell(22, 3, "24 points"), "a unit stands in the cell"),
    "an empty person": (cell(25, 0, ""), "this cell is empty"),
    "a baseline that moves": (cell(29, 4, "12"), "for the same person"),
    "a missing cell": (lambda rows: rows[31].pop(), "5 cells where the header has 6"),
    "a visit in other words": (cell(35, 1, "week 4"), "'week 4' and 'Week 4' differ"),
    "a person in other case": (cell(37, 0, "p12"), "'p12' and 'P12' differ"),
    "zeros lost in front": (cell(40, 0, "P013"), "'P013' and 'P13' differ by zeros in front"),
    "an arm with a slip": (arm("plcebo"), "'plcebo' stands in 3 rows, 'placebo' in 33: the same"),
    "a visit of one person": (cell(43, 1, "Week 80"), "visit 'Week 80' stands in this row alone"),
    "a visit in another kind": (
        cell(43, 1, "second"),
        "'second' is written otherwise than Week 2, Week 4, Week 8",
    ),
    "a score with decimals": (cell(44, 3, "20.5"), "20.5 is no whole number, and 71 others are"),
    "a spreadsheet's error": (cell(45, 3, "#DIV/0!"), "a spreadsheet's error"),
    "a dash for a minus": (cell(46, 3, "\u20133"), "a dash, not a minus"),
    "a mark of text": (cell(47, 3, "'22"), "a mark in front makes it text"),
    "a row parted otherwise": (
        lambda rows: rows.__setitem__(48, [";".join(rows[48])]),
        "parted by semicolons",
    ),
    "a remark": (lambda rows: rows.insert(49, ["# checked"]), "a remark stands here"),
    "a quote left open": (cell(50, 0, '"P16'), "a quote that is not closed"),
    "a quote closed far below": (
        lambda rows: (cell(50, 0, '"P16')(rows), cell(53, 5, '2026-01-17"')(rows)),
        "a quote that is not closed",
    ),
    "bytes of nothing": (cell(56, 3, "2\0"), "bytes of nothing"),
    "a title above": (lambda rows: rows.insert(0, ["Trial of something"]), "the header stands in row 2"),
    "the header again": (lambda rows: rows.insert(20, list(rows[0])), "the header stands here again"),
}
DATED = {
    "two forms": (cell(14, 5, "17.01.2026"), "dates are written in 2 ways"),
    "no such day": (cell(15, 5, "2026-02-30"), "not a date, or no day that there is: '2026-02-30'"),
    "a word": (cell(16, 5, "unknown"), "not a date"),
    "another century": (cell(17, 5, "1926-01-17"), "1926-01-17 is more than 10 years from the other dates"),
}


def test_a_sound_trial_is_analysed(tmp_path: Path) -> None:
    found = analyse(written(tmp_path, table()), roles=ROLES)
    assert found.data.patterns == (("ooo", 24),)
    assert "Montgomery" in found.data.scale
    assert "24 people (placebo 12, drug 12)" in found.lines()[0]


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_named_and_nothing_is_analysed(tmp_path: Path, name: str) -> None:
    damage, words = DAMAGES[name]
    rows = table()
    damage(rows)
    with pytest.raises(DataErrors, match=re.escape(words)):
        analyse(written(tmp_path, rows), roles=ROLES)


@pytest.mark.parametrize("name", DATED)
def test_dates_that_are_none_are_named(tmp_path: Path, name: str) -> None:
    """Refused where the column says when visits were, a note beside the result where nothing uses it."""
    damage, words = DATED[name]
    rows = table()
    damage(rows)
    with pytest.raises(DataErrors, match=re.escape(words)):
        analyse(written(tmp_path, rows), roles=ROLES, visit_time="seen")
    beside = analyse(written(tmp_path, rows), roles=ROLES, method="ancova").data.beside
    assert any(words in note for note in beside)


def test_a_row_that_is_right_as_it_stands_is_kept_by_name(tmp_path: Path) -> None:
    rows = table()
    cell(44, 3, "20.5")(rows)
    arm("plcebo")(rows)
    kept = analyse(written(tmp_path, rows), roles=ROLES, method="responders", keep=("row 45", "row 2"))
    assert kept.data.arms == {"placebo": 11, "drug": 12, "plcebo": 1}


def test_what_several_rows_have_in_common_is_one_finding(tmp_path: Path) -> None:
    rows = table()
    for row in (5, 9, 13):
        rows[row].append("more")
    with pytest.raises(DataErrors, match=r"row 6: 7 cells .* \(and in 2 more rows: 10, 14\)"):
        analyse(written(tmp_path, rows), roles=ROLES)


# Where one damage hides another it is tried by itself only.
HIDING = {
    "an arm with a blank",
    "an arm with a slip",
    "a title above",
    "a quote closed far below",
    "the header again",
    "a remark",
    "a visit in another kind",
}


def test_a_trial_damaged_in_every_way_at_once_gets_a_report_that_names_them_all(tmp_path: Path) -> None:
    rows = table()
    for name, (damage, _) in {**DAMAGES, **DATED}.items():
        if name not in HIDING:
            damage(rows)
    rows[58][0] = "Pü19"
    with pytest.raises(DataErrors) as caught:
        analyse(written(tmp_path, rows, "windows-1252"), roles=ROLES, visit_time="seen")
    report = str(caught.value)
    said = [
        words
        for name, (_, words) in {**DAMAGES, **DATED}.items()
        if name not in HIDING | {"a score with decimals", "no such day"}
    ]
    for words in [*(words for words in said if words != "letters were lost"), "not a text file in UTF-8"]:
        assert words in report
    assert len(caught.value.errors) >= 10
    assert "row 11, column madrs" in report


def test_findings_are_excluded_by_name(tmp_path: Path) -> None:
    rows = table()
    rows[10][3], rows[20][3] = "-99", "twenty"
    file = written(tmp_path, rows)
    found = analyse(file, roles=ROLES, exclude=["score -99", "row 21"])
    assert found.result.observations == 70
    with pytest.raises(DataErrors, match="twenty"):
        analyse(file, roles=ROLES, exclude=["score -99"])
    with pytest.raises(Exception, match="there is no person P99"):
        analyse(file, roles=ROLES, exclude=["person P99"])
    assert analyse(file, roles=ROLES, exclude=["person P3", "person P6"]).result.people == 22


def test_without_a_known_scale_a_code_is_still_seen_and_the_report_says_what_was_not_looked_for(
    tmp_path: Path,
) -> None:
    rows = table()
    rows[0][3] = "y"
    roles = ROLES | {"outcome": "y"}
    assert "impossible scores were not looked for" in analyse(written(tmp_path, rows), roles=roles).data.scale
    rows[10][3] = "-99"
    file = written(tmp_path, rows)
    with pytest.raises(DataErrors, match="-99 looks like a code for a missing value"):
        analyse(file, roles=roles)
    assert analyse(file, roles=roles, keep=["row 11"]).result.observations == 72
    with pytest.raises(DataErrors, match="no possible score"):
        analyse(file, roles=roles, scale="madrs", keep=["row 12"])


@pytest.mark.parametrize(
    ("column", "other"), [("arm", "place\u200bbo"), ("arm", "\ufeffplacebo"), ("id", "1.0")]
)
def test_labels_that_look_alike_are_never_two(column: str, other: str, tmp_path: Path) -> None:
    """A person or an arm more than there are, and nobody would see it."""
    rows = [
        {"id": str(i), "arm": "placebo" if i % 2 else "drug", "score": str(10 + i % 5)} for i in range(12)
    ]
    rows[3 if column == "arm" else 4][column] = other
    file = tmp_path / "trial.csv"
    file.write_text("id,arm,score\n" + "".join(f"{','.join(row.values())}\n" for row in rows))
    roles = {
        "id": "id",
        "visit": "none",
        "arm": "arm",
        "control": "placebo",
        "outcome": "score",
        "baseline": "none",
    }
    with pytest.raises(DataErrors, match="unseen marks"):
        analyse(file, roles=roles, method="ttest")
