"""Published crossovers, in full in the literature, to their printed digits by `limen analyse` alone."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from limen.cli.main import application

# Dry nights of 14, drug (A) and placebo (B), first and second period; Hills and Armitage 1979, Br J Clin Pharmacol 8:7-20.
ENURESIS = {
    "AB": [(8, 5), (14, 10), (8, 0), (9, 7), (11, 6), (3, 5), (6, 0), (0, 0), (13, 12), (10, 2), (7, 5), (13, 13), (8, 10), (7, 7),
           (9, 0), (10, 6), (2, 2)],
    "BA": [(12, 11), (6, 8), (13, 9), (8, 8), (8, 9), (4, 8), (8, 14), (2, 4), (8, 13), (9, 7), (7, 10), (7, 6)],
}  # fmt: skip
# Change of haemoglobin; Grizzle 1965, Biometrics 21:467-480.
HAEMOGLOBIN = {
    "AB": [(0.2, 1.0), (0.0, -0.7), (-0.8, 0.2), (0.6, 1.1), (0.3, 0.4), (1.5, 1.2)],
    "BA": [(1.3, 0.9), (-2.3, 1.0), (0.0, 0.6), (-0.8, -0.3), (-0.4, -1.0), (-2.9, 1.7), (-1.9, -0.3), (-2.9, 0.9)],
}  # fmt: skip
# Hours of sleep gained by two drugs, the same ten people; Cushny and Peebles 1905, as analysed by Student 1908 and in R's `sleep`.
SLEEP = [(0.7, 1.9), (-1.6, 0.8), (-0.2, 1.1), (-1.2, 0.1), (-0.1, -0.1), (3.4, 4.4), (3.7, 5.5), (0.8, 1.6), (0.0, 4.6), (2.0, 3.4)]  # fmt: skip
PERIODS = shlex.split("--wide 1=first --wide 2=second --wide-as period --sequence order")
ORDERS = ["--order", "AB=A, B", "--order", "BA=B, A"]


def crossover(folder: Path, people: dict[str, list[tuple[float, float]]], *rest: str) -> Any:
    rows = [f"{order}{i},{order},{a},{b}" for order, both in people.items() for i, (a, b) in enumerate(both)]
    file = folder / "crossover.csv"
    file.write_text("\n".join(["patient,order,first,second", *rows]))
    roles = shlex.split(
        "--id patient --visit none --arm arm --control B --outcome score --baseline none --method mixed"
    )
    return told(["analyse", str(file), *roles, *PERIODS, *ORDERS, *rest])


def told(words: list[str]) -> Any:
    done = CliRunner().invoke(application(words[0]), [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def by_term(found: Any) -> dict[str, dict[str, float]]:
    return {test["term"]: test for test in found["tests"]}


def test_enuresis(tmp_path: Path) -> None:
    """Means of the differences 2.824 and -1.250; t of the treatment 3.29, of a carry-over 1.30, both with 27 df."""
    found = crossover(tmp_path, ENURESIS)
    (line,) = found["estimates"]
    assert line["estimate"] == pytest.approx((2.824 + 1.250) / 2, abs=5e-4)
    assert line["df"] == pytest.approx(27)
    assert round(by_term(found)["arm"]["f"] ** 0.5, 2) == 3.29
    assert round(by_term(found)["sequence"]["f"] ** 0.5, 2) == 1.30


def test_haemoglobin(tmp_path: Path) -> None:
    """F of the treatment 2.86 and of a carry-over 4.57, each with 1 and 12 df. Two scores of a person are less alike here than
    chance would have them, which a random intercept cannot be; the note says what can."""
    notes = crossover(tmp_path, HAEMOGLOBIN)["notes"]
    assert any("--random none --covariance compound-symmetry" in note for note in notes)
    found = crossover(tmp_path, HAEMOGLOBIN, "--random", "none", "--covariance", "compound-symmetry")
    for term, f in (("arm", 2.86), ("sequence", 4.57)):
        assert round(by_term(found)[term]["f"], 2) == f
        assert by_term(found)[term]["denominator_df"] == pytest.approx(12)


@pytest.mark.parametrize("method", ["ttest", "mixed"])
def test_sleep(tmp_path: Path, method: str) -> None:
    """t = 4.0621 with 9 df, p = 0.002833, 95% interval 0.7001142 to 2.4598858: as R prints them."""
    file = tmp_path / "sleep.csv"
    rows = [f"{i},{drug},{both[drug - 1]}" for i, both in enumerate(SLEEP) for drug in (1, 2)]
    file.write_text("\n".join(["id,drug,extra", *rows]))
    roles = shlex.split(
        "--id id --visit none --arm drug --control 1 --outcome extra --baseline none --method"
    )
    (line,) = told(["analyse", str(file), *roles, method])["estimates"]
    assert line["estimate"] / line["se"] == pytest.approx(4.0621, abs=5e-5)
    assert line["p"] == pytest.approx(0.002833, abs=5e-7)
    assert (line["ci_low"], line["ci_high"]) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)
