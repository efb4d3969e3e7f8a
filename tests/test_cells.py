"""A spreadsheet's file means the same whatever parts its cells, with decimal commas or points."""

from __future__ import annotations

from pathlib import Path

import pytest

from limen.cells import pointed, separator
from limen.errors import DataError
from limen.results import folded, wrapped
from limen.safety.monitoring.visits import watch_file
from limen.safety.reading.intake import patients

ROWS = [["person", "visit", "temperature_c"], ["A", "baseline", "36.6"], ["A", "week 2", "39.2"]]


def written(path: Path, sign: str, decimal: str, encoding: str = "utf-8") -> Path:
    text = "\n".join(sign.join(cell.replace(".", decimal) for cell in row) for row in ROWS)
    path.write_text(f"{text}\n", encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("sign", "decimal", "encoding"),
    [
        (",", ".", "utf-8-sig"),
        (";", ",", "utf-8"),
        (";", ",", "utf-8-sig"),
        ("\t", ",", "utf-8"),
        ("|", ".", "utf-8"),
    ],
)
def test_visits_mean_the_same_in_every_spreadsheet(tmp_path, sign, decimal, encoding) -> None:
    plain = watch_file(written(tmp_path / "plain.csv", ",", "."), "LSD")
    other = watch_file(written(tmp_path / "other.csv", sign, decimal, encoding), "LSD")
    assert other.alerts == plain.alerts
    assert dict(other.alerts[0].values) == {"temperature_c": 39.2}


@pytest.mark.parametrize("sign", [";", "\t"])
def test_patients_mean_the_same_in_every_spreadsheet(tmp_path: Path, sign: str) -> None:
    (tmp_path / "p.csv").write_text(
        sign.join(["id", "medications", "weight"]) + "\n" + sign.join(["1", "Zyrtec", "70,5"])
    )
    (found,) = patients(tmp_path / "p.csv")
    assert found.measured.values == {"weight": 70.5}
    assert [m.drugs for m in found.medications] == [("cetirizine",)]


def test_a_number_that_may_be_either_is_refused(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text('person,visit,alt\nA,baseline,"1,200"\n')
    with pytest.raises(DataError, match="thousands or decimals"):
        watch_file(tmp_path / "v.csv", "LSD")


@pytest.mark.parametrize(
    ("cell", "point"), [("36,6", "36.6"), (",5", ".5"), ("1,234", "1,234"), ("x,y", "x,y"), ("7", "7")]
)
def test_decimal_commas(cell: str, point: str) -> None:
    assert pointed(cell) == point


@pytest.mark.parametrize(
    ("header", "sign"),
    [("a,b;c,d", ","), ("a;b;c,d", ";"), ('"a;b;c",d', ","), ("medications", ","), ("a\tb", "\t")],
)
def test_the_sign_that_parts_a_header(header: str, sign: str) -> None:
    assert separator(header) == sign


def test_no_word_is_cut_and_no_line_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    names = [f"column {n}" for n in range(9)]
    long = "decriminalisation of possession in small quantities " * 4
    lines = folded("two rows", names, [["first", *["word"] * 7, long], ["second", *["word"] * 7, long]])
    assert max(map(len, lines)) <= 60
    assert {word for line in lines for word in line.split()} >= {
        "first",
        "second",
        "decriminalisation",
        "quantities",
    }
    assert wrapped("    a b", 80) == ["    a b"]
