"""A long CSV is read whole or refused with file, row and column."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.analysis.roles import command_line, guess
from limen.analysis.table import Roles, read_long, read_sheet
from limen.errors import DataError

ROLES = Roles("person", "week", "group", "placebo", "madrs", "madrs0", ("age",), ("site",))
GOOD = """person,week,group,madrs,madrs0,age,site
1,2,drug,20,30,41,A
1,10,drug,,30,41,A
2,2,placebo,25,31,,B
2,10,placebo,24,31,,B
3,2,placebo,NA,28,33,A
3,10,placebo,19,28,33,A
"""


def sheet(folder: Path, text: str | bytes):
    path = folder / "trial.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sheet(path)


def test_a_trial_is_read(tmp_path: Path) -> None:
    data = read_long(sheet(tmp_path, GOOD), ROLES)
    assert (data.people, data.visits, data.arms) == (("1", "2", "3"), ("2", "10"), ("placebo", "drug"))
    np.testing.assert_array_equal(data.outcome, [[20, np.nan], [25, 24], [np.nan, 19]])
    np.testing.assert_array_equal(data.arm, [1, 0, 0])
    np.testing.assert_array_equal(data.baseline, [30, 31, 28])
    assert data.covariate_names == ("age", "site=B")
    np.testing.assert_array_equal(data.covariates, [[41, 0], [np.nan, 1], [33, 0]])
    assert data.reference[1] == 0.5
    semicolons = read_long(sheet(tmp_path, "\ufeff" + GOOD.replace(",", ";")), ROLES)
    np.testing.assert_array_equal(semicolons.outcome, data.outcome)


@pytest.mark.parametrize(
    ("old", "new", "words", "row", "column"),
    [
        ("madrs,", "score,", "no column 'madrs'", 1, None),
        ("1,2,drug,20", "1,2,drug,twenty", "'twenty' is not a number", 2, "madrs"),
        ("2,10,placebo,24,31,,B", '2,10,placebo,"24,5",31,,B', "write a point for the decimal", 5, "madrs"),
        ("2,10,placebo", "2,2.0,placebo", "visit 2.0 twice \\(first in row 4\\)", 5, "week"),
        ("placebo", "control", "no arm 'placebo'", None, "group"),
        ("3,10,placebo", "3,10,drug", "drug here, but placebo in row 6", 7, "group"),
        ("24,31", "24,32", "32.0 here, but 31.0 in row 4", 5, "madrs0"),
        ("19,28,33,A", "19,28,33,B", "B here, but A in row 6", 7, "site"),
        ("19,28,33,A", "19,28,33", "6 cells where the header has 7", 7, None),
        ("3,10,placebo", ",10,placebo", "empty", 7, "person"),
        ("1,2,drug,20", "1,2,drug,inf", "'inf' is not a number", 2, "madrs"),
        ("age,site", "madrs,site", "two columns are called 'madrs'", 1, "madrs"),
    ],
)
def test_mistakes_name_row_and_column(
    tmp_path: Path, old: str, new: str, words: str, row: int | None, column: str | None
) -> None:
    assert old in GOOD
    with pytest.raises(DataError, match=words) as caught:
        read_long(sheet(tmp_path, GOOD.replace(old, new)), ROLES)
    where = caught.value.where
    assert str(where.file).endswith("trial.csv")
    assert (where.row, where.column) == (row, column)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"a,b\n\xff\xfe,1\n", "not a text file"),
        (b"person,week\n", "no rows"),
        (b'person,week\n"1,2\n', "a quote that is not closed"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_long(sheet(tmp_path, content), ROLES)
    with pytest.raises(DataError, match="cannot be read"):
        read_sheet(tmp_path / "absent.csv")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(0, 40))
def test_any_text_is_read_or_refused_never_crashes(tmp_path_factory, text: str, at: int) -> None:
    folder = tmp_path_factory.mktemp("any")
    for content in (text, GOOD[:at] + text + GOOD[at:]):
        try:
            data = read_long(sheet(folder, content.encode("utf-8", "replace")), ROLES)
        except DataError:
            continue
        assert data.outcome.shape == (len(data.people), len(data.visits))


def test_roles_are_guessed_from_names_and_contents(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("id", "visit", "arm", "control", "outcome", "baseline"))
    named = guess(sheet(tmp_path, GOOD), nothing | {"outcome": "madrs"})
    assert named == {
        "id": "person",
        "visit": "week",
        "arm": "group",
        "control": "placebo",
        "outcome": "madrs",
        "baseline": None,
    }
    line = command_line(Path("my trial.csv"), named)
    assert line.startswith("limen analyse 'my trial.csv' --id person")
    assert line.endswith("--baseline ???")
